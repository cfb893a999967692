"""Which status reports a chunk of accepted numbers gets, and when: the plan's faults of receipts, applied."""

from collections.abc import Sequence
from dataclasses import replace

from fenghuo.wire.cmpp import Submit, numbers
from simulators.smsc.fate import DELIVERED, OPPOSITE
from simulators.smsc.outbox import Reports
from simulators.smsc.record import Chunk


def mails(chunk: Chunk, model: Submit, per_frame: int) -> list[tuple[Reports, float]]:
    """The mails to send in this order, each with the seconds by which it comes later than a punctual one."""
    plan = chunk.fate.plan
    own = chunk.numbers() if plan.by_recipient or plan.failing or plan.failing_ratio else []
    everyone = Reports(
        chunk,
        model,
        range(chunk.count),
        words=chunk.fate.words(own) if own else None,
        body=plan.report_body,
        first_id=plan.report_ids == "first",
        per_frame=per_frame,
    )
    return _with_faults(everyone, own) if plan.by_recipient else [(everyone, 0.0)]


def _with_faults(everyone: Reports, own: Sequence[bytes]) -> list[tuple[Reports, float]]:
    chunk, fate, plan = everyone.chunk, everyone.chunk.fate, everyone.chunk.fate.plan
    ids = numbers(chunk.ids, "Q")
    lost = set(fate.chosen("lose", plan.lose_reports, own, ids))
    late = [index for index in fate.chosen("late", plan.late_reports, own, ids) if index not in lost]
    absent = lost.union(late)
    punctual = [index for index in range(chunk.count) if index not in absent]
    if plan.shuffle_reports:
        punctual.sort(key=lambda index: fate.draw("shuffle", own[index], ids[index]))
    under_way = fate.chosen("intermediate", plan.intermediate_reports, own, ids)
    twice = [index for index in fate.chosen("duplicate", plan.duplicate_reports, own, ids) if index not in lost]
    told = [
        (replace(everyone, indexes=under_way, word="ACCEPTD"), 0.0),
        (replace(everyone, indexes=punctual), 0.0),
        (replace(everyone, indexes=twice), 0.0),
        (replace(everyone, indexes=late), plan.late_by),
    ]
    for index in fate.chosen("contradict", plan.contradict_reports, own, ids):
        if index not in absent:
            word = everyone.words[index] if everyone.words else DELIVERED
            told.append((replace(everyone, indexes=[index], word=OPPOSITE.get(word, DELIVERED)), 0.0))
    return told
