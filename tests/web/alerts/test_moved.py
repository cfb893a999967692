"""While an account hands people over to another, the recipients' page shows everybody once, and the tabs count as many."""

import pytest
from django.test import Client

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import Block, Broadcast
from fenghuo.ground import clock
from fenghuo.warning.alerts.models import Alert
from tests.delivery.makers import gateway
from tests.makers.doubts import put_in_doubt
from tests.web.world import World, obeyed

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
LEASE_MS = 60_000


def hand_over(alert: Alert, most: int) -> None:
    """The account that holds everybody dies; another serves these numbers too."""
    number = Broadcast.objects.values_list("number", flat=True).get(id=alert.broadcast)
    account = Block.objects.filter(broadcast_id=number).values_list("account", flat=True)[0]
    now_ms = round(clock.now().timestamp() * 1000)
    fence = actions.take_lease(account, "cmpp3", holder="test", dead="test", lease_ms=LEASE_MS)
    assert fence is not None
    book = actions.open_book(account, now_ms=now_ms)
    runs = actions.movable(book.sheets[number], gateway("two"), most)
    lease = {"fence": fence, "now_ms": now_ms, "lease_ms": LEASE_MS}
    assert actions.hand_over(book, number, "two", runs, **lease) == most
    actions.drop_lease(account, fence=fence)


def listed(client: Client, alert: Alert, state: str = "") -> list[str]:
    """Everybody on the pages, by number and name."""
    seen, pages, number = list[str](), 1, 0
    while number < pages:
        number += 1
        page = client.get(f"/alerts/{alert.pk}/recipients/", {"page": str(number), "state": state})
        pages = page.context["pages"]
        seen += [f"{row['number']} {row['name'].name}" for row in page.context["rows"]]
        tabs = {one["code"]: one["count"] for one in page.context["tabs"] if one["code"] != "untold"}
        assert page.context["total"] == (tabs[state] if state else sum(tabs.values()))
    return seen


def test_everybody_stands_on_the_page_once_before_and_after_a_hand_over(world: World) -> None:
    alert = world.signed()
    obeyed()
    client = world.client("duty_officer")
    before = listed(client, alert)
    hand_over(alert, 10)
    assert sorted(listed(client, alert)) == sorted(before)
    assert len(before) == len(set(before)) == alert.audience_count
    put_in_doubt(alert.broadcast, 3)  # of either account three
    assert sorted(listed(client, alert)) == sorted(before)
    assert len(set(listed(client, alert, "in_doubt"))) == len(listed(client, alert, "in_doubt")) == 6
    assert not set(listed(client, alert, "in_doubt")) & set(listed(client, alert, "unsent"))
    assert len({(one.contact_id, one.address) for one in queries.in_doubt(broadcasts=[alert.broadcast or ""])}) == 6
    html = client.get(f"/alerts/{alert.pk}/recipients/").content.decode()
    assert f"/in-doubt/?of=alert:{alert.pk}" in html
    assert "/unmatched/" in html
