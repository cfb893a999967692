"""An SMPP line without a socket: ids, numbers, words and verdicts as columns; two connections as one line."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fenghuo.delivery.gateways import digits
from fenghuo.delivery.gateways.ids import numbered
from fenghuo.delivery.gateways.line import (
    DELIVERED,
    FAILED,
    REFUSED,
    RETRY,
    TAKEN,
    UNDER_WAY,
    Alive,
    Answers,
    Ended,
    Ready,
    Receipts,
    Said,
)
from fenghuo.delivery.gateways.smpp import Smpp
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at
from tests.delivery.makers import TEXT, smpp_gateway
from tests.wire.smpp.makers import message as message_in
from tests.wire.smpp.makers import receipt, receipt_text

NUMBERS = np.arange(10012300000, 10012300006).astype(np.uint64)


def rows(texts: list[bytes]):
    width = max(map(len, texts), default=0) + 1
    return np.frombuffer(b"".join(text.ljust(width, b"\0") for text in texts), dtype=np.uint8).reshape(
        len(texts), width
    )


def line(**changes) -> Smpp:
    made = Smpp(smpp_gateway(source_addr="fenghuo", **changes), b"exercise", Timers(), 0.0)
    made.login("0105142942", 0.0)
    for pipe in range(made.pipes):
        bind = smpp.decode(made.outgoing(pipe))
        assert isinstance(bind, smpp.Bind)
        values = made.receive(smpp.encode(smpp.BindResp(1, bind.command | at.RESPONSE, 0, "smsc")), 0.0, pipe)
        assert values == ([Ready(False)] if pipe == made.pipes - 1 else [])
    return made


class TestIds:
    def test_a_number_is_its_value_whatever_its_length(self):
        ids = rows([b"5", b"0005", b"1234567890123456789", b"00000000001234567890", b""])
        assert numbered(ids).tolist() == [5, 5, 1234567890123456789, 1234567890, 0]
        top = (1 << 64) - 1
        assert numbered(rows([b"%d" % top, b"00%d" % top])).tolist() == [top, top]
        too_much = numbered(rows([b"%d" % (top + 1), b"%d" % (top * 10), b"1" + b"0" * 16]), "decimal").tolist()
        assert too_much[0] != 0
        assert too_much[2] == 10**16
        assert len({*too_much, *numbered(rows([b"1" + b"0" * 16]), "hex").tolist()}) == 4
        assert numbered(rows([b"1F", b"001f", b"FFFFFFFFFFFFFFFF"]), "hex").tolist() == [31, 31, (1 << 64) - 1]

    def test_what_is_no_number_is_a_hash_that_tells_ids_apart(self):
        texts = [f"{k:08x}-{k * 7919:04x}".encode() for k in range(3000)] + [b"99999999999999999999", b"abc", b"abd"]
        found = numbered(rows(texts))
        assert len(set(found.tolist())) == len(texts)
        again = numbered(rows(texts[::-1]))
        assert (again[::-1] == found).all()
        assert numbered(rows([b"abc"])).tolist() == numbered(rows([b"abc", b"a longer one"]))[:1].tolist()

    @given(st.lists(st.binary(max_size=24).map(lambda raw: raw.replace(b"\0", b"")), min_size=1, max_size=20))
    def test_each_id_is_what_it_is_alone(self, texts):
        for notation in ("text", "decimal", "hex"):
            together = numbered(rows(texts), notation).tolist()
            assert together == [int(numbered(rows([text]), notation)[0]) for text in texts]

    @given(st.integers(0, (1 << 64) - 1))
    @example((1 << 64) - 1)
    @example(10**19)
    def test_hexadecimal_in_the_answer_meets_decimal_in_the_receipt(self, value):
        assert numbered(rows([b"%X" % value]), "hex") == numbered(rows([b"%d" % value]), "decimal")


class TestColumns:
    @given(st.lists(st.integers(10_000_000_000, 19_999_999_999), min_size=1, max_size=9), st.sampled_from([b"", b"86"]))
    def test_numbers_are_written_and_read(self, numbers, prefix):
        width = digits.DIGITS + len(prefix)
        block = digits.written(np.array(numbers, dtype=np.uint64), width, prefix)
        assert block == b"".join(prefix + b"%d" % number for number in numbers)
        fields = np.frombuffer(block, dtype=np.uint8).reshape(len(numbers), width)
        assert digits.addresses(fields).tolist() == numbers

    def test_what_is_no_mobile_number_is_zero(self):
        fields = rows([b"+8610012345678", b"8610012345678", b"10012345678", b"12379", b"1001234567x", b"100123456789"])
        assert digits.addresses(fields).tolist() == [10012345678] * 3 + [0] * 3
        assert digits.addresses(rows([b"12379"])).tolist() == [0]

    @pytest.mark.parametrize("width", [21, 32])
    @pytest.mark.parametrize("after", [b"", b"   ", b"\0left over"])
    @pytest.mark.parametrize(
        "written",
        [
            b"10012345678", b"8610012345678", b"+8610012345678", b"008610012345678", b"010012345678", b"+86 10012345678",
            b"+86-10012345678", b"86-10012345678", b"  10012345678", b"\0\0\0+8610012345678", b" 008610012345678",
        ],
    )  # fmt: skip
    def test_a_mobile_number_is_read_however_a_carrier_writes_it(self, written, after, width):
        fields = [(written + after).ljust(width, b"\0")[:width], written.rjust(width), written.rjust(width, b"\0")]
        for field in fields:
            assert digits.addresses(np.frombuffer(field, dtype=np.uint8).reshape(1, width)).tolist() == [10012345678]
        mixed = rows([b"10012345679", written + after, b"nobody", b"8610012345670"])
        assert digits.addresses(mixed).tolist() == [10012345679, 10012345678, 0, 10012345670]

    @pytest.mark.parametrize(
        "written",
        [
            b"", b"   ", b"12379", b"1001234567", b"100123456789", b"10012345678 9", b"100****5678", b"+110012345678",
            b"00110012345678", b"1001234 5678", b"86861001234567", b"0010012345678", b"+86", b"\xff" * 21, b"1001234567\x00",
            b"075512345678",
        ],
    )  # fmt: skip
    def test_what_could_be_another_number_is_none(self, written):
        assert digits.addresses(rows([written.ljust(21, b"\0")])).tolist() == [0]

    @given(st.lists(st.binary(max_size=32), min_size=1, max_size=20))
    def test_each_number_is_what_it_is_alone(self, fields):
        width = 32
        together = digits.addresses(
            np.frombuffer(b"".join(one.ljust(width, b"\0") for one in fields), np.uint8).reshape(-1, width)
        )
        alone = [
            digits.addresses(np.frombuffer(one.ljust(width, b"\0"), np.uint8).reshape(1, width))[0] for one in fields
        ]
        assert together.tolist() == alone

    def test_times_of_ten_twelve_and_fourteen_digits(self):
        def moment(text: bytes) -> int:
            return int(digits.moments(np.frombuffer(text, dtype=np.uint8).reshape(1, len(text)))[0])

        assert moment(b"2611221359") + 42 == moment(b"261122135942") == moment(b"20261122135942")
        assert (moment(b"2613221359"), moment(b"26112213x9"), moment(b"261122"), moment(b"7001010000")) == (0, 0, 0, 0)


class TestLine:
    def test_submits_go_to_one_number_each_with_every_segment_and_come_back_as_verdicts(self):
        made = line(dest_ton=1, validity=90)
        message = made.message(TEXT * 3, reference=0x1234, src_id="12379")
        tickets = made.reserve(2 * len(message))
        made.send(message, tickets, NUMBERS[:2], 1, None, 0.0)
        sent = [message_in(run.frame(k)) for run in smpp.Framer().feed(made.outgoing()) for k in range(run.frames)]
        assert [one.sequence for one in sent] == tickets.tolist()
        first = len(sent) // 2
        assert [one.destination for one in sent] == ["8610012300000"] * first + ["8610012300001"] * first
        assert {(one.destination_ton, one.validity_period, one.content[3]) for one in sent} == {
            (1, "000000013000000R", 0x34)
        }
        made.send(message, made.reserve(1), NUMBERS[:1], 1, 1, 0.0)
        alone = message_in(made.outgoing())
        assert alone.content == sent[1].content

        statuses = [at.OK, at.THROTTLED, at.QUEUE_FULL, at.INVALID_DESTINATION]
        raw = b"".join(
            smpp.encode(smpp.MessageResp(int(ticket), at.SUBMIT_SM_RESP, status, "77"))
            for ticket, status in zip(tickets, statuses, strict=False)
        )
        (answers,) = made.receive(raw, 0.0)
        assert isinstance(answers, Answers)
        assert answers.verdicts.tolist() == [TAKEN, RETRY, RETRY, REFUSED]
        assert (answers.results.tolist(), answers.ids[0]) == (statuses, 77)
        (nack,) = made.receive(smpp.encode(smpp.Bare(int(tickets[4]), at.GENERIC_NACK, 0)), 0.0)
        assert isinstance(nack, Answers)
        assert nack.verdicts.tolist() == [REFUSED]

    def test_receipts_of_one_run_are_one_value_with_codes_words_and_times(self):
        made = line(message_ids="hex_to_decimal")
        told = [("DELIVRD", "000"), ("UNDELIV", "045"), ("enroute", "000"), ("REJECTD", "000"), ("MK:0001", "001")]
        raw = b"".join(
            receipt(k, receipt_text(f"{k:010}", stat, err, "261122140001"), f"1001230000{k}")
            for k, (stat, err) in enumerate(told)
        )
        (value,) = made.receive(raw, 0.0)
        assert isinstance(value, Receipts)
        assert value.ids.tolist() == [0, 1, 2, 3, 4]
        assert value.addresses.tolist() == NUMBERS[:5].tolist()
        assert value.codes.tolist() == [DELIVERED, FAILED, UNDER_WAY, FAILED, FAILED]
        assert value.words.tolist() == [b"DELIVRD", b"UNDELIV:045", b"enroute", b"REJECTD", b"MK:0001:001"]
        assert set(value.done.tolist()) == {1795327201}
        assert made.outgoing() == b""
        made.acknowledge(value.token)
        assert made.outgoing() == b"".join(smpp.encode(smpp.MessageResp(k, at.DELIVER_SM_RESP)) for k in range(5))

    def test_parameters_outrank_the_text_and_addresses_may_be_the_wrong_way_round(self):
        made = line(message_ids="hex")
        tlvs = {at.RECEIPTED_MESSAGE_ID: b"1F\0", at.MESSAGE_STATE: b"\x08", at.NETWORK_ERROR_CODE: b"\x03\x01\x02"}
        (value,) = made.receive(receipt(1, receipt_text("20"), "12379", tlvs=tlvs), 0.0)
        assert isinstance(value, Receipts)
        assert (value.ids[0], value.codes[0], value.words[0], value.addresses[0]) == (31, FAILED, b"REJECTD:258", 0)
        swapped = smpp.Message(
            2, at.DELIVER_SM, "12379", "8610012300001", receipt_text("1F"), esm_class=4, data_coding=0
        )
        (value,) = made.receive(smpp.encode(swapped), 0.0)
        assert isinstance(value, Receipts)
        assert (value.ids[0], value.addresses[0]) == (31, 10012300001)

    def test_what_cannot_be_read_is_kept_and_does_not_come_again(self):
        made = line()
        (value,) = made.receive(receipt(9, b"nothing"), 0.0)
        assert isinstance(value, Said)
        assert (value.address, value.text.split(":")[0]) == ("", "receipt")
        made.acknowledge(value.token)
        assert made.outgoing() == smpp.encode(smpp.MessageResp(9, at.DELIVER_SM_RESP, 0x65))

    def test_receipts_in_ucs2_are_receipts_and_those_that_say_nothing_are_kept_as_they_came(self):
        made = line()
        texts = [
            receipt_text("0000000011"),
            b"nothing is said of any message here",
            receipt_text("0000000012", "UNDELIV", "045"),
        ]
        widest = max(map(len, texts))
        raw = [
            receipt(k, text.ljust(widest).decode().encode("utf-16-be"), f"1001230000{k}", data_coding=8)
            for k, text in enumerate(texts)
        ]
        first, unread, last = made.receive(b"".join(raw), 0.0)
        assert isinstance(first, Receipts)
        assert isinstance(last, Receipts)
        told = [(one.ids[0], one.addresses[0], one.codes[0], one.words[0]) for one in (first, last)]
        assert told == [(11, NUMBERS[0], DELIVERED, b"DELIVRD"), (12, NUMBERS[2], FAILED, b"UNDELIV:045")]
        assert isinstance(unread, Said)
        assert raw[1].hex() in unread.text
        for value in (first, unread, last):
            made.acknowledge(value.token)
        statuses = {0: 0, 1: 0x65, 2: 0}
        answers = [smpp.encode(smpp.MessageResp(k, at.DELIVER_SM_RESP, statuses[k])) for k in statuses]
        assert made.outgoing() == b"".join(answers)

    @pytest.mark.parametrize(
        "body", [b"", b"\0", b"\0\1\1" + b"1" * 13, b"\0" * 17], ids=["none", "one byte", "cut", "zeros"]
    )
    @pytest.mark.parametrize(("command", "told"), [(at.DELIVER_SM, at.DELIVER_SM_RESP), (at.DATA_SM, at.DATA_SM_RESP)])
    def test_a_delivery_cut_short_is_kept_as_it_came_and_the_line_goes_on(self, command, told, body):
        made = line()
        raw = at.HEADER.pack(at.HEADER_SIZE + len(body), command, 0, 9) + body
        (value,) = made.receive(raw + smpp.encode(smpp.Bare(10, at.ENQUIRE_LINK)), 0.0)
        assert isinstance(value, Said)
        made.acknowledge(value.token)
        answers = made.outgoing()
        assert smpp.encode(smpp.Bare(10, at.ENQUIRE_LINK_RESP)) in answers
        assert at.HEADER.pack(at.HEADER_SIZE + 1, told, 0 if value.address else 0x65, 9) in answers

    @pytest.mark.parametrize("body", [b"", b"smsc", b"sm\xff", b"smsc\0\x02", b"smsc\0\x02\x10\0\x09\x34", b"x" * 600])
    def test_a_login_is_told_by_its_status_however_its_body_is_cut(self, body):
        made = Smpp(smpp_gateway(source_addr="fenghuo"), b"exercise", Timers(), 0.0)
        made.login("0105142942", 0.0)
        raw = at.HEADER.pack(at.HEADER_SIZE + len(body), at.RESPONSE | at.BIND_TRANSCEIVER, at.OK, 1) + body
        assert made.receive(raw, 0.0) == [Ready(False)]

    @pytest.mark.parametrize(
        ("body", "named"),
        [(b"", 0), (b"\0", 0), (b"77", 77), (b"77\0\x04", 77), (b"77\0\x04\x27\0\x09\1", 77), (b"0" * 700 + b"77", 77)],
    )
    def test_an_answer_to_a_submit_is_told_by_its_status_however_its_body_is_cut(self, body, named):
        made = line()
        tickets = made.reserve(1)
        made.send(made.message("字", reference=1, src_id="12379"), tickets, NUMBERS[:1], 1, None, 0.0)
        raw = at.HEADER.pack(at.HEADER_SIZE + len(body), at.SUBMIT_SM_RESP, at.OK, int(tickets[0])) + body
        (answers,) = made.receive(raw, 0.0)
        assert isinstance(answers, Answers)
        assert (answers.tickets.tolist(), answers.verdicts.tolist()) == (tickets.tolist(), [TAKEN])
        assert answers.ids.tolist() == [named]

    @pytest.mark.parametrize("total", [0, 15, 67_500, 0x7FFF_FFFF, 0xFFFF_FFFF])
    def test_a_length_that_no_frame_can_have_ends_the_line(self, total):
        made = line()
        assert made.receive(at.HEADER.pack(total, at.DELIVER_SM, 0, 9) + bytes(64), 0.0) == [Ended("protocol", False)]

    def test_two_connections_are_one_line(self):
        made = line(bind="tx_rx")
        assert made.pipes == 2
        (value,) = made.receive(receipt(1), 0.0, 1)
        assert isinstance(value, Receipts)
        made.acknowledge(value.token)
        assert made.outgoing(0) == b""
        assert len(made.outgoing(1)) == 17
        made.beat(0.0)
        beats = [smpp.decode(made.outgoing(pipe)) for pipe in (0, 1)]
        assert [beat.command for beat in beats] == [at.ENQUIRE_LINK] * 2
        assert made.receive(smpp.encode(smpp.Bare(beats[1].sequence, at.ENQUIRE_LINK_RESP)), 0.0, 1) == [Alive()]
        assert made.lost(1) == [Ended("lost", False)]

    @pytest.mark.parametrize(
        ("status", "code", "permanent"),
        [
            (0x0E, "login_password", True),
            (0x0F, "login_system_id", True),
            (0x05, "login_already_bound", False),
            (0x58, "login_0x58", False),
        ],
    )
    def test_a_refused_bind_ends_it_with_a_name(self, status, code, permanent):
        made = Smpp(smpp_gateway(source_addr="fenghuo"), b"exercise", Timers(), 0.0)
        made.login("0105142942", 0.0)
        assert made.receive(smpp.encode(smpp.BindResp(1, 0x80000009, status)), 0.0) == [Ended(code, permanent)]

    def test_tickets_begin_again_at_one(self):
        made = line()
        made._submits._next = at.LAST_SEQUENCE
        assert made.reserve(3).tolist() == [at.LAST_SEQUENCE, 1, 2]
