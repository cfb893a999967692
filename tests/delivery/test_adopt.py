"""Accounts that have gone from the settings: nobody waits for them for ever, and nothing is sent twice because they are gone."""

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Block
from fenghuo.delivery.sender.desk import Desk
from simulators.smsc import Plan, running
from tests.delivery.makers import CORRECTION, config, freeze, gateway
from tests.delivery.running import QUICK, send_until, settled
from tests.delivery.several import accepted, order, told

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


def test_what_it_had_begun_stays_its_own_and_the_rest_is_sent():
    numbers = [10012300000 + i for i in range(2_000)]
    with running(Plan(lose_responses=1.0, lose_reports=1.0)) as mute, running(Plan()) as centre:
        gone = gateway("gone", port=mute.port, source_addr="900001", batch=10, window=8)
        with override_settings(FENGHUO=config(gone)):
            frozen = freeze(numbers)
        order("release", frozen)
        send_until(gone, lambda: accepted(mute) == 80)
        send_until(gateway("new", port=centre.port, source_addr="900001"), settled(frozen.broadcast, in_doubt=True))
        begun = set(told(mute))
        assert set(told(centre)) == set(numbers) - begun
        order("correct", frozen)
        after = queries.correction_of

        def corrected():
            correction = after(frozen.broadcast)
            return correction is not None and settled(correction)()

        send_until(gateway("new", port=centre.port, source_addr="900001"), corrected)
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
        gone = gateway("gone", port=mute.port, source_addr="900001", batch=10, window=4)
        with override_settings(FENGHUO=config(gone)):
            frozen = freeze(UNICOM[:40])
        order("release", frozen)
        send_until(gone, lambda: accepted(mute) == 40)
    new = desk(gateway("one"))
    assert queries.progress([frozen.broadcast])[frozen.broadcast].in_doubt == 40
    order("settle", frozen, all=True, decision="give_up")
    new.read_orders(always=True)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].failed == 40
