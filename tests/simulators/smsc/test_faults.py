"""Fault H4: every fault of the plan does what it says, no more, and the record knows."""

import asyncio
from collections import Counter

import pytest

from fenghuo.wire import cmpp
from simulators.smsc import Centre, Plan
from tests.simulators.smsc.sp import Sp, numbers, with_centre


async def settled(sp: Sp) -> None:
    """Until nothing new has come for a while."""
    seen = -1
    while seen != len(sp.events):
        seen = len(sp.events)
        await asyncio.sleep(0.15)


def test_delays_hold_responses_and_reports_back():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        began = sp.loop.time()
        sp.submit(numbers(3))
        await sp.answered(1)
        assert sp.loop.time() - began >= 0.15
        assert not sp.reports()
        await sp.reported(3)
        assert 0.35 <= sp.loop.time() - began < 5

    with_centre(Plan(response_delay=(0.15, 0.2), report_delay=(0.2, 0.25)), check)


def test_random_delays_reorder_responses():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        for k in range(12):
            sp.submit([f"1000000{k:04d}"])
            await asyncio.sleep(0.002)
        results = await sp.answered(12)
        assert list(results) != sorted(results)

    with_centre(Plan(response_delay=(0.0, 0.2)), check)


def test_lost_reports_are_lost_and_recorded_as_lost():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(500), batch=50)
        await sp.answered(10)
        await settled(sp)
        told = {report.destination for report in sp.reports()}
        assert told == {row.number for row in centre.record.rows() if row.stat}
        assert 70 < 500 - len(told) < 180
        assert centre.summary()["reports_lost"] == 500 - len(told)

    with_centre(Plan(lose_reports=0.25), check)


def test_lost_responses_are_accepted_all_the_same():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, limits=cmpp.Limits(window=100))
        sp.submit(numbers(100), batch=1)
        await sp.reported(100)
        lost = centre.summary()["responses_lost"]
        assert 5 < lost < 40
        assert len(sp.results()) == 100 - lost
        assert len(sp.session.window.unanswered) == lost
        assert centre.record.recipients == 100

    with_centre(Plan(lose_responses=0.2), check)


def test_second_responses_come_as_strays():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        first = sp.submit(numbers(4), batch=1)
        await sp.until(lambda: sum(event.run.frames for event in sp.of(cmpp.StrayResps)) == 4)
        assert set(sp.results()) == {first + k for k in range(4)}

    with_centre(Plan(duplicate_responses=1.0), check)


def test_second_and_contradicting_and_intermediate_reports():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(3))
        reports = await sp.reported(12)
        for number in numbers(3):
            words = [report.stat for report in reports if report.destination == number]
            assert words == ["ACCEPTD", "DELIVRD", "DELIVRD", "UNDELIV"]
        assert {row.stat for row in centre.record.rows()} == {"DELIVRD"}

    with_centre(Plan(duplicate_reports=1.0, contradict_reports=1.0, intermediate_reports=1.0), check)


def test_a_lost_report_is_not_told_by_its_second():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(100))
        await sp.answered(2)
        await settled(sp)
        kept = {row.number for row in centre.record.rows() if row.stat}
        assert 20 < len(kept) < 80
        assert Counter(report.destination for report in sp.reports()) == dict.fromkeys(kept, 2)

    with_centre(Plan(lose_reports=0.5, duplicate_reports=1.0, late_reports=0.3, late_by=0.1), check)


def test_late_reports_come_late():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        began = sp.loop.time()
        sp.submit(numbers(200), batch=50)
        await sp.answered(4)
        await asyncio.sleep(0.1)
        punctual = len(sp.reports())
        assert 60 < punctual < 140
        reports = await sp.reported(200)
        assert sp.loop.time() - began >= 0.5
        assert Counter(report.destination for report in reports) == Counter(numbers(200))

    with_centre(Plan(late_reports=0.5, late_by=0.5), check)


