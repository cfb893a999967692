"""What the doctor says of the gateway accounts: red where people wait for one that does not work, whatever its state is called."""

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import actions
from fenghuo.ops import line_checks
from tests.delivery.makers import config, freeze, gateway

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def colour(state, *, waiting, unwell_ms=0, error=""):
    gate = gateway()
    with override_settings(FENGHUO=config(gate)):
        if waiting:
            one = freeze([10012300000, 10012300001])
            actions.order(kind="release", broadcast=one.broadcast, by={"system": True})
            actions.obey(actions.new_orders(0), mode="exercise", now_ms=1)
        fence = actions.take_lease(gate.name, "cmpp3", holder="x", dead="", lease_ms=60_000)
        assert fence is not None
        actions.report_health(
            gate.name, fence=fence, lease_ms=60_000, state=state, since=1, error=error, in_flight=0, heard_at=1,
            unwell_ms=unwell_ms,
        )  # fmt: skip
        found = next(line_checks.accounts())
    return found.colour, found.en


@pytest.mark.parametrize("state", ["silent", "down", "connecting"])
def test_people_who_wait_for_an_account_that_does_not_work_make_it_red(state):
    found, said = colour(state, waiting=True, error="no_answer")
    assert found == "red"
    assert "2 people wait" in said


@pytest.mark.parametrize("state", ["silent", "down", "connecting", "throttled", "paused"])
def test_while_nobody_waits_it_is_worth_a_look(state):
    assert colour(state, waiting=False)[0] == "yellow"


def test_an_account_that_stays_out_since_a_restore_says_why_and_what_ends_it():
    found, said = colour("paused", waiting=True, error="restored")
    assert found == "yellow"
    assert "restored from a backup" in said
    assert "logs in when a signer first resumes" in said


def test_an_account_that_is_refused_is_red_also_while_nobody_waits():
    assert colour("refused", waiting=False, error="submits_9")[0] == "red"


def test_an_account_that_only_slows_down_is_red_when_it_takes_nothing_of_what_waits():
    assert colour("throttled", waiting=True)[0] == "yellow"


def test_and_after_a_minute_of_that():
    assert colour("throttled", waiting=True, unwell_ms=120_000)[0] == "red"


def test_an_account_that_sends_is_green():
    assert colour("bound", waiting=True)[0] == "green"


def test_accounts_that_share_one_login_are_named_because_each_hears_the_others_receipts():
    one, two = gateway("one", host="Gate.example", port=7890), gateway("two", host="gate.example", port=7890)
    with override_settings(FENGHUO=config(one, two, gateway("three", host="gate.example", port=7891))):
        (found,) = line_checks.logins()
    assert found.colour == "yellow"
    assert found.en.startswith("one, two: one login (gate.example:7890")
    with override_settings(FENGHUO=config(one)):
        assert not list(line_checks.logins())
