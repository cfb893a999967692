"""The contracted rate is used and never exceeded: the pace alone, on a clock that the test moves."""

import random

import pytest

from fenghuo.delivery.sender.desk.pace import LEAD, Pace
from fenghuo.delivery.sender.timing import Timing


def driven(rate, batch, *, segments=1, seconds=20.0, commit=(0.0002, 0.002), wake=(0.0, 0.002)):
    """(moment, messages) of what left while somebody always waited, with a disk and a scheduler that are late by so much."""
    pace, chance, now, gone = Pace(rate, (0.25,)), random.Random(rate * 1000 + batch), 100.0, []
    most = pace.share(max(1, min(batch, rate // segments)), segments) * segments
    while now < 100.0 + seconds:
        due = pace.due(now, most)
        count = max(0, pace.available(due, most) // most)
        for _ in range(count):
            pace.spend(due, most)
        if count:
            now = max(due, now + chance.uniform(*commit)) + chance.uniform(0, 0.0005)
            gone.append((now, count * most))
            pace.left(now)
        else:
            now += max(0.0005, pace.wait(now, most) - LEAD) + chance.uniform(*wake)
    return gone


def arriving(rate, batch, *, answered=True, seconds=60.0):
    """(moment, messages) of what arrived where one submit in fifty is held up on the way; the answer comes at once after it."""
    pace, chance, now = Pace(rate, (0.25,)), random.Random(rate * 1000 + batch), 100.0
    came: list[tuple[float, int]] = []
    most = pace.share(max(1, min(batch, rate)), 1)
    answer = None
    while now < 100.0 + seconds:
        if answer is not None and now >= answer:
            if answered:
                pace.arrived(now)
            answer = None
        count = max(0, pace.available(now, most) // most)
        if count:
            pace.spend(now, count * most)
            pace.left(now)
            way = chance.uniform(0.01, 0.06) if chance.random() < 0.02 else chance.uniform(0.0003, 0.001)
            came.append((max(now + way, came[-1][0] if came else 0.0), count * most))
            answer = came[-1][0] + 0.0003
        else:
            now += 0.0005
    return came


def used(gone, rate):
    """What left before the last submit, of what the contract let through from the first to the last."""
    return sum(n for _, n in gone[:-1]) / (rate * (gone[-1][0] - gone[0][0]))


def most_in_a_second(gone):
    """The fullest second of all that begin with a submit."""
    fullest = end = inside = 0
    for start, (at, _) in enumerate(gone):
        while end < len(gone) and gone[end][0] < at + 1.0:
            inside += gone[end][1]
            end += 1
        fullest = max(fullest, inside)
        inside -= gone[start][1]
    return fullest


@pytest.mark.parametrize("batch", [1, 15, 50, 99])
@pytest.mark.parametrize("rate", [100, 120, 300, 1000, 3000])
def test_a_contracted_rate_is_used_and_never_exceeded(rate, batch):
    gone = driven(rate, batch)
    assert most_in_a_second(gone) <= rate
    assert used(gone, rate) >= 0.99


@pytest.mark.parametrize("segments", [2, 3, 5])
def test_a_text_of_several_segments_never_exceeds_it_either(segments):
    gone = driven(300, 50, segments=segments)
    assert most_in_a_second(gone) <= 300
    assert used(gone, 300) >= 0.97


def test_a_machine_that_wakes_late_loses_time_and_never_makes_up_for_it_in_one_second():
    gone = driven(300, 15, wake=(0.0, 0.2), commit=(0.0, 0.1))
    assert most_in_a_second(gone) <= 300
    assert 0.5 < used(gone, 300) < 0.99


@pytest.mark.parametrize("rate", [100, 300, 1000])
def test_a_submit_that_was_held_up_on_the_way_makes_no_second_too_full(rate):
    came = arriving(rate, rate // 10)
    assert most_in_a_second(came) <= rate
    assert used(came, rate) >= 0.985
    assert most_in_a_second(arriving(rate, rate // 10, answered=False)) > rate, "the road has no delays worth the name"


def test_a_submit_is_made_smaller_where_full_ones_would_leave_a_part_of_the_second_unused():
    wanted = {(100, 99): 50, (120, 50): 40, (100, 50): 50, (100, 15): 10, (300, 37): 25, (10**7, 99): 99, (1, 1): 1}
    assert {(rate, most): Pace(rate, ()).share(most, 1) for rate, most in wanted} == wanted


def test_after_throttling_nothing_leaves_and_each_time_it_takes_longer():
    pace = Pace(100, (0.25, 0.5))
    pace.throttled(10.0)
    assert (pace.available(10.2, 10), round(pace.wait(10.2, 10), 3)) == (0, 0.05)
    assert pace.available(10.3, 10) == 10
    pace.throttled(10.3)
    assert (pace.available(10.7, 10), pace.refused) == (0, 2)
    pace.taken()
    assert pace.refused == 0


def test_nothing_leaves_for_as_long_as_the_gateway_says_and_never_for_longer_than_it_is_granted():
    for said, wanted in ((3.0, 3.0), (0.0, 0.25), (86_400.0, Timing.longest_pause)):
        pace = Pace(100, (0.25, 0.5))
        pace.throttled(10.0, said)
        assert pace.available(10.0 + wanted - 0.01, 1) == 0
        assert pace.available(10.0 + wanted + 0.01, 1) > 0
        assert pace.wait(10.0, 1) == pytest.approx(wanted)


def test_several_that_are_throttled_together_wait_for_the_longest_and_count_as_one():
    pace = Pace(100, (0.25, 0.5))
    for said in (5.0, 0.0, 2.0):
        pace.throttled(10.0, said)
    assert (pace.refused, pace.wait(10.0, 1)) == (1, 5.0)


def test_a_correction_asks_again_within_a_second_whatever_was_said():
    pace = Pace(100, (0.25,))
    pace.throttled(10.0, 60.0)
    pace.hurry(1.0)
    assert pace.available(11.01, 1) > 0
