"""A hundred thousand people in doubt: the page, a choice, and one decision on all of them, as quick as for a hundred."""

import time

import pytest

from fenghuo.delivery.ledger import queries
from fenghuo.delivery.ledger.models import Order
from tests.makers.doubts import decisions_taken, put_in_doubt
from tests.web.alerts.test_doubts import PATH, link_test
from tests.web.world import World, obeyed

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.slow]
MANY = 100_000
SECONDS = 3.0  # of this process's own time; measured 0.04 for each


def test_a_hundred_thousand_are_paged_chosen_from_and_decided_on_at_once(world: World) -> None:
    test = link_test(world, MANY)
    put_in_doubt(test.broadcast)
    client, of = world.client("duty_officer"), f"test:{test.pk}"
    client.get(PATH)
    took, keys = dict[str, float](), list[str]()
    for name, asked in {"first": "1", "middle": "500", "last": "1000"}.items():
        began = time.process_time()
        page = client.get(PATH, {"of": of, "page": asked})
        took[name] = time.process_time() - began
        assert page.context["total"] == MANY
        keys = [row["key"] for row in page.context["rows"]]
        assert len(keys) == 100, name
    began = time.process_time()
    assert client.post(PATH, {"of": of, "decision": "accept", "recipient": keys}).status_code == 302
    took["choose"] = time.process_time() - began
    obeyed()
    decisions_taken()
    began = time.process_time()
    sent = {"of": of, "decision": "give_up", "all": "1", "all-people": str(MANY - 100)}
    assert client.post(PATH, sent).status_code == 302
    took["all"] = time.process_time() - began
    assert len(str(Order.objects.latest("seq").detail)) < 200  # an order, not a list
    obeyed()
    decisions_taken()
    told = queries.progress([test.broadcast])[test.broadcast]
    assert (told.in_doubt, told.failed, told.accepted) == (0, MANY - 100, 100)
    assert max(took.values()) < SECONDS, took
