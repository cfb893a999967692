"""The gateway's end of a line: what the simulator drives."""

from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.batch import encode_submit_resps
from fenghuo.wire.smpp.decoder import decode
from fenghuo.wire.smpp.events import (
    REFUSED,
    BindAttempt,
    DeliverResps,
    Event,
    StrayResps,
    Submits,
    Unreadable,
    Unserved,
)
from fenghuo.wire.smpp.layout import RESPONSE, SC_INTERFACE_VERSION
from fenghuo.wire.smpp.pdus import Bind, BindResp
from fenghuo.wire.smpp.session import BINDING, BOUND, NEW, Limits, Session
from fenghuo.wire.smpp.shapes import shape_of
from fenghuo.wire.stream import ProtocolError, Run

VERSION = 0x34  # SMPP 3.4


class ServerSession(Session):
    """Waits for a bind; the owner judges it, answers submits and sends deliver_sm (`reserve`, `send`).

    With a window of 0 responses to deliver_sm are handed up unchecked and the owner keeps account.
    """

    def __init__(self, limits: Limits | None = None, *, now: float, first_sequence: int = 1) -> None:
        super().__init__(limits or Limits(), now, first_sequence)
        self.command = 0  # that of the bind, once there was one

    @property
    def receives(self) -> bool:
        """Whether the ESME takes deliver_sm on this connection."""
        return self.state == BOUND and self.command != at.BIND_TRANSMITTER

    def accept(self, bind: Bind, system_id: str) -> None:
        """Lets the ESME in, under the gateway's own name.

        Whatever version it speaks (5.2.4 reserves all above 0x34), it is told ours, 3.4, and may leave if that is too old; one of
        3.3 or earlier knows no optional parameters and is sent none (3.3).
        """
        if self.state != BINDING:
            raise ProtocolError("state", f"the session is {self.state}, not binding", "会话不在登录状态")
        self.state, self.command = BOUND, bind.command
        told = {SC_INTERFACE_VERSION: bytes((VERSION,))} if bind.interface_version >= VERSION else {}
        self._put(BindResp(bind.sequence, bind.command | RESPONSE, at.OK, system_id, told))

    def refuse(self, bind: Bind, status: int, system_id: str = "") -> list[Event]:
        """Turns the ESME away with this `status`. Flush, then close."""
        self._put(BindResp(bind.sequence, bind.command | RESPONSE, status, system_id))
        return [self._close(REFUSED, status=status)]

    def respond(self, run: Run, message_ids: bytes, width: int, status: int = at.OK) -> None:
        """Answers a run of submits; `message_ids` is a packed column of texts of `width` characters."""
        if self.state != "closed":
            self._out.append(encode_submit_resps(run, message_ids, width, status, run.command | RESPONSE))

    def _special(self, run: Run, events: list[Event]) -> None:
        command = run.command
        if command in at.BINDS:
            self._asked_in(run, events)
        elif not self._logged_in:
            self._before_bind(run, events)
        elif command in (at.SUBMIT_SM, at.DATA_SM):
            self._submitted(run, events)
        elif command in (at.DELIVER_SM_RESP, at.GENERIC_NACK):
            self._acknowledged(run, events)
        else:
            self._unserved(run, events)

    def _before_bind(self, run: Run, events: list[Event]) -> None:
        if run.command == at.DELIVER_SM_RESP:
            raise self._unexpected(run)
        if run.command in (at.SUBMIT_SM, at.DATA_SM):
            self.respond(run, b"", 0, at.WRONG_BIND_STATE)
            events.append(Unserved(run))
        else:
            self._unserved(run, events)

    def _asked_in(self, run: Run, events: list[Event]) -> None:
        if self.state != NEW or run.frames > 1:
            raise self._unexpected(run)
        bind = decode(run.frame(0))
        assert isinstance(bind, Bind)
        self.state = BINDING
        events.append(BindAttempt(bind))

    def _submitted(self, run: Run, events: list[Event]) -> None:
        if self.command == at.BIND_RECEIVER:
            self.respond(run, b"", 0, at.WRONG_BIND_STATE)
            return
        try:
            events.append(Submits(run, shape_of(run.data, 0, run.stride, run.command)))
        except ProtocolError as wrong:
            events.append(Unreadable(run, wrong))

    def _acknowledged(self, run: Run, events: list[Event]) -> None:
        if not self.window.size:
            events.append(DeliverResps(run))
            return
        awaited, strays = self.window.answered(run)
        events += [DeliverResps(part) for part in awaited]
        events += [StrayResps(part) for part in strays]
