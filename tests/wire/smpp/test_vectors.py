"""Golden bytes: the specification's own example, and frames laid out by hand from its tables (SMPP 3.4 Issue 1.2, chapter 4)."""

import pytest

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at

GOLDEN: dict[str, tuple[smpp.Pdu, str]] = {
    # chapter 3.2.3: the example of a bind_transmitter
    "bind_transmitter": (
        smpp.Bind(1, at.BIND_TRANSMITTER, "SMPP3TEST", "secret08", "SUBMIT1", 0x00, 1, 1, ""),
        "0000002F 00000002 00000000 00000001534D50503354455354 00 7365637265743038 00 5355424D495431 00 00 01 01 00",
    ),
    # table 4-8 and 5.3.2.25
    "bind_transceiver_resp": (
        smpp.BindResp(1, 0x80000009, 0, "SMSC", {at.SC_INTERFACE_VERSION: b"\x34"}),
        "0000001A 80000009 00000000 00000001 534D534300 0210 0001 34",
    ),
    "bind_refused": (smpp.BindResp(1, 0x80000009, 0x0E), "00000011 80000009 0000000E 00000001 00"),
    # table 4-10
    "submit_sm": (
        smpp.Message(
            2,
            at.SUBMIT_SM,
            "12379",
            "10012345678",
            bytes.fromhex("66B496E8"),  # 暴雨
            source_npi=1,
            destination_ton=1,
            destination_npi=1,
            validity_period="000000010000000R",
            registered_delivery=1,
        ),
        "00000045 00000004 00000000 00000002"
        "00 00 01 313233373900 01 01 313030313233343536373800 00 00 00 00"
        "30303030303030313030303030303052 00 01 00 08 00 04 66B496E8",
    ),
    # table 4-11
    "submit_sm_resp": (
        smpp.MessageResp(2, at.SUBMIT_SM_RESP, 0, "0A1B2C"),
        "00000017 80000004 00000000 00000002 30413142324300",
    ),
    # table 4-12, appendix B, 5.3.2.12, 5.3.2.35 and 5.3.2.31
    "deliver_sm with a receipt": (
        smpp.Message(
            3,
            at.DELIVER_SM,
            "10012345678",
            "12379",
            b"",
            source_ton=1,
            source_npi=1,
            esm_class=at.RECEIPT,
            data_coding=0,
            tlvs={
                at.RECEIPTED_MESSAGE_ID: b"0A1B2C\0",
                at.MESSAGE_STATE: b"\x05",
                at.NETWORK_ERROR_CODE: b"\x03\x00\x1b",
            },
        ),
        "00000048 00000005 00000000 00000003"
        "00 01 01 313030313233343536373800 00 00 313233373900 04 00 00 00 00 00 00 00 00 00"
        "001E 0007 30413142324300 0427 0001 05 0423 0003 03001B",
    ),
    "deliver_sm_resp": (smpp.MessageResp(3, at.DELIVER_SM_RESP), "00000011 80000005 00000000 00000003 00"),
    # table 4-15
    "data_sm": (
        smpp.Message(4, at.DATA_SM, "1", "2", b"\x66\xb4", data_coding=8),
        "00000022 00000103 00000000 00000004 00 0000 3100 0000 3200 00 00 08 0424 0002 66B4",
    ),
    "enquire_link": (smpp.Bare(5, at.ENQUIRE_LINK), "00000010 00000015 00000000 00000005"),
    "enquire_link_resp": (smpp.Bare(5, at.ENQUIRE_LINK_RESP), "00000010 80000015 00000000 00000005"),
    "unbind": (smpp.Bare(6, at.UNBIND), "00000010 00000006 00000000 00000006"),
    "unbind_resp": (smpp.Bare(6, at.UNBIND_RESP), "00000010 80000006 00000000 00000006"),
    "generic_nack": (smpp.Bare(7, at.GENERIC_NACK, 3), "00000010 80000000 00000003 00000007"),
    "query_sm": (
        smpp.Opaque(8, at.QUERY_SM, 0, b"0A\0\0\0\0"),
        "00000016 00000003 00000000 00000008 304100 00 00 00",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_bytes_both_ways(name: str) -> None:
    pdu, text = GOLDEN[name]
    raw = bytes.fromhex(text)
    assert smpp.encode(pdu).hex(" ") == raw.hex(" ")
    assert smpp.decode(raw) == pdu


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0000000F 00000015 00000000 000000", "length"),  # shorter than a header
        ("00000011 00000015 00000000 00000005", "length"),  # says one more than there is
        ("00000014 00000015 00000000 00000005 00000000", "length"),  # an enquire_link has no body
        ("00000010 00000099 00000000 00000005", "command"),
        ("00000018 00000021 00000000 00000005 0000000000000000", "unsupported"),  # submit_multi
        ("00000017 00000009 00000000 00000001 41414141414141", "string"),  # system_id without an end
        ("00000017 80000004 00000000 00000002 30413142324343", "string"),
        ("00000016 80000004 00000000 00000002 3000 02100001", "tlv"),  # a parameter longer than what is left
        ("00000014 80000004 00000000 00000002 3000 0210", "tlv"),
        ("00000021 00000004 00000000 00000002" + "00" * 16 + "05", "length"),  # sm_length 5 and nothing behind it
    ],
)
def test_what_contradicts_itself_is_a_protocol_error_with_its_code(text: str, code: str) -> None:
    with pytest.raises(smpp.ProtocolError) as wrong:
        smpp.decode(bytes.fromhex(text))
    assert wrong.value.code == code
    assert wrong.value.reason_en
    assert wrong.value.reason_zh


def test_a_refusal_need_not_have_a_body_nor_a_sound_one() -> None:
    assert smpp.decode(bytes.fromhex("00000010 80000004 00000058 00000002")) == smpp.MessageResp(
        2, at.SUBMIT_SM_RESP, 0x58
    )
    noisy = bytes.fromhex("00000013 80000009 0000000D 00000002 414141")
    assert smpp.decode(noisy) == smpp.BindResp(2, 0x80000009, 0x0D)
