"""One press makes the alert that relays a warning; it walks to sign-off as it stands, and updates and lifts follow it."""

from typing import Any

import pytest

from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions as alerts
from fenghuo.warning.alerts import queries as alert_queries
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.relay import actions, queries
from fenghuo.warning.relay.models import Arrival
from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap import levels
from tests.warning.alerts.makers import Town, sign
from tests.warning.relay.messages import county, moment, with_info, xml

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def received(town: Town, alert: cap.Alert | None = None) -> Arrival:
    return actions.receive(raw=xml(alert), source="page", by=town["duty"])


def released(town: Town, alert: Alert) -> Alert:
    """From draft to release, changed by nobody."""
    alerts.submit(alert=alert, version=alert.version, by=town["duty"])
    for verb, post in ((alerts.review, "reviewer"), (alerts.approve, "leader")):
        alert.refresh_from_db()
        verb(alert=alert, digest=alert.digest, by=town[post])
    alert.refresh_from_db()
    sign(town, alert)
    alert.refresh_from_db()
    return alert


def later(**changes: Any) -> cap.Alert:
    """A message that refers to the first."""
    first = county()
    reference = cap.write_references([cap.Reference(first.sender, first.identifier, first.sent)])
    return county(identifier="12011941600000_20260701100000_1", references=reference, sent=moment(), **changes)


def test_the_relaying_alert_is_complete_and_keeps_origin_and_wording(town: Town):
    arrival = received(town)
    alert = actions.forward(arrival=arrival, by=town["duty"])
    content = alert_queries.content_of(alert)
    assert content.origin is not None
    assert (content.origin.arrival, content.origin.sha256, content.origin.how) == (arrival.pk, arrival.sha256, "cap")
    assert content.origin.text == content.body == county().infos[0].description
    assert (content.level, content.event, content.category) == (2, "11B03", "natural")
    assert content.areas == ["120119111"]
    assert content.audience.groups == [town.group.pk]
    assert content.caution  # from the template for an orange rainstorm
    assert [one.code for one in alert_queries.problems(content, town.organisation) if one.severity == "error"] == []
    release = released(town, alert).releases.get()
    assert "蓟州区气象台" in release.snapshot["document"]["texts"]["web"]["issuer"]
    assert alert_queries.verify_release(release)


@pytest.mark.parametrize("code", ["11B25", "11B37", "11B77"])
def test_an_event_code_that_nobody_named_is_passed_on_as_it_came(town: Town, code: str):
    told = with_info(county(), event_codes=(levels.event_code(code),))
    alert = actions.forward(arrival=received(town, told), by=town["duty"])
    content = alert_queries.content_of(alert)
    assert content.event == code
    found = {one.code: one.severity for one in alert_queries.problems(content, town.organisation)}
    assert found["event_unlisted"] == "warning"
    alerts.edit(
        alert=alert,
        version=1,
        by=town["duty"],
        content=content.model_copy(update={"caution": "注意防范", "category": "natural"}),
    )
    alert.refresh_from_db()
    release = released(town, alert).releases.get()
    assert levels.event_code_of(cap.parse(bytes(release.cap)).infos[0]) == code
    assert national_xml.parse(bytes(release.national)).infos[0].event_type == code


def test_a_second_press_makes_no_second_alert(town: Town):
    arrival = received(town)
    actions.forward(arrival=arrival, by=town["duty"])
    with pytest.raises(Refused) as refused:
        actions.forward(arrival=arrival, by=town["entry"])
    assert refused.value.code == "arrival_relayed"
    assert Alert.objects.count() == 1
    assert queries.waiting(town.organisation) == []


@pytest.mark.parametrize(
    ("level", "relation"), [(levels.Level.II, "update"), (levels.Level.I, "raise"), (levels.Level.III, "lower")]
)
def test_an_update_from_above_follows_what_was_relayed(town: Town, level: levels.Level, relation: str):
    first = released(town, actions.forward(arrival=received(town), by=town["duty"]))
    update = county(
        identifier="b", references=later().references, sent=moment(), msg_type=cap.MsgType.UPDATE, level=level
    )
    arrival = received(town, update)
    assert arrival.answers is not None
    alert = actions.forward(arrival=arrival, by=town["duty"])
    assert (alert.relation, alert.follows_id, alert.level) == (relation, first.pk, int(level))


def test_a_cancel_from_above_lifts_what_was_relayed(town: Town):
    first = released(town, actions.forward(arrival=received(town), by=town["duty"]))
    cancel = with_info(
        later(msg_type=cap.MsgType.CANCEL), headline="蓟州区气象台解除暴雨橙色预警", description="暴雨橙色预警解除。"
    )
    alert = actions.forward(arrival=received(town, cancel), by=town["duty"])
    assert (alert.relation, alert.follows_id, alert.body) == ("lift", first.pk, "暴雨橙色预警解除。")
    assert alert.audience["groups"] == [town.group.pk]


def test_a_cancel_of_what_was_never_relayed_has_nothing_to_lift(town: Town):
    arrival = received(town, later(msg_type=cap.MsgType.CANCEL))
    with pytest.raises(Refused) as refused:
        actions.forward(arrival=arrival, by=town["duty"])
    assert refused.value.code == "arrival_nothing_to_lift"
    arrival.refresh_from_db()
    assert arrival.handled_at is None
    assert Alert.objects.count() == 0
    actions.dismiss(arrival=arrival, reason="未转发过", by=town["duty"])
    assert queries.waiting(town.organisation) == []


def test_the_last_audience_is_remembered(town: Town):
    alert = actions.forward(arrival=received(town), by=town["duty"])
    content = alert_queries.content_of(alert)
    narrowed = content.model_copy(
        update={"audience": content.audience.model_copy(update={"groups": [], "areas": ["120119111"]})}
    )
    alerts.edit(alert=alert, version=alert.version, content=narrowed, by=town["duty"])
    alert.refresh_from_db()
    released(town, alert)
    again = actions.forward(arrival=received(town, county(identifier="c")), by=town["duty"])
    assert again.audience["areas"] == ["120119111"]
    assert again.audience["groups"] == []


def test_seen_reported_and_relayed_are_written_down_once(town: Town):
    arrival = received(town)
    actions.see(arrival=arrival, by=town["duty"])
    seen = actions.see(arrival=arrival, by=town["entry"])
    assert seen.seen_by == town["duty"].person
    assert queries.ringing(town.organisation) == []
    told = actions.report(arrival=arrival, to="镇长", how="电话", by=town["duty"])
    assert (told.report, told.reported_by) == ({"to": "镇长", "how": "电话"}, town["duty"].person)
    actions.forward(arrival=arrival, by=town["duty"])
    acts = list(JournalEntry.objects.filter(subject=arrival.pk).order_by("seq").values_list("act", flat=True))
    assert acts == ["arrival.receive", "arrival.see", "arrival.report", "arrival.forward"]
    with pytest.raises(Refused) as refused:
        actions.report(arrival=arrival, to=" ", how="电话", by=town["duty"])
    assert refused.value.code in ("missing", "arrival_relayed")


def test_another_organisations_arrival_is_missing(town: Town):
    arrival = received(town)
    with pytest.raises(Refused) as refused:
        queries.arrival(type(town.organisation)(pk="X" * 26), arrival.pk)
    assert refused.value.kind == "missing"
