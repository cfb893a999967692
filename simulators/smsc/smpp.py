"""SMPP at the door, CMPP inside: a session that translates, so that record, fates, faults and receipts are the same for both.

Every SMPP submit becomes a SUBMIT to one number, every report a deliver_sm; columns are copied, not values.
"""

from collections.abc import Iterator

from fenghuo.wire import cmpp, smpp
from fenghuo.wire.cmpp import layout as cmpp_at
from fenghuo.wire.cmpp.layout import V30
from fenghuo.wire.smpp import layout as at
from fenghuo.wire.stream import ProtocolError, Run, gather, numbers, scatter, transfer
from simulators.smsc.desk import SMPP
from simulators.smsc.receipts import deliveries
from simulators.smsc.state import State

ALREADY_BOUND, INVALID_PASSWORD, INVALID_SYSTEM_ID = at.ALREADY_BOUND, at.INVALID_PASSWORD, at.INVALID_SYSTEM_ID
NAME = "fenghuo-smsc"
WIDTH = 20  # digits of the largest message id
INSIDE = V30
RESPONSE = INSIDE.response_size


class Session:
    """Looks like `cmpp.ServerSession` from inside."""

    layout = INSIDE

    def __init__(self, limits: cmpp.Limits, state: State, *, now: float) -> None:
        own = smpp.Limits(limits.window, limits.idle, limits.answer, limits.tries)
        self._session = smpp.ServerSession(own, now=now)
        self._state = state
        self._data: set[int] = set()  # sequences that came as data_sm, and are answered as such

    @property
    def state(self) -> str:
        """As the inner session says it."""
        return self._session.state

    @property
    def receives(self) -> bool:
        """Whether reports may be sent on this connection."""
        return self._session.receives

    # --- in --------------------------------------------------------------------------------------------------------
    def receive(self, data: bytes, now: float) -> list[cmpp.Event | smpp.BindAttempt]:
        """What came, as CMPP would say it; a bind as it is."""
        return [told for event in self._session.receive(data, now) for told in self._translated(event)]

    def tick(self, now: float) -> list[cmpp.Event | smpp.BindAttempt]:
        """What time alone brings."""
        return [told for event in self._session.tick(now) for told in self._translated(event)]

    def lost(self) -> None:
        """The connection is gone."""
        self._session.lost()

    def deadline(self) -> float | None:
        """When `tick` must be called next."""
        return self._session.deadline()

    def _translated(self, event: smpp.Event) -> Iterator[cmpp.Event | smpp.BindAttempt]:
        match event:
            case smpp.Submits(run, shape):
                yield from self._submits(run, shape)
            case smpp.DeliverResps(run):
                yield cmpp.DeliverResps(_answers(run))
            case smpp.BindAttempt():
                yield event
            case smpp.LinkTested():
                yield cmpp.LinkTested()
            case smpp.LinkAlive():
                yield cmpp.LinkAlive()
            case smpp.Unreadable(run, error):
                yield cmpp.Unreadable(_bare(run), error)
            case smpp.Closed(reason):
                yield cmpp.Closed(reason)
            case _:
                pass

    def _submits(self, run: Run, shape: smpp.Shape) -> Iterator[cmpp.Event]:
        if run.command == at.DATA_SM:
            self._data.update(run.sequences())
        elif self._data:
            self._data.difference_update(run.sequences())
        for part in _alike(run, shape):
            submit = smpp.decode(part.frame(0))
            assert isinstance(submit, smpp.Message)
            try:
                yield _as_submits(part, shape, submit)
            except ProtocolError:  # what no phone can be sent: too long a text, a number of forty digits
                status = SMPP.too_long if len(submit.content) > 255 else SMPP.number
                self._session.respond(part, b"", 0, status)

    # --- out -------------------------------------------------------------------------------------------------------
    def outgoing(self) -> bytes:
        """Everything to write now."""
        return self._session.outgoing()

    def accept(self, bind: smpp.Bind) -> None:
        """Lets the ESME in."""
        self._session.accept(bind, NAME)

    def refuse(self, bind: smpp.Bind, status: int) -> None:
        """Turns it away."""
        self._session.refuse(bind, status)

    def respond(self, run: Run, msg_ids: bytes, result: int = 0) -> None:
        """Answers SUBMITs as `cmpp.ServerSession` does."""
        if self._session.state == "closed":
            return
        header = bytearray(at.HEADER_SIZE * run.frames)
        transfer(header, at.HEADER_SIZE, at.SEQUENCE_AT, run, 8, 4)
        texts, width = (b"", 0) if result else ids_as_texts(msg_ids, self._state.plan.message_ids.split("_to_")[0])
        for command, first, last in self._asked_as(run):
            frames = bytes(header[at.HEADER_SIZE * first : at.HEADER_SIZE * last])
            asked = Run(command, at.HEADER_SIZE, last - first, frames, at.SEQUENCE_AT)
            self._session.respond(asked, texts[width * first : width * last], width, result)

    def _asked_as(self, run: Run) -> Iterator[tuple[int, int, int]]:
        """The command of each part of a run, with its first frame and the one after its last."""
        if not self._data:
            yield at.SUBMIT_SM, 0, run.frames
            return
        for place, sequence in enumerate(run.sequences()):
            yield at.DATA_SM if sequence in self._data else at.SUBMIT_SM, place, place + 1

    def reserve(self, count: int) -> int:
        """The first of so many sequence numbers."""
        return self._session.reserve(count)

    def send(self, first: int, count: int, frames: bytes, now: float) -> None:
        """Hands out DELIVERs, as deliver_sm."""
        self._session.send(first, count, deliveries(frames, count, self._state.plan), now)

    def terminate(self, now: float) -> None:
        """Says good-bye."""
        self._session.terminate(now)

    def test_link(self, now: float) -> None:
        """Asks whether the other side is there."""
        self._session.test_link(now)


