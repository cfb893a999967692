"""The gateway's end of a line: what the simulator drives."""

from fenghuo.wire.cmpp import layout as at
from fenghuo.wire.cmpp.authentication import authenticator_ismg
from fenghuo.wire.cmpp.batch import encode_submit_resps
from fenghuo.wire.cmpp.decoder import decode, submit_shape
from fenghuo.wire.cmpp.encoder import encode
from fenghuo.wire.cmpp.events import (
    REFUSED,
    Answered,
    DeliverResps,
    Event,
    LoginAttempt,
    StrayResps,
    Submits,
    Unreadable,
)
from fenghuo.wire.cmpp.layout import LAYOUTS, V30
from fenghuo.wire.cmpp.pdus import CancelResp, Connect, ConnectResp, QueryResp
from fenghuo.wire.cmpp.session import BOUND, CONNECTING, NEW, Limits, Session
from fenghuo.wire.stream import ProtocolError, Run


class ServerSession(Session):
    """Waits for CONNECT; the owner judges it, answers SUBMITs and sends DELIVERs (`reserve`, `send`).

    With a window of 0 responses to DELIVERs are handed up unchecked and the owner keeps account.
    """

    def __init__(self, limits: Limits | None = None, *, now: float, first_sequence: int = 1) -> None:
        super().__init__(V30, limits or Limits(), now, first_sequence)

    @property
    def receives(self) -> bool:
        """Whether DELIVERs may be sent on this connection."""
        return self.state == BOUND

    def accept(self, connect: Connect, secret: bytes) -> None:
        """Lets the SP in, in the version it asked for (which must be one of `LAYOUTS`)."""
        layout = LAYOUTS.get(connect.version)
        if layout is None or self.state != CONNECTING:
            raise ProtocolError(
                "version", f"no layout for version {connect.version:#x}", f"不支持版本 {connect.version:#x}"
            )
        self.layout = self._framer.layout = layout
        self.state = BOUND
        digest = authenticator_ismg(0, connect.authenticator, secret, layout.result)
        self._put(ConnectResp(connect.sequence, 0, digest, layout.version, layout.result))

    def refuse(self, connect: Connect, status: int, version: int = V30.version) -> list[Event]:
        """Turns the SP away with CONNECT_RESP `status`; `version` is the highest we speak. Flush, then close."""
        width = 4 if connect.version >= V30.version else 1
        self._put(ConnectResp(connect.sequence, status, bytes(16), version, width))
        return [self._close(REFUSED, status=status)]

    def respond(self, run: Run, msg_ids: bytes, result: int = 0) -> None:
        """Answers a run of SUBMITs; `msg_ids` is a packed column of the first Msg_Id of each (8 bytes, big-endian)."""
        if self.state != "closed":
            self._out.append(encode_submit_resps(run, self.layout, msg_ids, result))

    def answer(self, pdu: QueryResp | CancelResp) -> None:
        """Answers a QUERY or CANCEL."""
        if self.state != "closed":
            self._out.append(encode(pdu, self.layout))

    def _special(self, run: Run, events: list[Event]) -> None:
        if run.command == at.CONNECT:
            self._asked_in(run, events)
            return
        self._require_login(run)
        if run.command == at.SUBMIT:
            try:
                destinations, content = submit_shape(run.data, self.layout, total=run.stride)
                events.append(Submits(run, destinations, content))
            except ProtocolError as wrong:
                events.append(Unreadable(run, wrong))
        elif run.command == at.DELIVER_RESP:
            self._acknowledged(run, events)
        elif run.command in (at.QUERY, at.CANCEL):
            events += [Answered(decode(run.frame(k), self.layout)) for k in range(run.frames)]
        else:
            raise self._unexpected(run)

    def _asked_in(self, run: Run, events: list[Event]) -> None:
        if self.state != NEW or run.frames > 1:
            raise self._unexpected(run)
        connect = decode(run.frame(0), self.layout)
        assert isinstance(connect, Connect)
        self.state = CONNECTING
        events.append(LoginAttempt(connect))

    def _acknowledged(self, run: Run, events: list[Event]) -> None:
        if not self.window.size:
            events.append(DeliverResps(run))
            return
        awaited, strays = self.window.answered(run)
        events += [DeliverResps(part) for part in awaited]
        events += [StrayResps(part) for part in strays]
