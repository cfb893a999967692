"""What became of a message, however a vendor writes it; columns say what single receipts say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at
from fenghuo.wire.smpp.receipts import report_runs
from tests.wire.smpp.makers import message, receipt, receipt_text

VENDORS = [
    (
        b"id:0123456789 sub:001 dlvrd:001 submit date:2611221359 done date:2611221400 stat:DELIVRD err:000 text:Hello",
        ("0123456789", "DELIVRD", "", "2611221400"),
    ),
    (
        b"id:4C2F-9a sub:1 dlvrd:0 submit date:261122135901 done date:261122140002 stat:UNDELIV err:045 Text:id:9 stat:DELIVRD",
        ("4C2F-9a", "UNDELIV", "045", "261122140002"),
    ),
    (b"ID: 77 STAT: EXPIRED ERR: 12 DONE DATE: 2611221400", ("77", "EXPIRED", "12", "2611221400")),
    (b"id:77,stat:REJECTD,err:8f,done_date:2611221400", ("77", "REJECTD", "8f", "2611221400")),
    (b"id:5 done\x11date:2611221400 stat:DELIVRD", ("5", "DELIVRD", "", "2611221400")),
    (b"stat=DELIVRD id=abc-def", ("abc-def", "DELIVRD", "", "")),
    (b"id:5 submitdate:2611221359 donedate:2611221400 stat:ACCEPTD err:0", ("5", "ACCEPTD", "", "2611221400")),
    (b"id:5\tstat:MK:0001\nerr:000\0", ("5", "MK:0001", "", "")),
    (b"id:5 id:6 stat:DELIVRD stat:UNDELIV", ("5", "DELIVRD", "", "")),
]


@pytest.mark.parametrize(("content", "wanted"), VENDORS)
def test_however_a_vendor_writes_it(content, wanted):
    told = smpp.Receipt.decode(message(receipt(content=content)))
    assert (told.id, told.stat, told.error, told.done) == wanted
    assert told.destination == "10012345678"


def test_parameters_outrank_the_text():
    tlvs = {
        at.RECEIPTED_MESSAGE_ID: b"FF\0",
        at.MESSAGE_STATE: b"\x05",
        at.NETWORK_ERROR_CODE: b"\x03\x00\x2d",
    }
    told = smpp.Receipt.decode(message(receipt(content=receipt_text("AA", "DELIVRD"), tlvs=tlvs)))
    assert (told.id, told.stat, told.error) == ("FF", "UNDELIV", "45")
    alone = smpp.Receipt.decode(message(receipt(content=b"", tlvs=tlvs)))
    assert (alone.id, alone.stat, alone.error) == ("FF", "UNDELIV", "45")
    states = [smpp.Receipt.decode(message(receipt(tlvs={at.MESSAGE_STATE: bytes([k])}))).stat for k in range(11)]
    assert states[1:9] == ["ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"]
    assert states[10] == "UNKNOWN"


def in_ucs2(content: bytes, order: str = "utf-16-be") -> bytes:
    return content.decode("latin-1").encode(order)


@pytest.mark.parametrize("coding", [0, 8, 4])
@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
@pytest.mark.parametrize(("content", "wanted"), [one for one in VENDORS if len(one[0]) < 120])
def test_a_receipt_in_ucs2_says_the_same_whatever_coding_it_claims(content, wanted, order, coding):
    told = smpp.Receipt.decode(message(receipt(content=in_ucs2(content, order), data_coding=coding)))
    assert (told.id, told.stat, told.error, told.done) == wanted


@pytest.mark.parametrize("coding", [0, 1, 3, 4, 5, 8, 0xF0])
def test_single_bytes_are_read_whatever_coding_they_claim(coding):
    content, wanted = VENDORS[0]
    told = smpp.Receipt.decode(message(receipt(content=content, data_coding=coding)))
    assert (told.id, told.stat, told.error, told.done) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "id:77 stat:DELIVRD done date:2611221400 text:暴雨",
        "\ufeffid:77 stat:DELIVRD done date:2611221400",
        "回执 id:77 stat:DELIVRD done date:2611221400 错误",
    ],
)
def test_words_of_a_language_around_a_receipt_in_ucs2_do_not_hide_it(text):
    told = smpp.Receipt.decode(message(receipt(content=text.encode("utf-16-be"), data_coding=8)))
    assert (told.id, told.stat, told.done) == ("77", "DELIVRD", "2611221400")


def test_a_character_that_is_no_single_byte_is_no_part_of_an_id():
    told = smpp.Receipt.decode(message(receipt(content="id:7暴7 stat:DELIVRD".encode("utf-16-be"), data_coding=8)))
    assert told.id not in ("7", "77")


@pytest.mark.parametrize("header", [b"\x05\0\3\7\1\1", b"\x06\x08\4\0\7\1\1"])
@pytest.mark.parametrize("wide", [False, True])
def test_a_user_data_header_before_a_receipt_does_not_hide_it(header, wide):
    content = b"id:77 stat:DELIVRD done date:2611221400"
    esm_class = at.RECEIPT | at.UDHI
    raw = receipt(content=header + (in_ucs2(content) if wide else content), esm_class=esm_class, data_coding=8)
    told = smpp.Receipt.decode(message(raw))
    assert (told.id, told.stat, told.done) == ("77", "DELIVRD", "2611221400")


def test_parameters_alone_tell_all_also_beside_a_text_that_says_nothing():
    tlvs = {at.RECEIPTED_MESSAGE_ID: b"FF\0", at.MESSAGE_STATE: b"\x02"}
    for content in (b"", "已送达".encode("utf-16-be"), b"\xff" * 7):
        told = smpp.Receipt.decode(message(receipt(content=content, data_coding=8, tlvs=tlvs)))
        assert (told.id, told.stat, told.destination) == ("FF", "DELIVRD", "10012345678")


@pytest.mark.parametrize("content", [b"", b"hello", b"id: stat:", b"id:5", b"stat:DELIVRD", b"text:id:5 stat:DELIVRD"])
def test_a_receipt_that_names_no_message_or_no_outcome_is_refused(content):
    with pytest.raises(smpp.ProtocolError) as wrong:
        smpp.Receipt.decode(message(receipt(content=content)))
    assert wrong.value.code == "receipt"


def told_by_columns(stream: bytes) -> list[tuple[str, ...] | None]:
    """(id, stat, error, done, number) of every receipt in a stream, read through runs; None where it was refused."""
    found: list[tuple[str, ...] | None] = []
    for run in smpp.Framer().feed(stream):
        shape = smpp.shape_of(run.data, 0, run.stride, run.command)
        for part, layout in report_runs(run, shape):
            if isinstance(layout, smpp.ProtocolError):
                found += [None] * part.frames
                continue
            for k in range(part.frames):
                frame = part.frame(k)

                def cut(span: tuple[int, int], frame: bytes = frame) -> str:
                    return frame[span[0] : sum(span)].decode("latin-1")

                stat = smpp.STATES.get(frame[layout.state_at], "UNKNOWN") if layout.state_at else cut(layout.stat)
                network = int.from_bytes(frame[layout.network_at + 1 : layout.network_at + 3], "big")
                error = str(network) if layout.network_at else cut(layout.error)
                error = error if error.strip("0") else ""
                found.append((cut(layout.id), stat, error, cut(layout.done), cut(layout.destination)))
    return found


def told_singly(stream: bytes) -> list[tuple[str, ...] | None]:
    found: list[tuple[str, ...] | None] = []
    for run in smpp.Framer().feed(stream):
        for k in range(run.frames):
            try:
                one = smpp.Receipt.decode(message(run.frame(k)))
                found.append((one.id, one.stat, one.error, one.done, one.destination))
            except smpp.ProtocolError:
                found.append(None)
    return found


_ids = st.text(st.sampled_from("0123456789abcdef-"), min_size=0, max_size=6)
_stats = st.sampled_from(["DELIVRD", "UNDELIV", "EXPIRED", "MK:0001", ""])
_layouts = st.sampled_from(
    [
        "id:{id} stat:{stat} err:{err} text:{noise}",
        "id:{id} stat:{stat} err:{err} {noise}",
        "{noise} id:{id},stat:{stat},err:{err}",
        "stat:{stat} id:{id} done date:2611221400 text:id:1 stat:DELIVRD",
    ]
)
_noise = st.sampled_from(["aaaa", "id:3", "err:", "    ", "text", "ext:"])
_tlvs = st.sampled_from(
    [
        {},
        {at.RECEIPTED_MESSAGE_ID: b"A1B2\0"},
        {at.RECEIPTED_MESSAGE_ID: b"A1\0\0\0"},
        {at.MESSAGE_STATE: b"\x02"},
        {at.MESSAGE_STATE: b"\x05", at.NETWORK_ERROR_CODE: b"\x03\x01\x00"},
        {at.NETWORK_ERROR_CODE: b"\x03\x01"},
    ]
)


_codings = st.sampled_from(["ascii", "ascii", "utf-16-be", "utf-16-le"])
_headers = st.sampled_from([b"", b"", b"\x05\0\3\7\1\1", b"\x06\x08\4\0\7\1\1", b"\xff", b"\5"])


@given(
    st.lists(
        st.tuples(_layouts, _ids, _stats, st.sampled_from(["000", "045"]), _noise, _tlvs, _codings, _headers),
        max_size=12,
    ),
    st.sampled_from([0, 8]),
)
def test_columns_say_what_single_receipts_say(receipts, coding):
    stream = b"".join(
        receipt(
            k,
            header + layout.format(id=id_, stat=stat, err=err, noise=noise).encode(written),
            tlvs=tlvs,
            data_coding=coding,
            esm_class=at.RECEIPT | (at.UDHI if header else 0),
        )
        for k, (layout, id_, stat, err, noise, tlvs, written, header) in enumerate(receipts)
    )
    assert told_by_columns(stream) == told_singly(stream)


@pytest.mark.parametrize("wide", [False, True])
def test_a_thousand_alike_are_one_run_and_one_layout(wide):
    texts = [receipt_text(f"{k:010}", "DELIVRD" if k % 3 else "UNDELIV", f"{k % 7:03}") for k in range(1_000)]
    stream = b"".join(receipt(k, in_ucs2(text) if wide else text) for k, text in enumerate(texts))
    (run,) = smpp.Framer().feed(stream)
    shape = smpp.shape_of(run.data, 0, run.stride, run.command)
    ((part, layout),) = report_runs(run, shape)
    assert (part.frames, part.sequences()) == (run.frames, run.sequences())
    assert wide or part is run
    assert isinstance(layout, smpp.ReportLayout)
    assert part.column(*layout.id)[:20] == b"00000000000000000001"
