"""What a gateway says of a message counts for that message and no other, whenever it comes, and is kept where nobody can tell."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from django.test import override_settings

from fenghuo.delivery.gateways import line
from fenghuo.delivery.gateways.line import Receipts, Stated, Unanswered
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Broadcast, Entry, Inbound, Submission
from fenghuo.delivery.ledger.states import DELIVERED, FAILED
from fenghuo.delivery.ledger.values import Reports
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.talk.trust import Trust
from fenghuo.ground import clock
from simulators.smsc import Account, Plan, running
from tests.delivery.desks import STEPPED, answer, closed, doubt_all, fly, opened, progress, send_all
from tests.delivery.makers import config, freeze, gateway, smpp_gateway
from tests.delivery.running import QUICK, send_until, settled
from tests.delivery.several import order, until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBER = 10012300001
DAY = 86_400
LONG = "【下仓镇】（演练）" + "请转移。" * 20 + "（演练结束）"
ONE = gateway("one", batch=1, window=8)
NEVER = replace(STEPPED, waits={"urgent": 1e9, "patient": 1e9})
AT_ONCE = replace(STEPPED, waits={"urgent": 0.0, "patient": 0.0})


def now():
    return int(clock.now().timestamp())


def say(desk, *said, code=DELIVERED, taken=None, done=None, hold=False):
    """Receipts: (id, number) each. `taken`: when the gateway says it took them; None: it does not say."""
    many = len(said)
    desk.book.receive(
        Reports(
            np.array([one[0] for one in said], dtype=np.uint64),
            np.array([one[1] for one in said], dtype=np.uint64),
            np.full(many, code),
            np.full(many, desk.words.number(b"DELIVRD" if code == DELIVERED else b"UNDELIV"), dtype=np.uint16),
            np.full(many, done or now(), dtype=np.uint32),
            np.full(many, b"DELIVRD" if code == DELIVERED else b"UNDELIV"),
            Stated(np.full(many, taken, dtype=np.uint32), np.asarray) if taken else None,
        ),
        desk.now_ms(),
        hold=hold,
    )
    desk.commit()


def alert(desk, numbers=(NUMBER,), **changes):
    frozen = freeze(numbers, **changes)
    order("release", frozen)
    desk.read_orders(always=True)
    return frozen


def flown(desk):
    """Everything that may leave is on the line: its submits."""
    parts = []
    while len(part := fly(desk)):
        parts.append(part)
    return np.concatenate(parts)


def let_go(desk):
    """Everything whose fate is known leaves the sender's memory."""
    timing, desk.timing = desk.timing, replace(desk.timing, keep_final=-10.0)
    desk.look_around()
    desk.timing = timing
    assert not desk.book.sheets


def again(desk):
    """The sender ends and another begins."""
    closed(desk)
    return opened(desk.gateway, timing=desk.timing)


def kept(kind="orphan"):
    return [(one.message_id, one.address, one.text) for one in queries.inbound(kind=kind)]


# --- the next alert ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_receipt_that_comes_again_after_its_alert_was_closed_says_nothing_about_the_next(restart, batch):
    numbers = [NUMBER, NUMBER + 1, NUMBER + 2]
    desk = opened(gateway("one", batch=batch), timing=NEVER)
    first = alert(desk, numbers)
    answer(desk, flown(desk), 500)
    said = [(500 + at, number) for at, number in enumerate(numbers)]
    say(desk, *said)
    assert progress(first).delivered == 3
    let_go(desk)
    desk = again(desk) if restart else desk
    second = alert(desk, numbers)
    doubt_all(desk)
    say(desk, *said)
    assert (progress(second).in_doubt, progress(second).delivered, kept(), kept("conflict")) == (3, 0, [], [])


@pytest.mark.parametrize("restart", [False, True])
def test_what_contradicts_a_closed_alert_is_kept_as_evidence_with_its_alert(restart):
    desk = opened(ONE, timing=NEVER)
    first = alert(desk)
    answer(desk, flown(desk), 500)
    say(desk, (500, NUMBER))
    let_go(desk)
    desk = again(desk) if restart else desk
    for _ in range(2):
        say(desk, (500, NUMBER), code=FAILED)
    assert kept("conflict") == [("500", str(NUMBER), "UNDELIV")]
    assert Inbound.objects.get().broadcast == Broadcast.objects.get(id=first.broadcast).number
    assert progress(first).delivered == 1


