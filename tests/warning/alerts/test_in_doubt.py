"""What a person may decide on recipients in doubt, and what is refused with its reason before anything is ordered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.ledger.models import Order
from fenghuo.delivery.sender.desk import Desk
from fenghuo.ground import clock
from fenghuo.ground.refusal import CHINESE, Refused
from fenghuo.warning.alerts import actions
from fenghuo.warning.alerts.models import Alert
from tests.delivery.desks import STEPPED, doubt_all, opened, send_all
from tests.delivery.makers import gateway
from tests.warning.alerts.makers import Town, signed

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NEVER = replace(STEPPED, waits={"urgent": 1e9, "patient": 1e9})


def doubted(town: Town) -> tuple[Alert, Desk]:
    """An alert that left, and of which no answer came."""
    alert = signed(town).alert
    desk = opened(gateway("one"), timing=NEVER)
    doubt_all(desk)
    return alert, desk


def people(broadcast: str) -> list[list[int]]:
    return [[one.contact_id, one.address] for one in ledger.in_doubt(broadcasts=[broadcast])]


def refused(alert: Alert, recipients: Any, by: Any) -> Refused:
    before = Order.objects.count()
    with pytest.raises(Refused) as caught:
        actions.settle(alert=alert, recipients=recipients, decision="resend", by=by)
    assert Order.objects.count() == before
    return caught.value


@pytest.mark.parametrize("obeyed", [True, False])
def test_once_more_is_refused_once_the_alert_is_recalled_whether_or_not_the_sender_knows_yet(town: Town, obeyed: bool):
    alert, desk = doubted(town)
    whom = people(alert.broadcast or "")
    assert whom
    actions.recall(alert=alert, reason="误发", correct=False, by=town["signer"])
    if obeyed:
        desk.read_orders(always=True)
    for recipients in (whom, "all"):
        reason = refused(alert, recipients, town["duty"])
        assert (reason.code, reason.kind, reason.params["count"]) == ("not_sent_again", "conflict", len(whom))
        assert "撤回" in reason.in_language(CHINESE)
    actions.settle(alert=alert, recipients=whom, decision="give_up", by=town["duty"])
    desk.read_orders(always=True)
    assert people(alert.broadcast or "") == []


def test_once_more_is_refused_once_the_alert_has_expired(town: Town):
    alert, _desk = doubted(town)
    with clock.moved(timedelta(hours=13)):
        reason = refused(alert, people(alert.broadcast or ""), town["duty"])
        assert (reason.code, "有效期" in reason.in_language(CHINESE)) == ("not_sent_again", True)


def test_whoever_is_in_doubt_of_the_correction_too_is_sent_that_once_more_and_never_the_alert(town: Town):
    alert, desk = doubted(town)
    whom = people(alert.broadcast or "")
    actions.recall(alert=alert, reason="误发", correct=True, by=town["signer"])
    doubt_all(desk)
    correction = ledger.correction_of(alert.broadcast or "") or ""
    assert sorted(people(correction)) == sorted(whom)
    actions.settle(alert=alert, recipients=whom, decision="resend", by=town["duty"])
    assert sorted(send_all(desk, 1_000)) == sorted(number for _, number in whom)
    found = ledger.progress([alert.broadcast or "", correction])
    assert found[correction].accepted == len(whom)
    assert found[alert.broadcast or ""].in_doubt == len(whom)


def test_of_all_the_correction_is_sent_once_more_and_the_alert_says_why_not(town: Town):
    alert, desk = doubted(town)
    count = len(people(alert.broadcast or ""))
    actions.recall(alert=alert, reason="误发", correct=True, by=town["signer"])
    doubt_all(desk)
    actions.settle(alert=alert, recipients="all", decision="resend", by=town["duty"])
    assert len(send_all(desk, 1_000)) == count
    rows = list(ledger.export(alert.broadcast or ""))
    assert {(row.state, row.status) for row in rows} == {("in_doubt", "not sent again: recalled")}
