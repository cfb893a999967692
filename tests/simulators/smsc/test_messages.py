"""What becomes of messages: the record, the responses, the reports, and the contract."""

import asyncio
import json
from collections import Counter

import pytest

from fenghuo.wire import cmpp
from simulators.smsc import ROW, Account, Centre, Plan
from tests.simulators.smsc.sp import PREFIX, SAID, Sp, numbers, with_centre

BOTH = pytest.mark.parametrize("layout", [cmpp.V30, cmpp.V20], ids=["3.0", "2.0"])


@BOTH
def test_every_number_is_recorded_answered_and_reported_once(layout):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, layout=layout)
        first = sp.submit(numbers(130), batch=50)
        reports = await sp.reported(130)
        assert Counter(report.destination for report in reports) == Counter(numbers(130))
        assert {report.stat for report in reports} == {"DELIVRD"}
        assert len({report.msg_id for report in reports}) == 130
        by_number = {report.destination: report.msg_id for report in reports}
        for k in range(3):
            base, result = sp.results()[first + k]
            assert result == 0
            group = numbers(130)[50 * k : 50 * (k + 1)]
            assert [by_number[number] for number in group] == [cmpp.nth(base, index) for index in range(len(group))]
        rows = list(centre.record.rows())
        assert [row.number for row in rows] == numbers(130)
        assert {row.msg_id for row in rows} == {report.msg_id for report in reports}
        assert {(row.text, row.src_id, row.segment, row.segments) for row in rows} == {(PREFIX + SAID, "12379", 1, 1)}
        await sp.until(lambda: centre.summary()["reports_acknowledged"] == 130)
        assert centre.record.repeated() == 0

    with_centre(None, check)


def test_the_times_of_a_report_are_the_centre_s():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        before = centre.state.moment()
        sp.submit(numbers(1))
        (report,) = await sp.reported(1)
        after = centre.state.moment()
        assert f"{before:%y%m%d%H%M}" <= report.submit_time <= report.done_time <= f"{after:%y%m%d%H%M}"
        parts = cmpp.MsgId.unpack(report.msg_id)
        assert (parts.month, parts.day) in {(before.month, before.day), (after.month, after.day)}

    with_centre(None, check)


def test_every_segment_is_a_message_of_its_own():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(4), batch=2, said="险" * 150)
        reports = await sp.reported(12)
        assert Counter(report.destination for report in reports) == dict.fromkeys(numbers(4), 3)
        texts = dict.fromkeys(numbers(4), "")
        for row in centre.record.rows():
            texts[row.number] += row.text
            assert row.segments == 3
        assert set(texts.values()) == {PREFIX + "险" * 150}

    with_centre(None, check)


def test_packed_rows_say_what_rows_say():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(60), batch=50, said="险" * 80)
        await sp.answered(4)
        await sp.reported(120 - sum(not row.stat for row in centre.record.rows()))
        raw = b"".join(centre.record.packed_rows())
        told = []
        for msg_id, number, stat, segment, segments, line, model, at in ROW.iter_unpack(raw):
            content = centre.record.models[model].content
            plain = (number.rstrip(b"\0").decode(), stat.rstrip(b"\0").decode())
            told.append((msg_id, *plain, segment, segments, content, "12379", at, line))
        assert told == [tuple(row)[:9] for row in centre.record.rows()]
        assert {row.stat for row in centre.record.rows()} == {"DELIVRD", "UNDELIV", ""}

    with_centre(Plan(failing_ratio={"UNDELIV": 0.3}, lose_reports=0.2), check)


@pytest.mark.parametrize("word", ["UNDELIV", "MK:0001", "EXPIRED"])
def test_named_numbers_fail_with_their_word(word):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(5))
        told = {report.destination: report.stat for report in await sp.reported(5)}
        assert told == {**dict.fromkeys(numbers(5), "DELIVRD"), numbers(5)[3]: word}
        assert {row.number: row.stat for row in centre.record.rows()} == told

    with_centre(Plan(failing={numbers(5)[3]: word}), check)


def test_a_share_fails_and_the_same_seed_fails_the_same():
    async def once(centre: Centre) -> dict[str, str]:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(800), batch=99)
        told = {report.destination: report.stat for report in await sp.reported(800)}
        assert {row.number: row.stat for row in centre.record.rows()} == told
        return told

    ratios = {"UNDELIV": 0.1, "MK:0001": 0.05}
    one, two, other = (with_centre(Plan(seed=seed, failing_ratio=ratios), once) for seed in (1, 1, 2))
    assert one == two != other
    counted = Counter(one.values())
    assert 40 < counted["UNDELIV"] < 130
    assert 15 < counted["MK:0001"] < 75


@pytest.mark.parametrize("bad", ["10000000002", "1000000x002", "一"])
def test_one_bad_number_refuses_its_whole_submit_and_no_other(bad):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sent = numbers(9)
        sent[2] = bad if bad != "一" else "100-0000002"
        first = sp.submit(sent, batch=3)
        results = await sp.answered(3)
        assert [results[first + k][1] for k in range(3)] == [13, 0, 0]
        assert sorted(report.destination for report in await sp.reported(6)) == sent[3:]
        assert centre.summary()["refused"] == {"13": 3}
        assert {row.number for row in centre.record.rows()} == set(sent[3:])

    with_centre(Plan(bad_numbers=frozenset({"10000000002"})), check)