def test_shuffled_reports_come_once_each():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(99), batch=99)
        order = [report.destination for report in await sp.reported(99)]
        assert order != numbers(99)
        assert sorted(order) == numbers(99)

    with_centre(Plan(shuffle_reports=True), check)


def test_early_reports_come_before_the_response():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(5))
        await sp.answered(1)
        kinds = [type(event) for event in sp.events]
        assert kinds == [cmpp.Bound, cmpp.Reports, cmpp.SubmitResps]

    with_centre(Plan(early_reports=True), check)


@pytest.mark.parametrize("nth", [1, 3, 16])
@pytest.mark.parametrize(("fault", "kept"), [("drop_before", 0), ("drop_after", 1)])
def test_a_drop_at_the_nth_submit_before_or_after_it_counts(nth, fault, kept):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(16), batch=1)
        await sp.until(lambda: sp.gone)
        assert [row.number for row in centre.record.rows()] == numbers(nth - 1 + kept)
        again = await Sp.to(centre.port)
        again.submit(numbers(3, 100))
        await again.until(lambda: {report.destination for report in again.reports()} >= set(numbers(3, 100)))

    with_centre(Plan.of({fault: [nth]}), check)


def test_reports_nobody_acknowledged_come_again_on_the_next_line_and_no_others():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.acknowledging = False
        sp.submit(numbers(30), batch=10)
        await sp.reported(30)
        raw = b"".join(event.run.data for event in sp.of(cmpp.Reports))
        whole = cmpp.Run(5, 180, 30, raw)
        for part in (whole.part(0, 7), whole.part(12, 13), whole.part(20, 25), whole.part(7, 8)):
            sp.session.acknowledge(part)
        sp.flush()
        await sp.until(lambda: centre.summary()["reports_acknowledged"] == 14)
        sp.transport.abort()
        again = await Sp.to(centre.port)
        reports = await again.reported(16)
        acknowledged = {0, 1, 2, 3, 4, 5, 6, 7, 12, 20, 21, 22, 23, 24}
        assert [report.destination for report in reports] == [
            number for k, number in enumerate(numbers(30)) if k not in acknowledged
        ]
        await again.until(lambda: centre.summary()["reports_acknowledged"] == 30)
        await settled(again)
        assert len(again.reports()) == 16

    with_centre(None, check)


def test_a_mute_line_stays_open_and_says_nothing():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, limits=cmpp.Limits(idle=0.1, answer=0.1, tries=3))
        sp.submit(numbers(4), batch=1)
        await sp.answered(1)
        ended: list[cmpp.Event] = []
        while not ended:
            await asyncio.sleep(0.02)
            ended = [event for event in sp.session.tick(sp.loop.time()) if isinstance(event, cmpp.Closed)]
            sp.flush()
            assert not sp.gone
        assert isinstance(ended[0], cmpp.Closed)
        assert ended[0].reason == "silence"

    with_centre(Plan(mute_at=frozenset({2})), check)


@pytest.mark.parametrize("fault", ["bad_length_at", "garbage_at"])
def test_noise_ends_the_session_as_a_breach_of_protocol(fault):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(6), batch=2)
        await sp.until(lambda: bool(sp.of(cmpp.Closed)))
        (closed,) = sp.of(cmpp.Closed)
        assert closed.reason == "protocol"
        assert len(sp.results()) == 1
        assert len(closed.unanswered) == 2

    with_centre(Plan.of({fault: [2]}), check)


def test_the_centre_may_say_good_bye_in_mid_window():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(6), batch=1)
        await sp.until(lambda: bool(sp.of(cmpp.Closed)))
        assert sp.of(cmpp.Closed)[0].reason == "terminated"
        await sp.until(lambda: sp.gone)

    with_centre(Plan(terminate_at=frozenset({3})), check)


def test_a_result_at_a_position():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        first = sp.submit(numbers(4), batch=1)
        results = await sp.answered(4)
        assert [results[first + k][1] for k in range(4)] == [0, 9, 0, 8]

    with_centre(Plan(results={2: 9, 4: 8}), check)


