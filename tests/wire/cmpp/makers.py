"""Any PDU that the fields can hold, and lines between two sessions in memory."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from fenghuo.wire import cmpp, text

SECRET = b"exercise"
STAMP = "1105142942"

u8 = st.integers(0, 255)
u32 = st.integers(0, 0xFFFF_FFFF)
u64 = st.integers(0, (1 << 64) - 1)


def octets(width: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), min_size=least, max_size=width)


def digits(width: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=1, max_size=width)


def submits(layout: cmpp.Layout) -> st.SearchStrategy[cmpp.Submit]:
    typed = u8 if layout.typed else st.just(0)
    return st.builds(
        cmpp.Submit,
        sequence=u32,
        destinations=st.lists(octets(layout.terminal), min_size=1, max_size=99).map(tuple),
        content=st.binary(max_size=255),
        sp_id=octets(6),
        src_id=octets(21),
        msg_id=u64,
        pk_total=u8,
        pk_number=u8,
        registered_delivery=u8,
        msg_level=u8,
        service_id=octets(10),
        fee_user_type=u8,
        fee_terminal=octets(layout.terminal),
        fee_terminal_type=typed,
        tp_pid=u8,
        tp_udhi=u8,
        msg_fmt=u8,
        fee_type=octets(2),
        fee_code=octets(6),
        valid_time=octets(17),
        at_time=octets(17),
        dest_terminal_type=typed,
        link_id=octets(layout.reserve),
    )


def delivers(layout: cmpp.Layout) -> st.SearchStrategy[cmpp.Deliver]:
    return st.builds(
        cmpp.Deliver,
        sequence=u32,
        msg_id=u64,
        dest_id=octets(21),
        src_terminal=octets(layout.terminal),
        content=st.binary(max_size=255),
        service_id=octets(10),
        tp_pid=u8,
        tp_udhi=u8,
        msg_fmt=u8,
        src_terminal_type=u8 if layout.typed else st.just(0),
        registered_delivery=u8,
        link_id=octets(layout.reserve),
    )


def pdus(layout: cmpp.Layout) -> st.SearchStrategy[cmpp.Pdu]:
    result = st.integers(0, (1 << 8 * layout.result) - 1)
    digest = st.binary(min_size=16, max_size=16)
    status = st.one_of(st.tuples(u8, st.just(1)), st.tuples(u32, st.just(4)))
    return st.one_of(
        submits(layout),
        delivers(layout),
        st.builds(cmpp.SubmitResp, u32, u64, result),
        st.builds(cmpp.DeliverResp, u32, u64, result),
        st.builds(cmpp.Connect, u32, octets(6), digest, u8, u32),
        st.builds(lambda s, w, d, v: cmpp.ConnectResp(s, w[0], d, v, w[1]), u32, status, digest, u8),
        st.builds(lambda s, w: cmpp.CancelResp(s, *w), u32, status),
        st.builds(cmpp.Terminate, u32),
        st.builds(cmpp.TerminateResp, u32),
        st.builds(cmpp.ActiveTest, u32),
        st.builds(cmpp.ActiveTestResp, u32),
        st.builds(cmpp.Query, u32, octets(8), u8, octets(10), octets(8)),
        st.builds(cmpp.QueryResp, u32, octets(8), u8, octets(10), *[u32] * 8),
        st.builds(cmpp.Cancel, u32, u64),
    )


@dataclass
class Pair:
    """A client and a server with a perfect line between them; `now` is moved by the test."""

    limits: cmpp.Limits = field(default_factory=cmpp.Limits)
    layout: cmpp.Layout = cmpp.V30
    first_sequence: int = 1
    now: float = 1000.0

    def __post_init__(self) -> None:
        login = cmpp.Login("900001", SECRET)
        self.client = cmpp.ClientSession(
            login, self.limits, now=self.now, layout=self.layout, first_sequence=self.first_sequence
        )
        self.server = cmpp.ServerSession(self.limits, now=self.now)

    def to_server(self) -> list[cmpp.Event]:
        return self.server.receive(self.client.outgoing(), self.now)

    def to_client(self) -> list[cmpp.Event]:
        return self.client.receive(self.server.outgoing(), self.now)

    def bound(self) -> "Pair":
        self.client.connect(STAMP, self.now)
        (attempt,) = self.to_server()
        assert isinstance(attempt, cmpp.LoginAttempt)
        self.server.accept(attempt.connect, SECRET)
        assert self.to_client() == [cmpp.Bound(self.layout.version, True)]
        return self

    def submit(self, count: int, batch: int = 1) -> tuple[int, bytes]:
        """Reserves and sends SUBMITs to `count` numbers; returns the first Sequence_Id and the frames."""
        first = self.client.reserve(-(-count // batch))
        frames = template(self.layout).encode(first, block(count, self.layout), batch)
        self.client.send(first, -(-count // batch), frames, self.now)
        return first, frames


def template(layout: cmpp.Layout = cmpp.V30, said: str = "【下仓镇】暴雨红色预警") -> cmpp.SubmitTemplate:
    (made,) = cmpp.compile_submits(cmpp.Envelope("900001", "12379", "YJGB"), text.split(said, 1), layout)
    return made


def block(count: int, layout: cmpp.Layout = cmpp.V30) -> bytes:
    return cmpp.destinations((f"100{k:08d}" for k in range(count)), layout.terminal)


def report(sequence: int, layout: cmpp.Layout = cmpp.V30, width: int = 32, stat: str = "DELIVRD") -> bytes:
    body = cmpp.Report(sequence + 7, stat, "2411051429", "2411051430", f"100{sequence % 10**8:08d}").encode(width)
    return cmpp.encode(cmpp.Deliver(sequence, 5, "12379", "10000000001", body, registered_delivery=1), layout)


def submitted(frame: bytes, layout: cmpp.Layout = cmpp.V30) -> cmpp.Submit:
    """The SUBMIT in a frame."""
    pdu = cmpp.decode(frame, layout)
    assert isinstance(pdu, cmpp.Submit)
    return pdu
