"""Accounts that have gone from the settings: nobody waits for them for ever, and nothing is sent twice because they are gone."""

import time
from dataclasses import replace

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Block, Broadcast, Decision
from fenghuo.delivery.sender.desk import Desk
from simulators.smsc import Plan, running
from tests.delivery.desks import STEPPED, answer, closed, corrected, doubt_all, fly, opened, progress, send_all
from tests.delivery.makers import CORRECTION, config, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled
from tests.delivery.several import accepted, order, told

NEVER = replace(QUICK, waits={"urgent": 1e9, "patient": 1e9})
pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
MOBILE, UNICOM = [13900000000 + i for i in range(1_500)], [13000000000 + i for i in range(700)]


def desk(gate, *peers):
    fence = actions.take_lease(gate.name, "cmpp3", holder="test", dead="", lease_ms=60_000)
    assert fence is not None
    names = [one.name for one in (gate, *peers)]
    return Desk(gate, mode="exercise", accounts=names, peers=(gate, *peers), timing=QUICK, fence=fence)


def test_each_goes_to_the_account_that_serves_the_number_and_the_hash_stays():
    with override_settings(FENGHUO=config(gateway("gone"))):
        frozen = freeze([*MOBILE, *UNICOM])
    order("release", frozen)
    one, two = gateway("one", prefixes=["139"]), gateway("two")
    desk(one, two).read_orders(always=True)
    handed = Block.objects.filter(origin__isnull=False)
    assert {block.account: sum(b.count for b in handed if b.account == block.account) for block in handed} == {
        "one": 1_500,
        "two": 700,
    }
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 2_200
    assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, 2_200)
    assert [row.address for row in queries.export(frozen.broadcast)][:1_000] == MOBILE[:1_000]


def test_what_it_had_begun_stays_in_doubt_and_the_rest_is_sent():
    numbers = [10012300000 + i for i in range(2_000)]
    with running(Plan(lose_responses=1.0, lose_reports=1.0)) as mute, running(Plan()) as centre:
        gone = gateway("gone", port=mute.port, source_addr="900001", batch=10, window=8)
        with override_settings(FENGHUO=config(gone)):
            frozen = freeze(numbers)
        order("release", frozen)
        send_until(gone, lambda: accepted(mute) == 80)
        new = gateway("new", port=centre.port, source_addr="900001")
        send_until(new, settled(frozen.broadcast, in_doubt=True), timing=NEVER)
        begun = set(told(mute))
        assert set(told(centre)) == set(numbers) - begun
        order("correct", frozen)
        after = queries.correction_of

        def corrected():
            correction = after(frozen.broadcast)
            return correction is not None and settled(correction)()

        send_until(new, corrected, timing=NEVER)
        rows = centre.call(lambda one: [int(row.number) for row in one.record.rows() if row.text == CORRECTION])
    assert sorted(rows) == numbers
    assert {row.address for row in queries.export(frozen.broadcast) if row.state == "in_doubt"} == begun


def test_a_living_sender_of_another_host_keeps_its_account():
    with override_settings(FENGHUO=config(gateway("elsewhere"))):
        frozen = freeze(UNICOM)
    order("release", frozen)
    assert actions.take_lease("elsewhere", "cmpp3", holder="another host", dead="", lease_ms=60_000) == 1
    desk(gateway("one")).read_orders(always=True)
    assert not Block.objects.filter(origin__isnull=False).exists()
    assert {block.account for block in Block.objects.all()} == {"elsewhere"}


def test_what_was_recalled_meanwhile_is_stopped_and_goes_nowhere():
    with override_settings(FENGHUO=config(gateway("gone"))):
        frozen = freeze(UNICOM)
    order("release", frozen)
    order("recall", frozen)
    desk(gateway("one")).read_orders(always=True)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].stopped == 700
    assert not Block.objects.filter(origin__isnull=False).exists()


def test_a_persons_decision_reaches_those_in_doubt_of_an_account_that_is_gone():
    with running(Plan(lose_responses=1.0, lose_reports=1.0)) as mute:
        gone = gateway("gone", port=mute.port, source_addr="900001", batch=10, window=5)
        with override_settings(FENGHUO=config(gone)):
            frozen = freeze(UNICOM[:40])
        order("release", frozen)
        send_until(gone, lambda: accepted(mute) == 40)
    new = desk(gateway("one"))
    assert queries.progress([frozen.broadcast])[frozen.broadcast].in_doubt == 40
    order("settle", frozen, all=True, decision="give_up")
    new.read_orders(always=True)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].failed == 40


# --- into accounts whose senders run on -------------------------------------------------------------------------------------
A, C, GONE = gateway("a", prefixes=["139"]), gateway("c"), gateway("gone", prefixes=["130"])


def left_by_one_that_is_gone(numbers):
    """Two accounts run on while the third, which another host still served, goes from the settings."""
    with override_settings(FENGHUO=config(A, C, GONE)):
        frozen = freeze(numbers)
    order("release", frozen)
    fence = actions.take_lease("gone", "cmpp3", holder="another host", dead="", lease_ms=60_000)
    assert fence is not None
    desks = [opened(one, A, C, timing=replace(STEPPED, adopt=0.0)) for one in (A, C)]
    assert progress(frozen).unsent == len(numbers)
    actions.drop_lease("gone", fence=fence)
    return frozen, desks


