"""Freezing an audience and reading it back: nobody twice, nobody missing, the hash of what lies on disk."""

import hashlib
from array import array
from datetime import timedelta

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, columns, queries
from fenghuo.delivery.ledger.models import Block
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from fenghuo.ground.refusal import Refused
from tests.delivery.makers import config, freeze, gateway

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_an_audience_comes_back_as_it_was_frozen():
    numbers = [10_000_000_000 + 7919 * i % 999_983 for i in range(2_503)]
    frozen = freeze(numbers, people=range(5, 5 + len(numbers)))

    people, addresses = queries.audience(frozen.broadcast)

    assert dict(zip(addresses, people, strict=True)) == {number: 5 + i for i, number in enumerate(numbers)}
    assert (frozen.audience_sha256, frozen.count) == queries.audience_hash(frozen.broadcast)
    assert frozen.count == 2_503


def test_risk_orders_blocks_and_addresses_order_within():
    numbers = list(range(19_999_999_999, 19_999_999_999 - 1_500, -1))
    _, addresses = queries.audience(freeze(numbers).broadcast)

    assert set(addresses[:1000]) == set(numbers[:1000])
    assert list(addresses[:1000]) == sorted(numbers[:1000])


def test_the_hash_is_of_the_columns_in_order():
    frozen = freeze([13900000002, 13900000001], people=[7, 8])
    block = hashlib.sha256((2).to_bytes(4, "little"))
    for value in (13900000001, 13900000002, 8, 7):
        block.update(value.to_bytes(8, "little"))

    assert frozen.audience_sha256 == hashlib.sha256(block.digest()).hexdigest()


def test_an_altered_block_changes_the_hash():
    frozen = freeze([13900000001, 13900000002])
    block = Block.objects.get()
    altered = bytearray(block.recipients)
    altered[0] ^= 1
    Block.objects.filter(pk=block.pk).update(recipients=bytes(altered))

    assert queries.audience_hash(frozen.broadcast)[0] != frozen.audience_sha256


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([], "audience_empty"),
        ([13900000001] * 2, "number_twice"),
        ([1390000000], "not_a_mobile_number"),
        ([23900000001], "not_a_mobile_number"),
    ],
)
def test_an_audience_that_cannot_be_told_is_refused(numbers, code):
    with pytest.raises(Refused) as refused:
        freeze(numbers)
    assert (refused.value.code, refused.value.field) == (code, "audience")


def test_prefixes_choose_the_account_and_equals_share_by_rate():
    accounts = [gateway("a", rate=300), gateway("b", rate=100), gateway("mobile", rate=10, prefixes=["139", "1380"])]
    with override_settings(FENGHUO=config(*accounts)):
        freeze([13900000000 + i for i in range(1_500)] + [15000000000 + i for i in range(8_000)])

    per_account = {name: sum(n for a, n in Block.objects.values_list("account", "count") if a == name) for name in "ab"}
    mobile = Block.objects.filter(account="mobile")
    assert sum(block.count for block in mobile) == 1_500
    assert per_account == {"a": 6_000, "b": 2_000}


@pytest.mark.parametrize("count", [335, 1_200, 20_000])
def test_accounts_that_share_finish_together(count):
    accounts = [gateway("fast", rate=300), gateway("slow", rate=100)]
    with override_settings(FENGHUO=config(*accounts)):
        freeze([13900000000 + i for i in range(count)])
    seconds = {
        one.name: sum(Block.objects.filter(account=one.name).values_list("count", flat=True)) / one.rate
        for one in accounts
    }
    assert max(seconds.values()) <= count / 400 + 0.5  # a block of fifty at most from the best that can be


def test_the_longest_prefix_wins_and_an_account_without_one_takes_the_rest():
    accounts = [gateway("all"), gateway("mobile", prefixes=["139"]), gateway("county", prefixes=["1391", "130"])]
    with override_settings(FENGHUO=config(*accounts)):
        frozen = freeze([13900000001, 13910000001, 13000000001, 18800000001])
    assert {
        account: sorted(int(n) for n in columns.unpack_addresses(packed, count))
        for account, packed, count in Block.objects.values_list("account", "recipients", "count")
    } == {"all": [18800000001], "mobile": [13900000001], "county": [13000000001, 13910000001]}
    assert queries.audience_hash(frozen.broadcast) == (frozen.audience_sha256, 4)


def test_a_number_that_no_account_serves_is_refused_by_name():
    accounts = [gateway("mobile", prefixes=["139"]), gateway("unicom", prefixes=["130"])]
    with override_settings(FENGHUO=config(*accounts)), pytest.raises(Refused) as refused:
        freeze([13900000001, 18800000002, 18800000001])
    assert (refused.value.code, refused.value.field) == ("number_not_served", "audience")
    assert refused.value.params == {"number": 18800000002, "count": 2}
    assert not Block.objects.exists()


def test_a_fresh_broadcast_is_all_unsent_and_listed():
    frozen = freeze([13900000000 + i for i in range(120)])

    assert queries.progress([frozen.broadcast, "unknown"]) == {
        frozen.broadcast: queries.Progress(count=120, unsent=120)
    }
    page = queries.recipients(frozen.broadcast, page=3, size=50)
    assert (len(page.rows), page.total, page.rows[0].address, page.rows[0].state) == (20, 120, 13900000100, "unsent")
    assert queries.recipients(frozen.broadcast, state="delivered").total == 0


def test_the_sweep_takes_only_old_audiences_that_nobody_names():
    kept, gone = freeze([13900000001]), freeze([13900000002])
    with clock.moved(timedelta(days=2)):
        young = freeze([13900000003])
        assert actions.sweep(keep={kept.broadcast}, older_than=timedelta(days=1)) == 1

    assert set(queries.progress([kept.broadcast, gone.broadcast, young.broadcast])) == {kept.broadcast, young.broadcast}
    assert queries.audience_hash(gone.broadcast) == ("", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "send", "broadcast": "x"},
        {"kind": "recall", "broadcast": None},
        {"kind": "settle", "broadcast": "x", "detail": {"decision": "resend"}},
        {"kind": "settle", "broadcast": "x", "detail": {"all": True, "decision": "perhaps"}},
    ],
)
def test_an_order_that_means_nothing_is_not_given(wrong):
    with pytest.raises(ValueError, match=r"order|settle"):
        actions.order(by={"system": True}, **wrong)


def test_orders_keep_who_gave_them():
    order = actions.order(kind="release", broadcast=new_id(), by={"person": "一号"})
    assert order.by == {"person": "一号"}
    assert array("Q", [order.seq])[0] > 0
