"""Where SUBMITs are taken in: contract, numbers, ids, record, and the faults that hit a response."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from fenghuo.wire.cmpp import Layout, Run, Submits, packed
from simulators.smsc.desk import ACCEPTED, Desk, bad_number
from simulators.smsc.mailing import mails
from simulators.smsc.state import State


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of SUBMITs is answered: one `result`, a packed column of Msg_Ids, `times` often, `delay` seconds later."""

    run: Run
    msg_ids: bytes
    result: int = ACCEPTED
    times: int = 1
    delay: float = 0.0
    fault: str = ""


class Counter:
    """Takes one batch of SUBMITs in at one moment."""

    def __init__(self, state: State, desk: Desk, line: int, now: float) -> None:
        self.state = state
        self.desk = desk
        self.line = line
        self.now = now
        self.moment: datetime = state.moment()

    def outcomes(self, event: Submits, layout: Layout) -> Iterator[Outcome]:
        """The answers in order. What is answered with ACCEPTED is in the record before it is yielded."""
        each, figures = event.destinations, self.state.figures
        figures.offered_by_second[int(self.moment.timestamp())] += event.run.frames * each
        step = 1 if self.state.plan.by_frame else event.run.frames
        for start in range(0, event.run.frames, step):
            part = event.run.part(start, start + step) if step < event.run.frames else event.run
            figures.submits += part.frames
            fault = self._fault(figures.submits) if step == 1 else ""
            if fault == "drop_before":
                yield Outcome(part, b"", fault=fault)
                return
            for outcome in self._judged(part, each, layout):
                yield replace(outcome, fault=fault) if fault else outcome

    def _fault(self, position: int) -> str:
        plan = self.state.plan
        places = {
            "drop_before": plan.drop_before,
            "drop_after": plan.drop_after,
            "mute": plan.mute_at,
            "bad_length": plan.bad_length_at,
            "garbage": plan.garbage_at,
            "terminate": plan.terminate_at,
        }
        return next((name for name, where in places.items() if position in where), "")

    def _judged(self, run: Run, each: int, layout: Layout) -> Iterator[Outcome]:
        window, figures = self.desk.account.window, self.state.figures
        if window and self.desk.unanswered + run.frames > window:
            room = max(0, window - self.desk.unanswered)
            figures.window_exceeded += run.frames - room
            if room:
                yield from self._judged(run.part(0, room), each, layout)
            yield self._refuse(run.part(room, run.frames), each, self.desk.results.flow)
            return
        for model, part in self.state.record.groups(run, layout, each):
            forced = self.state.plan.results.get(figures.submits, 0) if run.frames == 1 else 0
            result = forced or self.desk.judge(self.state.record.models[model], each)
            if result:
                yield self._refuse(part, each, result)
            else:
                yield from self._numbers_checked(part, each, layout, model)

    def _numbers_checked(self, run: Run, each: int, layout: Layout, model: int) -> Iterator[Outcome]:
        width = each * layout.terminal
        blocks = [run.data[k : k + width] for k in range(layout.destinations_at, len(run.data), run.stride)]
        bad = self.state.bad
        if not bad_number(b"".join(blocks), layout.terminal, bad):
            yield from self._rated(run, each, layout, model)
            return
        start = 0
        for index, block in enumerate(blocks):
            if bad_number(block, layout.terminal, bad):
                if start < index:
                    yield from self._rated(run.part(start, index), each, layout, model)
                yield self._refuse(run.part(index, index + 1), each, self.desk.results.number)
                start = index + 1
        if start < run.frames:
            yield from self._rated(run.part(start, run.frames), each, layout, model)

    def _rated(self, run: Run, each: int, layout: Layout, model: int) -> Iterator[Outcome]:
        let = self.desk.admit(run.frames, each, self.now)
        if let:
            yield from self._accept(run.part(0, let) if let < run.frames else run, each, layout, model)
        if let < run.frames:
            yield self._refuse(run.part(let, run.frames), each, self.desk.results.flow)

    def _accept(self, run: Run, each: int, layout: Layout, model: int) -> Iterator[Outcome]:
        state, at = self.state, self.moment.timestamp()
        ids = state.ids.take(run.frames * each, self.moment)
        chunk = state.record.accept(run, layout, each, model, ids, fate=state.fate, at=at, line=self.line)
        state.figures.accepted += chunk.count
        state.figures.accepted_by_second[int(at)] += chunk.count
        wait = state.delay(state.plan.response_delay)
        due = self.now + state.delay(state.plan.report_delay) + (0 if state.plan.early_reports else wait)
        submit = state.record.models[model]
        if submit.registered_delivery == 1:
            words = chunk.final_words()
            state.figures.reports_lost += words.count("") if words else 0
            for mail, later in mails(chunk, submit, each):
                self.desk.outbox.put(mail, due + later, self.now)
        times = self._times(chunk.numbers()[0], ids[0]) if state.plan.by_frame else 1
        yield Outcome(run, packed(ids[::each], "Q"), delay=wait, times=times)

    def _times(self, number: bytes, msg_id: int) -> int:
        fate, plan = self.state.fate, self.state.plan
        if plan.lose_responses and fate.draw("lose_response", number, msg_id) < plan.lose_responses:
            self.state.figures.responses_lost += 1
            return 0
        twice = plan.duplicate_responses and fate.draw("duplicate_response", number, msg_id) < plan.duplicate_responses
        return 2 if twice else 1

    def _refuse(self, run: Run, each: int, result: int) -> Outcome:
        self.state.figures.refused[result] += run.frames * each
        return Outcome(run, bytes(8 * run.frames), result, delay=self.state.delay(self.state.plan.response_delay))