def ids_as_texts(msg_ids: bytes, notation: str) -> tuple[bytes, int]:
    """A packed column of 8-byte ids as texts of one width."""
    if notation == "hex":
        return msg_ids.hex().upper().encode(), 16
    return b"".join([b"%020d" % one for one in numbers(msg_ids, "Q")]), WIDTH


def _alike(run: Run, shape: smpp.Shape) -> Iterator[Run]:
    """The parts of a run that differ in nothing but their numbers."""
    data, stride, start = run.data, run.stride, 0
    to, end = shape.destination[0], sum(shape.destination)
    opening, ending = data[16:to], data[end:stride]
    for place in range(stride, len(data), stride):
        if data[place + 16 : place + to] != opening or data[place + end : place + stride] != ending:
            yield run.part(start, place // stride)
            start = place // stride
            opening, ending = data[place + 16 : place + to], data[place + end : place + stride]
    yield run.part(start, run.frames)


def _as_submits(run: Run, shape: smpp.Shape, submit: smpp.Message) -> cmpp.Submits:
    place = smpp.words(submit)
    model = cmpp.Submit(
        sequence=0,
        destinations=("0",),
        content=submit.content,
        sp_id="",
        src_id=submit.source,
        pk_total=place.total,
        pk_number=place.number,
        registered_delivery=submit.registered_delivery & 1,
        service_id=submit.service_type,
        tp_pid=submit.protocol_id,
        tp_udhi=1 if submit.esm_class & at.UDHI else 0,
        msg_fmt=submit.data_coding,
        valid_time=submit.validity_period,
        at_time=submit.schedule_time,
    )
    begin, width = shape.destination
    if width > INSIDE.terminal:
        raise ProtocolError("destinations", "a number is too long", "号码过长")
    frame = cmpp.encode(model, INSIDE)
    stride = len(frame)
    frames = bytearray(frame * run.frames)
    transfer(frames, stride, 8, run, at.SEQUENCE_AT, 4)
    block = bytearray(INSIDE.terminal * run.frames)
    scatter(block, INSIDE.terminal, 0, gather(run.data, run.stride, begin, width), width)
    scatter(frames, stride, INSIDE.destinations_at, bytes(block), INSIDE.terminal)
    return cmpp.Submits(Run(cmpp_at.SUBMIT, stride, run.frames, bytes(frames)), 1, len(submit.content))


def _answers(run: Run) -> Run:
    """Responses to deliver_sm as DELIVER_RESPs: sequence at 8, Result at 20."""
    frames = bytearray(RESPONSE * run.frames)
    transfer(frames, RESPONSE, 8, run, at.SEQUENCE_AT, 4)
    transfer(frames, RESPONSE, 20, run, at.STATUS_AT, 4)
    return Run(cmpp_at.DELIVER_RESP, RESPONSE, run.frames, bytes(frames))


def _bare(run: Run) -> Run:
    """What cannot be read, as SUBMITs that have nothing but a sequence."""
    frames = bytearray(12 * run.frames)
    transfer(frames, 12, 8, run, at.SEQUENCE_AT, 4)
    return Run(cmpp_at.SUBMIT, 12, run.frames, bytes(frames))