@pytest.mark.parametrize("others", [0, 50])
def test_a_running_sender_takes_in_all_that_was_given_to_it_whether_or_not_it_had_a_part(others):
    numbers = MOBILE[:others] + UNICOM[:60] + [15000000000 + i for i in range(others)]
    frozen, desks = left_by_one_that_is_gone(numbers)
    for base, desk in enumerate(desks):
        for _ in range(2):
            desk.look_around()
        send_all(desk, 1_000_000 * (base + 1))
    assert progress(frozen).accepted == len(numbers)
    assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, len(numbers))
    assert [row.address for row in queries.export(frozen.broadcast)] == numbers
    again = opened(C, A, C)
    assert len(fly(again)) == 0
    order("correct", frozen)
    for desk in (desks[0], again):
        desk.read_orders(always=True)
    assert corrected(frozen) == sorted(numbers)


def doubtful_and_gone(*peers, numbers=UNICOM[:40], timing=NEVER, **changes):
    """All recipients of an account are in doubt when it goes; the desk of one that stays."""
    gone = gateway("gone", batch=10)
    with override_settings(FENGHUO=config(gone)):
        frozen = freeze(numbers, **changes)
    order("release", frozen)
    desk = opened(gone, timing=replace(STEPPED, waits=NEVER.waits))
    doubt_all(desk)
    closed(desk)
    return frozen, opened(peers[0], *peers, timing=replace(STEPPED, waits=timing.waits))


def test_those_in_doubt_are_sent_once_more_by_who_stays_as_the_policy_says_and_then_wait_for_a_person():
    frozen, stays = doubtful_and_gone(gateway("stays"), timing=QUICK)
    stays.look_around()
    again = fly(stays, 100)
    assert stays.book.destinations(again) == 40
    stays.book.doubt(again, stays.now())
    stays.commit()
    assert {(one.tries, one.next_step) for one in queries.in_doubt()} == {(2, "person")}
    stays.look_around()
    assert len(fly(stays)) == 0
    assert progress(frozen).in_doubt == 40
    assert [row.doubts for row in queries.export(frozen.broadcast)] == [2] * 40


@pytest.mark.parametrize(("decision", "state"), [("resend", "accepted"), ("accept", "accepted"), ("give_up", "failed")])
@pytest.mark.parametrize("before", [True, False])
def test_a_decision_on_those_in_doubt_of_a_gone_account_is_carried_out(decision, state, before):
    """`before`: it was given while nobody had taken them over yet."""
    frozen, stays = doubtful_and_gone(gateway("stays"))
    if before:
        order("settle", frozen, recipients=[[i + 1, UNICOM[i]] for i in range(3)], decision=decision)
        stays.read_orders(always=True)
    else:
        stays.look_around()
        order("settle", frozen, recipients=[[i + 1, UNICOM[i]] for i in range(3)], decision=decision)
    pdus = fly(stays, 100)
    assert stays.book.destinations(pdus) == (3 if decision == "resend" else 0)
    answer(stays, pdus, 5_000)
    assert {row.address for row in queries.export(frozen.broadcast) if row.state == state} == set(UNICOM[:3])
    assert progress(frozen).in_doubt == 37
    assert not Decision.objects.exists()


def test_a_decision_given_before_the_account_went_is_carried_out_after():
    gone = gateway("gone", batch=10)
    with override_settings(FENGHUO=config(gone)):
        frozen = freeze(UNICOM[:40])
    order("release", frozen)
    desk = opened(gone, timing=replace(STEPPED, waits=NEVER.waits))
    doubt_all(desk)
    order("settle", frozen, all=True, decision="resend")
    desk.read_orders(always=True)
    closed(desk)
    stays = opened(gateway("stays"), timing=replace(STEPPED, waits=NEVER.waits))
    assert stays.book.destinations(fly(stays, 100)) == 40


def test_a_correction_reaches_those_in_doubt_who_were_taken_over_before_the_recall():
    frozen, stays = doubtful_and_gone(gateway("stays"))
    order("correct", frozen)
    stays.read_orders(always=True)
    assert corrected(frozen) == UNICOM[:40]
    assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, 40)


def test_those_in_doubt_of_what_was_recalled_stay_and_a_decision_on_them_is_carried_out():
    gone = gateway("gone", batch=10)
    with override_settings(FENGHUO=config(gone)):
        frozen = freeze(UNICOM[:40])
    order("release", frozen)
    desk = opened(gone, timing=replace(STEPPED, waits=NEVER.waits))
    doubt_all(desk)
    closed(desk)
    order("correct", frozen)
    stays = opened(gateway("stays"))
    assert corrected(frozen) == UNICOM[:40]
    order("settle", frozen, all=True, decision="give_up")
    stays.read_orders(always=True)
    assert progress(frozen).failed == 40
    send_all(stays, 9_000)
    correction = queries.correction_of(frozen.broadcast) or ""
    assert queries.progress([correction])[correction].accepted == 40


@pytest.mark.parametrize("receipts", [3600.0, 0.0])
def test_what_a_gone_account_had_sent_entirely_is_over_when_no_receipt_is_waited_for_any_more(receipts):
    gone = gateway("gone")
    with override_settings(FENGHUO=config(gone)):
        frozen = freeze(UNICOM[:40])
    order("release", frozen)
    desk = opened(gone)
    send_all(desk, 9_000)
    closed(desk)
    time.sleep(0.05)
    opened(gateway("stays"), timing=replace(STEPPED, receipts=receipts))
    assert progress(frozen).accepted == 40
    assert Broadcast.objects.get(id=frozen.broadcast).closed == (receipts == 0.0)
