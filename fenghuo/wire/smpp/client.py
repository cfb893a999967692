"""The ESME's end of a line: what the sender drives."""

from dataclasses import dataclass

from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.batch import encode_resps
from fenghuo.wire.smpp.decoder import decode, message_at
from fenghuo.wire.smpp.events import (
    REFUSED,
    Bound,
    Event,
    Mo,
    Reports,
    StrayResps,
    SubmitResps,
    Unreadable,
)
from fenghuo.wire.smpp.layout import HEADER, SC_INTERFACE_VERSION
from fenghuo.wire.smpp.pdus import Bind, BindResp
from fenghuo.wire.smpp.receipts import is_receipt, report_runs
from fenghuo.wire.smpp.session import BINDING, BOUND, NEW, Limits, Session
from fenghuo.wire.smpp.shapes import Shape, shape_of
from fenghuo.wire.stream import ProtocolError, Run


@dataclass(frozen=True, slots=True)
class Login:
    """An account at a gateway. `command` says whether this connection transmits, receives or does both."""

    system_id: str
    password: str
    system_type: str = ""
    command: int = at.BIND_TRANSCEIVER

    def __repr__(self) -> str:
        return f"Login(system_id={self.system_id!r})"  # the password stays out of logs


class ClientSession(Session):
    """A bind, then submits through the window; receipts and messages come as runs and are acknowledged by the owner."""

    def __init__(self, login: Login, limits: Limits | None = None, *, now: float, first_sequence: int = 1) -> None:
        super().__init__(limits or Limits(), now, first_sequence)
        self.login = login

    def connect(self, now: float) -> None:
        """Asks to log in, once; `Bound` or `Closed` follows. Raises ProtocolError for a login that SMPP cannot carry."""
        if self.state != NEW:
            raise ProtocolError("state", f"the session is {self.state}, not new", "会话已使用过，不能再次登录")
        login = self.login
        bind = Bind(self._sequence(), login.command, login.system_id, login.password, login.system_type, at.VERSION)
        self._ask(bind, now, 1)
        self.state = BINDING

    def acknowledge(self, run: Run, status: int = at.OK) -> None:
        """Answers messages once they are durable. On a session that has ended it does nothing: the gateway asks again."""
        if self.state != "closed":
            self._out.append(encode_resps(run, status))

    def _special(self, run: Run, events: list[Event]) -> None:
        command = run.command
        if command in at.BIND_RESPS:
            self._answered_login(run, events)
        elif command == at.GENERIC_NACK and self.state == BINDING:
            _, _, status, _ = HEADER.unpack_from(run.data)
            events.append(self._close(REFUSED, status=status))
        elif not self._logged_in:
            if command in (at.DELIVER_SM, at.SUBMIT_SM_RESP, at.DATA_SM):
                raise self._unexpected(run)
            self._unserved(run, events)
        elif command in (at.SUBMIT_SM_RESP, at.GENERIC_NACK):
            awaited, strays = self.window.answered(run)
            events += [SubmitResps(part) for part in awaited]
            events += [StrayResps(part) for part in strays]
        elif command in (at.DELIVER_SM, at.DATA_SM):
            self._delivered(run, events)
        else:
            self._unserved(run, events)

    def _answered_login(self, run: Run, events: list[Event]) -> None:
        if self.state == NEW:
            raise self._unexpected(run)
        if self.state != BINDING:
            return  # one too many, or one after our good-bye
        answer = _bind_answer(run)
        for asked in at.BINDS:
            self._asked.pop(asked, None)
        if answer.status != at.OK:
            events.append(self._close(REFUSED, status=answer.status))
            return
        self.state = BOUND
        version = answer.tlvs.get(SC_INTERFACE_VERSION, b"\0")
        events.append(Bound(answer.system_id, int.from_bytes(version[:1], "big")))

    def _delivered(self, run: Run, events: list[Event]) -> None:
        try:
            shape = shape_of(run.data, 0, run.stride, run.command)
        except ProtocolError as wrong:
            events.append(Unreadable(run, wrong))
            return
        if not is_receipt(run.data[shape.esm_at], shape):
            events += [self._message(run.part(k, k + 1), shape) for k in range(run.frames)]
            return
        for part, layout in report_runs(run, shape):
            events.append(Unreadable(part, layout) if isinstance(layout, ProtocolError) else Reports(part, layout))

    @staticmethod
    def _message(run: Run, shape: Shape) -> Mo:
        _, command, status, sequence = HEADER.unpack_from(run.data)
        return Mo(run, message_at(run.data, shape, command, status, sequence))


def _bind_answer(run: Run) -> BindResp:
    """Its status tells; of a body cut short nothing is taken."""
    try:
        answer = decode(run.frame(0))
    except ProtocolError:
        _, command, status, sequence = HEADER.unpack_from(run.data)
        return BindResp(sequence, command, status, "")
    assert isinstance(answer, BindResp)
    return answer