def test_a_submit_with_n_numbers_counts_n_towards_the_rate():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        first = sp.submit(numbers(160), batch=10)
        results = await sp.answered(16)
        assert [results[first + k][1] for k in range(16)] == [0] * 5 + [8] * 11
        assert centre.summary()["refused"] == {"8": 110}
        await asyncio.sleep(0.5)
        first = sp.submit(numbers(160), batch=10)
        results = await sp.answered(32)
        again = [results[first + k][1] for k in range(16)]
        assert again in ([0] * 2 + [8] * 14, [0] * 3 + [8] * 13)
        summary = centre.summary()
        assert sum(summary["offered_by_second"].values()) == 320
        assert sum(summary["accepted_by_second"].values()) == summary["accepted"]

    with_centre(Plan(accounts=(Account(rate=50),)), check)


def test_the_window_of_the_contract_is_watched():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, limits=cmpp.Limits(window=32))
        first = sp.submit(numbers(20), batch=1)
        results = await sp.answered(20)
        assert [results[first + k][1] for k in range(20)] == [0] * 16 + [8] * 4
        summary = centre.summary()
        assert summary["window_exceeded"] == 4
        assert summary["peak_unanswered"] == 20

    with_centre(Plan(accounts=(Account(window=16),), response_delay=(0.1, 0.1)), check)


@pytest.mark.parametrize(
    ("made", "result"),
    [
        ({"sp_id": "900002"}, 11),
        ({"src_id": "10086"}, 10),
        ({"content": b"x" * 141}, 6),
        ({"destinations": tuple(numbers(100))}, 1),
        ({}, 0),
    ],
)
def test_fields_that_the_contract_forbids_are_refused(made, result):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        base = {"sequence": 9, "destinations": ("10000000001",), "content": b"x", "sp_id": "900001", "src_id": "12379"}
        first = sp.session.reserve(1)
        frame = cmpp.encode(cmpp.Submit(**{**base, **made, "sequence": first}), cmpp.V30)
        sp.session.send(first, 1, frame, sp.loop.time())
        sp.flush()
        assert (await sp.answered(1))[first][1] == result

    with_centre(Plan(accounts=(Account(src_prefix="12379"),)), check)


def test_a_submit_that_contradicts_itself_is_refused_and_the_line_stays():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        first = sp.session.reserve(2)
        good = cmpp.encode(cmpp.Submit(first + 1, ("10000000001",), b"x", "900001", "12379"), cmpp.V30)
        bad = bytearray(cmpp.encode(cmpp.Submit(first, ("10000000001",), b"x", "900001", "12379"), cmpp.V30))
        bad[140] = 7
        sp.session.send(first, 2, bytes(bad) + good, sp.loop.time())
        sp.flush()
        results = await sp.answered(2)
        assert (results[first][1], results[first + 1][1]) == (4, 0)

    with_centre(None, check)


def test_no_report_where_none_was_asked_for():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        first = sp.session.reserve(1)
        frame = cmpp.encode(
            cmpp.Submit(first, ("10000000001",), b"x", "900001", "12379", registered_delivery=0), cmpp.V30
        )
        sp.session.send(first, 1, frame, sp.loop.time())
        sp.flush()
        await sp.answered(1)
        sp.submit(["10000000002"])
        assert [report.destination for report in await sp.reported(1)] == ["10000000002"]

    with_centre(None, check)


def test_a_number_that_got_the_same_text_twice_shows():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(10))
        sp.submit(numbers(3))
        sp.submit(numbers(3), said="已解除。")
        await sp.reported(16)
        assert centre.record.repeated() == 3
        assert centre.record.recipients == 16

    with_centre(None, check)


def test_questions_about_the_day():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(7))
        await sp.reported(7)
        sp.session.query("20241105")
        sp.session.cancel(5)
        sp.flush()
        await sp.until(lambda: len(sp.of(cmpp.Answered)) == 2)
        totals, cancelled = (event.pdu for event in sp.of(cmpp.Answered))
        assert isinstance(totals, cmpp.QueryResp)
        assert (totals.mt_messages, totals.mt_success, totals.mt_failed) == (7, 7, 0)
        assert isinstance(cancelled, cmpp.CancelResp)
        assert cancelled.success_id == 1

    with_centre(None, check)


@BOTH
@pytest.mark.parametrize("body", [60, 71])
def test_reports_of_either_length_come_in_either_version(layout, body):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, layout=layout)
        sp.submit(numbers(3))
        assert [report.destination for report in await sp.reported(3)] == numbers(3)
        assert {event.layout.body for event in sp.of(cmpp.Reports)} == {body}

    with_centre(Plan(report_body=body), check)


def test_a_gateway_may_report_every_number_under_the_first_id():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        first = sp.submit(numbers(6), batch=3)
        reports = await sp.reported(6)
        bases = [sp.results()[first][0]] * 3 + [sp.results()[first + 1][0]] * 3
        assert [report.msg_id for report in reports] == bases

    with_centre(Plan(report_ids="first"), check)


def test_summary_is_json():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(2))
        await sp.reported(2)
        assert json.loads(json.dumps(centre.summary()))["accepted"] == 2

    with_centre(None, check)
