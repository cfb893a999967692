"""`fenghuo doctor` names a link test that failed and a quota that is nearly used."""

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions, store
from fenghuo.delivery.ledger.queries import this_month
from fenghuo.delivery.ledger.values import LinkTest, Used
from fenghuo.ops.line_checks import line
from tests.delivery.makers import config, gateway

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.mark.parametrize(
    ("ok", "used", "colours"),
    [(True, 10, ["green", "green"]), (False, 899, ["red", "green"]), (True, 900, ["green", "yellow"])],
)
def test_a_failed_test_is_red_and_a_tight_quota_yellow(ok: bool, used: int, colours: list[str]) -> None:
    fence = actions.take_lease("one", "cmpp3", holder="x", dead="", lease_ms=1000)
    assert fence is not None
    found = LinkTest(20991231, "login", ok, 5, "" if ok else "login_3")
    actions.keep_link_test("one", fence=fence, lease_ms=1000, found=found)
    store.add_usage("one", Used(messages=used), minute=1, month=this_month())
    with override_settings(FENGHUO=config(gateway(quota_per_month=1000))):
        findings = list(line())
    assert [one.colour for one in findings] == colours
    assert ("refused the login (3)" in findings[0].en) is not ok


def test_nothing_is_said_of_an_account_without_either() -> None:
    with override_settings(FENGHUO=config(gateway())):
        assert list(line()) == []