@pytest.mark.parametrize("restart", [False, True])
def test_the_receipt_of_a_first_copy_says_nothing_about_the_next_alert(restart):
    """The first copy's answer was lost, the second was delivered and the alert closed: nobody knows the first one's id."""
    desk = opened(ONE, timing=AT_ONCE)
    first = alert(desk, policy="patient")
    doubt_all_once(desk)
    desk.look_around()
    answer(desk, fly(desk), 800)
    say(desk, (800, NUMBER))
    assert progress(first).delivered == 1
    let_go(desk)
    desk.timing = NEVER
    desk = again(desk) if restart else desk
    second = alert(desk, policy="patient")
    doubt_all(desk)
    say(desk, (799, NUMBER))
    assert (progress(second).in_doubt, progress(second).delivered) == (1, 0)
    assert kept() == [("799", str(NUMBER), "DELIVRD")]


def doubt_all_once(desk):
    desk.book.doubt(fly(desk), desk.now())
    desk.commit()


def test_a_receipt_of_a_message_that_was_taken_before_the_alert_began_is_not_its_own():
    desk = opened(ONE, timing=NEVER)
    frozen = alert(desk)
    doubt_all(desk)
    say(desk, (71, NUMBER), taken=now() - 900)
    assert (progress(frozen).in_doubt, kept()) == (1, [("71", str(NUMBER), "DELIVRD")])
    say(desk, (72, NUMBER), done=now() - 900)  # this gateway does not say when it took it, but it was over before
    assert progress(frozen).in_doubt == 1
    say(desk, (73, NUMBER), taken=(now() - 240) // 60 * 60)  # whole minutes, of a clock that is four minutes behind
    assert (progress(frozen).in_doubt, progress(frozen).delivered) == (0, 1)


def test_where_two_alerts_come_into_question_neither_is_settled_until_one_is_known():
    desk = opened(ONE, timing=NEVER)
    first, second = alert(desk), alert(desk)
    pdus = flown(desk)
    desk.book.doubt(pdus, desk.now())
    desk.commit()
    say(desk, (61, NUMBER))
    desk.look_around()
    assert (progress(first).in_doubt, progress(second).in_doubt) == (1, 1)
    assert kept() == [("61", str(NUMBER), "DELIVRD")]
    answer(desk, pdus[:1], 61)  # the first one's answer came late, and names it
    desk.look_around()
    desk.commit()
    assert (progress(first).delivered, progress(second).in_doubt) == (1, 1)
    assert (kept(), kept("matched")) == ([], [("61", str(NUMBER), "DELIVRD")])


@pytest.mark.parametrize("wrong", [-20 * 3600, -3600, 3600])
def test_a_receipt_that_is_faster_than_its_answer_waits_for_it_whatever_the_gateways_clock_says(wrong):
    desk = opened(ONE, timing=NEVER)
    frozen = alert(desk)
    pdus = flown(desk)
    report = Reports(
        np.array([61], dtype=np.uint64),
        np.array([NUMBER], dtype=np.uint64),
        np.array([DELIVERED]),
        np.array([desk.words.number(b"DELIVRD")], dtype=np.uint16),
        np.array([now() + min(wrong, 0)], dtype=np.uint32),
        np.array([b"DELIVRD"]),
        Stated(np.array([now() + wrong], dtype=np.uint32), np.asarray),
    )
    held = desk.book.receive(report, desk.now_ms(), hold=True)
    assert held is not None
    answer(desk, pdus, 61)
    assert desk.book.receive(held, desk.now_ms(), hold=False) is None
    desk.commit()
    assert (progress(frozen).delivered, kept()) == (1, [])


def test_a_receipt_that_nobody_could_place_is_placed_when_an_answer_that_came_late_names_it():
    desk = opened(ONE, timing=NEVER)
    frozen = alert(desk)
    pdus = flown(desk)
    desk.book.doubt(pdus, desk.now())
    desk.commit()
    say(desk, (61, NUMBER), taken=now() - DAY, done=now() - DAY)  # by a clock that is wrong
    assert kept() == [("61", str(NUMBER), "DELIVRD")]
    answer(desk, pdus, 61)
    assert progress(frozen).accepted == 1
    desk.look_around()
    desk.commit()
    assert (progress(frozen).delivered, kept()) == (1, [])


def test_what_was_said_of_an_alert_never_counts_for_its_correction_whatever_is_decided_on_the_alert():
    """Its receipt came while both were in doubt. That somebody then decides on the alert does not make it the correction's."""
    desk = opened(ONE, timing=NEVER)
    frozen = alert(desk)
    doubt_all(desk)
    order("recall", frozen)
    order("correct", frozen)
    doubt_all(desk)
    correction = queries.correction_of(frozen.broadcast) or ""
    say(desk, (61, NUMBER))
    heard = now()
    until(lambda: now() > heard)  # times are kept in seconds
    order("settle", frozen, all=True, decision="resend")  # refused, for it is recalled: in doubt as before
    desk.read_orders(always=True)
    desk.look_around()
    desk.commit()
    assert (progress(frozen).in_doubt, queries.progress([correction])[correction].in_doubt) == (1, 1)
    assert kept() == [("61", str(NUMBER), "DELIVRD")]


# --- doubts ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("restart", [False, True])
def test_a_long_text_in_doubt_is_settled_when_a_receipt_came_for_each_of_its_segments(together, restart):
    desk = opened(ONE, timing=NEVER)
    frozen = alert(desk, text=LONG, policy="patient")
    doubt_all(desk)
    segments = next(iter(desk.book.sheets.values())).segments
    said = [(501 + at, NUMBER) for at in range(segments)]
    if together:
        say(desk, *said)
    else:
        for at, one in enumerate(said):
            assert progress(frozen).in_doubt == 1, f"after {at} of {segments} nobody knows which segment is missing"
            say(desk, one)
            say(desk, one)  # said twice, it is no second segment
            desk.look_around()
            desk = again(desk) if restart else desk
    assert (progress(frozen).delivered, progress(frozen).in_doubt, kept()) == (1, 0, [])


def test_a_segment_whose_receipt_is_missing_leaves_again_and_the_others_are_not_counted_by_guess():
    desk = opened(ONE, timing=NEVER)
    frozen = alert(desk, text=LONG, policy="patient")
    doubt_all(desk)
    say(desk, (501, NUMBER))
    desk.timing = AT_ONCE
    desk.look_around()
    copies = fly(desk)
    assert len(copies) == next(iter(desk.book.sheets.values())).segments
    answer(desk, copies, 700)
    say(desk, *[(700 + at, NUMBER) for at in range(len(copies))])
    assert (progress(frozen).delivered, progress(frozen).in_doubt) == (1, 0)
    say(desk, (502, NUMBER))  # the first copy's other receipts change nothing
    assert (progress(frozen).delivered, kept("conflict")) == (1, [])


def test_two_copies_of_one_segment_are_not_counted_as_two_segments():
    desk = opened(ONE, timing=AT_ONCE)
    frozen = alert(desk, text=LONG, policy="patient")
    doubt_all_once(desk)
    desk.look_around()
    doubt_all_once(desk)
    segments = next(iter(desk.book.sheets.values())).segments
    desk.timing = NEVER
    say(desk, *[(501 + at, NUMBER) for at in range(segments)])
    assert progress(frozen).delivered == 0, "of two copies each, these may all be of the same segments"
    say(desk, *[(601 + at, NUMBER) for at in range(segments)])
    desk.look_around()
    desk.commit()
    assert (progress(frozen).delivered, kept()) == (1, [])


def test_a_receipt_that_was_held_counts_once_its_answer_is_given_up_and_no_second_copy_leaves():
    class Line:
        room = 16
        acknowledged = 0

        def reserve(self, count):
            return np.arange(count, dtype=np.uint32)

        def acknowledge(self, token):
            self.acknowledged += 1

        def free(self, tickets): ...
        def message(self, *one, **other): ...
        def send(self, *one): ...

    desk, gate = opened(ONE), Line()
    frozen = alert(desk)
    talk = Talk(desk, cast(Any, gate), trust=Trust())
    talk.ready = talk._answered = True
    talk.turn()
    receipt = Receipts(
        np.array([77], "u8"), np.array([NUMBER], "u8"), np.array([line.DELIVERED], "u1"), np.array([b"DELIVRD"]),
        np.zeros(1, "u4"), "token",
    )  # fmt: skip
    talk.hear([receipt])
    talk.turn()
    assert gate.acknowledged == 0, "its answer may still name it"
    talk.hear([Unanswered(np.array([0], "u4"), True)])
    talk.turn()
    assert (progress(frozen).delivered, progress(frozen).in_doubt, gate.acknowledged) == (1, 0, 1)


def test_an_id_learned_from_a_receipt_is_known_from_then_on():
    desk = opened(ONE, timing=NEVER)
    first = alert(desk)
    doubt_all(desk)
    say(desk, (41, NUMBER))
    second = alert(desk)
    desk = again(desk)
    doubt_all(desk)
    say(desk, (41, NUMBER))
    assert (progress(first).delivered, progress(second).in_doubt, kept()) == (1, 1, [])
    say(desk, (41, NUMBER), code=FAILED)
    assert kept("conflict") == [("41", str(NUMBER), "UNDELIV")]


# --- who was handed over and came back ------------------------------------------------------------------------------------
def test_who_was_handed_over_and_came_back_is_found_where_they_are():
    mobile, backup = gateway("mobile", rate=100, prefixes=["139"]), gateway("backup", rate=100)
    with override_settings(FENGHUO=config(mobile)):
        frozen = freeze([13900000000 + i for i in range(3000)])
    order("release", frozen)
    own, other = opened(mobile.model_copy(update={"failover_after": 0}), mobile, backup), opened(backup, mobile, backup)
    stands(own, "down")
    stands(other, "bound")
    other.sharing.well(1e12)
    for _ in range(4):
        own.look_around()
        other.look_around()
    stands(own, "bound")
    closed(own)
    back = opened(mobile, mobile, backup, timing=NEVER)
    back.sharing.well(1e12)
    stands(back, "bound")
    other.look_around()
    back.look_around()
    doubt_all_once(back)
    people = queries.in_doubt()
    assert people
    half = len(people) // 2
    said = [[one.contact_id, one.address] for one in people[:half]]
    order("settle", frozen, recipients=said, decision="give_up")
    back.read_orders(always=True)
    assert (progress(frozen).failed, progress(frozen).in_doubt) == (half, len(people) - half)
    say(back, *[(5 + at, one.address) for at, one in enumerate(people[half:])])
    assert (progress(frozen).delivered, progress(frozen).in_doubt, kept()) == (len(people) - half, 0, [])


def stands(desk, state):
    actions.report_health(
        desk.gateway.name, fence=desk.fence, lease_ms=600_000, state=state, since=1, error="", in_flight=0, heard_at=1
    )


# --- times ----------------------------------------------------------------------------------------------------------------
def test_a_receipt_of_another_segment_shortens_no_wait_whatever_the_gateways_clock_says():
    desk = opened(ONE, timing=replace(STEPPED, waits={"urgent": 30.0, "patient": 600.0}))
    alert(desk, text=LONG, policy="patient")
    pdus = flown(desk)
    answer(desk, pdus[:1], 700)
    desk.book.doubt(pdus[1:], desk.now())
    desk.commit()
    say(desk, (700, NUMBER), done=now() - 8 * 3600)
    desk.look_around()
    assert not any(queue.rest for queue in desk.lanes.queues.values())
    since = queries.in_doubt()[0].since
    assert since
    assert since.timestamp() == pytest.approx(now(), abs=60)


def test_a_time_that_is_yet_to_come_keeps_nothing_open():
    from_afar = 4_070_908_800
    desk, gate = opened(ONE), type("Line", (), {"room": 0, "acknowledge": lambda self, token: None})()
    frozen = alert(desk, [NUMBER, NUMBER + 1])
    send_all(desk, 500)
    talk = Talk(desk, gate, trust=Trust())
    talk.hear([
        Receipts(
            np.array([500, 1500], "u8"), np.array([NUMBER, NUMBER + 1], "u8"), np.full(2, line.DELIVERED), np.full(2, b"DELIVRD"),
            np.full(2, from_afar, "u4"), None,
        )
    ])  # fmt: skip
    desk.commit()
    assert progress(frozen).delivered == 2
    assert max(row.at.timestamp() for row in queries.export(frozen.broadcast) if row.at) <= now() + 1
    let_go(desk)


# --- months of sending ----------------------------------------------------------------------------------------------------
def test_what_is_over_leaves_the_memory_also_while_submits_are_on_the_line():
    desk = opened(gateway("one", batch=1, window=1000), timing=NEVER)
    numbers = [NUMBER + i for i in range(700)]
    busy = alert(desk, [NUMBER + 5000 + i for i in range(50)])
    handed, held = flown(desk), list(desk.book.sheets)
    for turn in range(4):
        frozen = alert(desk, numbers)
        base = 1_000_000 * (turn + 1)
        answer(desk, flown(desk), base)
        say(desk, *[(base + at, number) for at, number in enumerate(numbers)])
        assert progress(frozen).delivered == len(numbers)
        timing, desk.timing = desk.timing, replace(desk.timing, keep_final=-10.0)
        desk.look_around()
        desk.timing = timing
        assert list(desk.book.sheets) == held
        table = desk.book.renumbered()
        handed = handed if table is None else table[handed]
    assert desk.book._n < 2_500
    answer(desk, handed, 77_000)  # who was on the line all the time is still known
    say(desk, *[(77_000 + at, NUMBER + 5000 + at) for at in range(50)])
    assert progress(busy).delivered == 50
    say(desk, (1_000_000, NUMBER))  # and so is the first of those that were let go
    assert kept() == []


def test_an_orphan_keeps_the_carriers_own_words():
    desk = opened(ONE)
    reports = Reports(
        np.array([0x1234], "u8"), np.array([NUMBER], "u8"), np.array([FAILED]), np.ones(1, "u2"),
        np.array([1_790_000_060], "u4"), np.array([b"UNDELIV:045"]), Stated(np.array([1_790_000_000], "u4"), np.asarray),
        Stated(np.array(["9f3c-77aa-QD"]), np.ndarray.tolist),
    )  # fmt: skip
    desk.book.receive(reports, desk.now_ms(), hold=False)
    desk.commit()
    orphan = Inbound.objects.get()
    assert (orphan.kind, orphan.carrier_id, orphan.text, orphan.outcome) == (
        "orphan",
        "9f3c-77aa-QD",
        "UNDELIV:045",
        FAILED,
    )
    assert (orphan.submitted_at, orphan.done_at) == (1_790_000_000_000, 1_790_000_060_000)


@pytest.mark.parametrize("protocol", ["cmpp", "smpp"])
def test_receipts_of_messages_that_a_restored_ledger_does_not_know_are_kept_with_all_that_the_gateway_says(protocol):
    numbers = [NUMBER + at for at in range(3)]
    accounts = {"accounts": [Account("fenghuo", "exercise")]} if protocol == "smpp" else {}
    with running(Plan.of({"protocol": protocol, "report_delay": (1.0, 1.0), **accounts})) as centre:
        frozen = freeze(numbers)
        order("release", frozen)
        known: dict[str, Any] = {"port": centre.port, "source_addr": "fenghuo" if accounts else "900001"}
        gate = smpp_gateway(**known) if accounts else gateway(batch=3, **known)
        send_until(gate, lambda: progress(frozen).accepted == 3)
        Submission.objects.all().delete()
        Entry.objects.all().delete()
        Broadcast.objects.all().delete()
        send_until(gate, lambda: Inbound.objects.filter(kind="orphan").count() == 3)
    orphans = queries.inbound(kind="orphan")
    assert {int(one.address) for one in orphans} == set(numbers)
    assert all(one.carrier_id and (one.text, one.outcome) == ("DELIVRD", DELIVERED) for one in orphans)
    assert all(abs(one.submitted_at / 1000 - now()) < 120 for one in orphans)


def test_a_long_text_whose_answers_were_lost_is_settled_by_its_receipts_over_the_line_and_nobody_is_told_twice():
    numbers = [NUMBER + at for at in range(8)]
    with running(
        Plan(drop_after=frozenset([16]))
    ) as centre:  # all of it was taken, and receipts come again after the next login
        frozen = freeze(numbers, text=LONG, policy="patient")
        order("release", frozen)
        send_until(
            gateway(port=centre.port, source_addr="900001", batch=1), settled(frozen.broadcast),
            timing=replace(QUICK, waits=NEVER.waits),
        )  # fmt: skip
        rows = centre.call(lambda one: [(row.number, row.segment) for row in one.record.rows()])
    assert len(rows) == len(set(rows)) == 2 * len(numbers)
    assert any(row.doubts for row in queries.export(frozen.broadcast))
    assert (progress(frozen).delivered, kept()) == (len(numbers), [])


def test_an_id_that_two_submits_may_have_had_is_its_destinations():
    """A gateway that counts on beyond sixteen bits: its ids look as those of a later submit that would have wrapped."""
    numbers = [NUMBER + at for at in range(8)]
    desk = opened(gateway("one", batch=4, window=8), timing=NEVER)
    frozen = alert(desk, numbers)
    pdus = flown(desk)
    answer(desk, pdus[:1], 0x2FFFE)  # 0x2FFFE … 0x30001
    answer(desk, pdus[1:], 0x3FFFE)  # 0x3FFFE, 0x3FFFF, and 0x30000, 0x30001 if it wrapped
    said = [(0x2FFFE + at, number) for at, number in enumerate(numbers[:4])]
    say(desk, *said, done=now() - DAY)  # by id alone: by its times it would fit nothing
    assert (progress(frozen).delivered, kept()) == (4, [])