@pytest.mark.parametrize("settings", [{"chop": 1}, {"chop": 7}, {"coalesce": 0.05}, {"chop": 3, "coalesce": 0.05}])
def test_cutting_and_gathering_change_nothing_that_is_said(settings):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(40), batch=8)
        assert [report.destination for report in await sp.reported(40)] == numbers(40)
        assert len(sp.results()) == 5

    with_centre(Plan.of(settings), check)


def test_the_report_window_holds_reports_back_until_acknowledged():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        sp.submit(numbers(100), batch=50)
        assert len(await sp.reported(100)) == 100
        assert centre.summary()["peak_reports_unanswered"] == 16

    with_centre(Plan(report_window=16), check)


def test_a_deaf_centre_takes_connections_and_says_nothing():
    async def check(centre: Centre) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await Sp.to(centre.port)
        centre.change({"deaf": False})
        assert (await Sp.to(centre.port)).session.state == "bound"

    with_centre(Plan(deaf=True), check)


def test_link_tests_go_both_ways_and_silence_ends_a_line():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        await sp.until(lambda: len(sp.of(cmpp.LinkTested)) >= 2)
        sp.session.test_link(sp.loop.time())
        sp.flush()
        await sp.until(lambda: bool(sp.of(cmpp.LinkAlive)))
        assert centre.summary()["link_tests"] == 1
        sp.transport.pause_reading()
        await sp.until(lambda: centre.summary()["lines"] == 0)

    with_centre(Plan(idle=0.1, answer=0.1, tries=2), check)


def test_phones_write_short_and_long():
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port)
        assert centre.receive_message("10000000009", "12379", "同意") == 1
        assert centre.receive_message("10000000009", "12379", "险" * 100) == 2
        await sp.until(lambda: len(sp.of(cmpp.Mo)) == 3)
        short, one, two = (event.deliver for event in sp.of(cmpp.Mo))
        assert (short.src_terminal, short.dest_id, short.content.decode("utf-16-be")) == (
            "10000000009",
            "12379",
            "同意",
        )
        assert (one.content[6:] + two.content[6:]).decode("utf-16-be") == "险" * 100
        with pytest.raises(ValueError, match="nobody"):
            centre.receive_message("1", "12379", "好", "nobody")

    with_centre(None, check)


def test_messages_wait_for_a_line():
    async def check(centre: Centre) -> None:
        centre.receive_message("10000000009", "12379", "同意")
        sp = await Sp.to(centre.port)
        await sp.until(lambda: len(sp.of(cmpp.Mo)) == 1)

    with_centre(None, check)


def test_a_hundred_lines_at_once_and_half_of_them_cut():
    async def check(centre: Centre) -> None:
        lines = await asyncio.gather(*(Sp.to(centre.port) for _ in range(100)))
        for k, sp in enumerate(lines):
            sp.submit(numbers(20, 20 * k), batch=5)
        for sp in lines[::2]:
            sp.transport.abort()
        stay = lines[1::2]
        owed = {number for k in range(1, 100, 2) for number in numbers(20, 20 * k)}

        def told() -> set[str]:
            return {report.destination for sp in stay for report in sp.reports()}

        await stay[0].until(lambda: told() >= owed)
        assert all(sp.session.state == "bound" for sp in stay)
        assert centre.summary()["lines"] == 50

    with_centre(None, check)


def test_dropping_terminating_and_shutting():
    async def check(centre: Centre) -> None:
        one = await Sp.to(centre.port)
        assert centre.terminate() == 1
        await one.until(lambda: one.gone)
        assert one.of(cmpp.Closed)[0].reason == "terminated"
        two = await Sp.to(centre.port)
        assert centre.drop() == 1
        await two.until(lambda: two.gone)
        assert two.of(cmpp.Closed)[0].reason == "lost"
        port = centre.port
        centre.shut()
        with pytest.raises(ConnectionError):
            await Sp.to(port)
        await centre.listen(port=port)
        assert (await Sp.to(port)).session.state == "bound"

    with_centre(None, check)
