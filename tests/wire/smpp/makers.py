"""Makers of SMPP values and frames, and both ends of a line in memory."""

from hypothesis import strategies as st

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at

DONE = "2611221359"


class Pair:
    """A client and a server, connected by nothing but the caller's hands; `now` is the time."""

    def __init__(self, limits: smpp.Limits | None = None, command: int = at.BIND_TRANSCEIVER, first: int = 1) -> None:
        self.now = 100.0
        login = smpp.Login("fenghuo", "exercise", "", command)
        self.client = smpp.ClientSession(login, limits, now=self.now, first_sequence=first)
        self.server = smpp.ServerSession(now=self.now)

    def to_server(self) -> list[smpp.Event]:
        return self.server.receive(self.client.outgoing(), self.now)

    def to_client(self) -> list[smpp.Event]:
        return self.client.receive(self.server.outgoing(), self.now)

    def bound(self) -> "Pair":
        self.client.connect(self.now)
        (attempt,) = self.to_server()
        assert isinstance(attempt, smpp.BindAttempt)
        self.server.accept(attempt.bind, "smsc")
        assert self.to_client() == [smpp.Bound("smsc", 0x34)]
        return self


def submit(**changes) -> smpp.Message:
    values = {
        "sequence": 7,
        "command": at.SUBMIT_SM,
        "source": "12379",
        "destination": "10012345678",
        "content": "暴雨".encode("utf-16-be"),
        "registered_delivery": 1,
    }
    return smpp.Message(**{**values, **changes})


def message(frame: bytes) -> smpp.Message:
    """The message in a frame that holds one."""
    decoded = smpp.decode(frame)
    assert isinstance(decoded, smpp.Message)
    return decoded


def receipt_text(id_: str = "0123456789", stat: str = "DELIVRD", err: str = "000", done: str = DONE) -> bytes:
    return (
        f"id:{id_} sub:001 dlvrd:001 submit date:{DONE} done date:{done} stat:{stat} err:{err} text:{'x' * 20}".encode()
    )


def receipt(sequence: int = 1, content: bytes | None = None, number: str = "10012345678", **changes) -> bytes:
    values = {"esm_class": at.RECEIPT, "data_coding": 0, **changes}
    content = receipt_text() if content is None else content
    return smpp.encode(smpp.Message(sequence, at.DELIVER_SM, number, "12379", content, **values))


_sequences = st.integers(0, 0xFFFF_FFFF)
_octet = st.integers(0, 255)
_latin = st.characters(min_codepoint=1, max_codepoint=255)


def _text(most: int) -> st.SearchStrategy[str]:
    return st.text(_latin, max_size=most - 1)


_tlvs = st.dictionaries(
    st.integers(0, 0xFFFF).filter(lambda tag: tag != at.MESSAGE_PAYLOAD), st.binary(max_size=20), max_size=3
)


def pdus() -> st.SearchStrategy[smpp.Pdu]:
    bind = st.builds(
        smpp.Bind,
        _sequences,
        st.sampled_from(at.BINDS),
        _text(16),
        _text(65),
        _text(13),
        _octet,
        _octet,
        _octet,
        _text(41),
    )
    bound = st.builds(smpp.BindResp, _sequences, st.sampled_from(at.BIND_RESPS), st.just(0), _text(16), _tlvs)
    bare = st.builds(
        smpp.Bare,
        _sequences,
        st.sampled_from([at.UNBIND, at.ENQUIRE_LINK, at.GENERIC_NACK, at.UNBIND_RESP]),
        _sequences,
    )
    long_form = st.builds(
        smpp.Message,
        sequence=_sequences,
        command=st.sampled_from([at.SUBMIT_SM, at.DELIVER_SM]),
        source=_text(21),
        destination=_text(21),
        content=st.binary(max_size=200) | st.binary(min_size=255, max_size=300),
        service_type=_text(6),
        source_ton=_octet,
        source_npi=_octet,
        destination_ton=_octet,
        destination_npi=_octet,
        esm_class=_octet,
        protocol_id=_octet,
        priority=_octet,
        schedule_time=_text(17),
        validity_period=_text(17),
        registered_delivery=_octet,
        replace_if_present=_octet,
        data_coding=_octet,
        default_message=_octet,
        tlvs=_tlvs,
        status=_sequences,
    )
    short_form = st.builds(
        smpp.Message,
        sequence=_sequences,
        command=st.just(at.DATA_SM),
        source=_text(65),
        destination=_text(65),
        content=st.binary(max_size=300),
        esm_class=_octet,
        registered_delivery=_octet,
        data_coding=_octet,
        tlvs=_tlvs,
    )
    answers = st.sampled_from([at.SUBMIT_SM_RESP, at.DELIVER_SM_RESP, at.DATA_SM_RESP])
    answer = st.builds(smpp.MessageResp, _sequences, answers, st.just(0), _text(65), _tlvs)
    return st.one_of(bind, bound, bare, long_form, short_form, answer)
