"""The monthly quota of an account: a warning with its numbers before sign-off, a line in the journal above it, never a stop."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.queries import this_month
from fenghuo.delivery.ledger.values import Used
from fenghuo.ground.journal.models import JournalEntry
from tests.delivery.makers import gateway
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
QUOTA = 1_000


@pytest.fixture
def used() -> Iterator[None]:
    """An account of which all but three messages of the month are used."""
    settings.FENGHUO.gateway.append(gateway("mobile", quota_per_month=QUOTA))
    store.add_usage("mobile", Used(messages=QUOTA - 3), minute=1, month=this_month())
    yield
    settings.FENGHUO.gateway.clear()


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("level", [1, 3])
def test_a_release_above_the_quota_is_said_before_sign_off_journalled_and_never_stopped(
    world: World, level: int
) -> None:
    alert = world.approved(level=level)
    needs = alert.audience_count * Broadcast.objects.get(id=alert.broadcast).segments
    for page, post in (("review", "reviewer"), ("sign", "signer")):
        html = world.client(post).get(f"/alerts/{alert.id}/{page}/").content.decode()
        for number in (needs, QUOTA - 3, QUOTA, 3):
            assert str(number) in html
        assert "quota" in html or "配额" in html
    signed = world.signed(level=level)
    entry = JournalEntry.objects.get(act="alert.sign", subject=signed.id)
    over = {"account": "mobile", "quota": QUOTA, "used": QUOTA - 3, "waiting": 0, "needs": needs}
    assert entry.detail["over_quota"] == [over]


def test_within_the_quota_nothing_is_warned_of_and_nothing_journalled(world: World) -> None:
    settings.FENGHUO.gateway.append(gateway("mobile", quota_per_month=100_000))
    alert = world.approved()
    share = world.client("signer").get(f"/alerts/{alert.id}/sign/").context["quota"][0]
    assert (share.exceeded, share.left) == (False, 100_000)
    signed = world.signed()
    assert "over_quota" not in JournalEntry.objects.get(act="alert.sign", subject=signed.id).detail
    settings.FENGHUO.gateway.clear()


def test_without_a_quota_nothing_is_asked(world: World) -> None:
    alert = world.approved()
    assert world.client("signer").get(f"/alerts/{alert.id}/sign/").context["quota"] == []
