"""The SP's end of a line: what the sender drives."""

from dataclasses import dataclass

from fenghuo.wire.cmpp import layout as at
from fenghuo.wire.cmpp.authentication import answer_is_authentic, authenticator_source
from fenghuo.wire.cmpp.batch import encode_deliver_resps
from fenghuo.wire.cmpp.decoder import decode, deliver_shape
from fenghuo.wire.cmpp.events import (
    REFUSED,
    UNPROVEN,
    VERSION,
    Answered,
    Bound,
    Event,
    Mo,
    Reports,
    StrayResps,
    SubmitResps,
    Unreadable,
)
from fenghuo.wire.cmpp.layout import V30, Layout
from fenghuo.wire.cmpp.pdus import Cancel, Connect, ConnectResp, Deliver, Query
from fenghuo.wire.cmpp.session import BOUND, CONNECTING, NEW, Limits, Session
from fenghuo.wire.stream import ProtocolError, Run, length_error


@dataclass(frozen=True, slots=True)
class Login:
    """An account at a gateway. `proof_required` refuses a gateway that cannot prove the secret (many real ones cannot)."""

    sp_id: str
    secret: bytes
    proof_required: bool = False

    def __repr__(self) -> str:
        return f"Login(sp_id={self.sp_id!r})"  # the secret stays out of logs


class ClientSession(Session):
    """CONNECT, then SUBMITs through the window; reports and messages come as runs and are acknowledged by the owner."""

    def __init__(
        self,
        login: Login,
        limits: Limits | None = None,
        *,
        now: float,
        layout: Layout = V30,
        first_sequence: int = 1,
    ) -> None:
        super().__init__(layout, limits or Limits(), now, first_sequence)
        self.login = login
        self._source = b""

    def connect(self, stamp: str, now: float) -> None:
        """Asks to log in. `stamp` is the local time as MMDDHHMMSS; `Bound` or `Closed` follows."""
        if self.state != NEW:
            raise ProtocolError("state", f"the session is {self.state}, not new", "会话已使用过，不能再次登录")
        self._source = authenticator_source(self.login.sp_id, self.login.secret, stamp)
        self.state = CONNECTING
        connect = Connect(self._sequence(), self.login.sp_id, self._source, self.layout.version, int(stamp))
        self._ask(at.CONNECT, connect, now)

    def acknowledge(self, run: Run, result: int = 0) -> None:
        """Answers DELIVERs once they are durable. On a session that has ended it does nothing: the gateway asks again."""
        if self.state != "closed":
            self._out.append(encode_deliver_resps(run, self.layout, result))

    def query(self, day: str, service: str = "") -> int:
        """Asks for the totals of a day (YYYYMMDD), of one service or of all; returns the Sequence_Id of the question."""
        sequence = self._sequence()
        self._put(Query(sequence, day, 1 if service else 0, service))
        return sequence

    def cancel(self, msg_id: int) -> int:
        """Asks the gateway to take a message back; returns the Sequence_Id of the question."""
        sequence = self._sequence()
        self._put(Cancel(sequence, msg_id))
        return sequence

    def _special(self, run: Run, events: list[Event]) -> None:
        if run.command == at.CONNECT_RESP:
            self._answered_login(run, events)
            return
        self._require_login(run)
        if run.command == at.SUBMIT_RESP:
            awaited, strays = self.window.answered(run)
            events += [SubmitResps(part) for part in awaited]
            events += [StrayResps(part) for part in strays]
        elif run.command == at.DELIVER:
            self._delivered(run, events)
        elif run.command in (at.QUERY_RESP, at.CANCEL_RESP):
            events += [Answered(decode(run.frame(k), self.layout)) for k in range(run.frames)]
        else:
            raise self._unexpected(run)

    def _answered_login(self, run: Run, events: list[Event]) -> None:
        if self.state == NEW:
            raise self._unexpected(run)
        if self.state != CONNECTING:
            return  # the answer to a repeated CONNECT
        answer = decode(run.frame(0), self.layout)
        assert isinstance(answer, ConnectResp)
        self._asked.pop(at.CONNECT, None)
        authentic = answer_is_authentic(answer, self._source, self.login.secret)
        if answer.status != 0:
            events.append(self._close(REFUSED, status=answer.status))
        elif answer.width != (4 if self.layout.result == 4 else 1):
            wrong = length_error("CMPP_CONNECT_RESP", run.stride, "33" if self.layout.result == 4 else "30")
            events.append(self._close(VERSION, error=wrong))
        elif self.login.proof_required and not authentic:
            events.append(self._close(UNPROVEN))
        else:
            self.state = BOUND
            events.append(Bound(answer.version, authentic))

    def _delivered(self, run: Run, events: list[Event]) -> None:
        try:
            registered, length = deliver_shape(run.data, self.layout, total=run.stride)
            if registered == 0:
                for k in range(run.frames):
                    deliver = decode(run.frame(k), self.layout)
                    assert isinstance(deliver, Deliver)
                    events.append(Mo(run.part(k, k + 1), deliver))
            elif registered == 1 and length in self.layout.reports:
                events.append(Reports(run, self.layout.reports[length]))
            else:
                raise length_error(f"status report ({registered})", length, "60 / 71")
        except ProtocolError as wrong:
            events.append(Unreadable(run, wrong))
