"""Urgent release: one signer alone, but only with an approved life-safety text, and never unseen by the others."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from fenghuo.delivery.ledger.models import LEDGER, Broadcast, Order
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Person
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert, Release, ServiceText, Urgent
from fenghuo.warning.templates import actions as templates
from fenghuo.warning.templates.models import TemplateVersion
from tests.warning.alerts.makers import approved, drafted, proof, reviewed, submitted

pytestmark = pytest.mark.django_db(databases=["default", LEDGER])
LEADER = 10_099_000_001
BLANKS = {"地点": "下仓镇沟河沿线", "转移路线": "镇西路", "安置点": "镇中心小学", "联系电话": "10000000119"}


@pytest.fixture
def town(town):
    Person.objects.filter(pk=town["leader"].person_id).update(phone=str(LEADER))
    return town


@pytest.fixture
def template(town) -> TemplateVersion:
    templates.ship()
    shipped = TemplateVersion.objects.get(template__key="evacuation.flashflood.red", template__organisation=None)
    return templates.adopt(version=shipped, by=town["leader"])


def prepared(town, template, by="signer", **changes) -> Alert:
    asked = {"template": template.pk, "blanks": BLANKS, "areas": [town.organisation.area_id], **changes}
    return actions.prepare_urgent(**asked, by=town[by])


def released(town, template, by="signer") -> Release:
    alert = prepared(town, template, by)
    step_up = proof(town[by], alert.digest)
    return actions.release_urgent(
        alert=alert, digest=alert.digest, people=alert.audience_count, step_up=step_up, by=town[by]
    )


def refused_code(call, *arguments, **named) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    return caught.value.code


def test_one_signer_releases_at_once_and_everybody_who_must_know_is_told(town, template):
    release = released(town, template)
    alert = release.alert
    assert (alert.state, alert.flow, alert.signer_person, alert.reviewer_person) == (
        "signed", "urgent", town["signer"].person, None
    )  # fmt: skip
    assert Order.objects.filter(kind="release", broadcast=alert.broadcast).count() == 1
    assert "下仓镇沟河沿线" in release.snapshot["text"]
    assert release.snapshot["flow"] == "urgent"
    assert queries.verify_release(release)
    urgent = Urgent.objects.get()
    assert urgent.confirm_by - urgent.at == timedelta(minutes=10)
    assert urgent.review_by - urgent.at == timedelta(hours=24)
    told = ServiceText.objects.get(purpose="urgent")
    assert told.address == LEADER
    assert "紧急发布" in Broadcast.objects.get(id=told.broadcast).text
    assert JournalEntry.objects.get(act="alert.release_urgent").detail["factor"] == "code"
    assert journal.verify().ok


def test_the_fixed_words_come_from_the_template_whatever_is_typed_into_the_blanks(town, template):
    with pytest.raises(RefusedMany):
        prepared(town, template, blanks=BLANKS | {"地点": "{安置点}，无须转移"})
    alert = prepared(town, template, blanks=BLANKS | {"正文": "回家睡觉", "body": "回家睡觉"})
    assert "立即撤离" in alert.body
    assert "回家" not in queries.texts(alert).sms
    with pytest.raises(Refused) as refused:
        content = queries.content_of(alert).model_copy(update={"body": "回家睡觉"})
        actions.edit(alert=alert, version=alert.version, content=content, by=town["both"])
    assert refused.value.code == "urgent_flow"


def test_what_is_missing_or_wrong_is_named_and_nothing_is_kept(town, template):
    with pytest.raises(RefusedMany) as caught:
        prepared(town, template, blanks={"地点": "沟河"})
    assert {one.field for one in caught.value.refusals} >= {"blanks.安置点", "blanks.转移路线"}
    with pytest.raises(RefusedMany) as caught:
        prepared(town, template, areas=["110000"])
    assert "areas" in {one.field for one in caught.value.refusals}
    with pytest.raises(RefusedMany) as caught:
        prepared(town, template, blanks=BLANKS | {"安置点": "小学\u202e【某银行】"})
    assert {one.field for one in caught.value.refusals} == {"body"}
    assert not Alert.objects.exists()


@pytest.mark.parametrize("by", ["entry", "reviewer", "leader", "duty", "admin", "auditor"])
def test_nobody_but_a_signer_releases_urgently(town, template, by):
    assert refused_code(prepared, town, template, by) == "not_your_post"


def test_a_template_that_nobody_here_approved_is_not_released_urgently(town, template):
    shipped = TemplateVersion.objects.get(pk=template.based_on_id)
    assert refused_code(prepared, town, shipped) == "template_not_approved"
    notice = TemplateVersion.objects.filter(template__kind="notice", template__organisation=None).first()
    assert refused_code(prepared, town, notice) == "not_life_safety"
    alert = prepared(town, template)
    templates.retire(version=template, reason="改用新版", by=town["leader"])
    step_up = proof(town["signer"], alert.digest)
    told = {"alert": alert, "digest": alert.digest, "people": alert.audience_count}
    assert refused_code(actions.release_urgent, **told, step_up=step_up, by=town["signer"]) == "template_not_approved"


def test_without_its_own_second_factor_or_the_right_number_nothing_leaves(town, template):
    alert = prepared(town, template)
    told = {"alert": alert, "digest": alert.digest, "by": town["signer"]}
    other = proof(town["signer"], "0" * 64)
    with pytest.raises(Refused):
        actions.release_urgent(**told, people=alert.audience_count, step_up=other)
    right = proof(town["signer"], alert.digest)
    assert refused_code(actions.release_urgent, **told, people=1, step_up=right) == "people_differ"
    assert not Release.objects.exists()
    assert not Urgent.objects.exists()
    actions.release_urgent(**told, people=alert.audience_count, step_up=right)
    alert.refresh_from_db()
    assert refused_code(actions.release_urgent, **told, people=alert.audience_count, step_up=right) == "already_signed"


def test_another_signer_does_not_release_what_this_one_prepared(town, template):
    alert = prepared(town, template)
    step_up = proof(town["both"], alert.digest)
    told = {"alert": alert, "digest": alert.digest, "people": alert.audience_count}
    assert refused_code(actions.release_urgent, **told, step_up=step_up, by=town["both"]) == "another_prepared"


def test_what_was_prepared_long_ago_is_prepared_anew(town, template):
    alert = prepared(town, template)
    Alert.objects.filter(pk=alert.pk).update(updated_at=clock.now() - timedelta(minutes=16))
    alert.refresh_from_db()
    step_up = proof(town["signer"], alert.digest)
    told = {"alert": alert, "digest": alert.digest, "people": alert.audience_count}
    assert refused_code(actions.release_urgent, **told, step_up=step_up, by=town["signer"]) == "prepared_long_ago"


@pytest.mark.parametrize("verb", ["review", "approve", "sign", "return", "refreeze", "edit", "submit", "ask_approval"])
def test_a_prepared_urgent_release_walks_no_other_flow(town, template, verb):
    alert = prepared(town, template, by="both")
    for account in ("reviewer", "leader", "signer", "both", "entry"):
        assert rules.may(alert=alert, verb=verb, account=town[account]) is not None


def test_a_second_person_confirms_and_another_reviews_never_the_signer(town, template):
    alert = released(town, template).alert
    told: Any = {"alert": alert, "digest": alert.digest}
    assert refused_code(actions.confirm, **told, by=town["signer"]) == "own_release"
    assert refused_code(actions.confirm, **told, by=town["entry"]) == "not_your_post"
    actions.confirm(**told, remark="已与签发员通话", by=town["duty"])
    assert refused_code(actions.confirm, **told, by=town["leader"]) == "already_confirm"
    assert refused_code(actions.review_urgent, **told, reason="属实", by=town["duty"]) == "not_your_post"
    assert refused_code(actions.review_urgent, **told, reason=" ", by=town["reviewer"]) == "reason_missing"
    assert refused_code(actions.review_urgent, **told, reason="属实", by=town["signer"]) == "own_release"
    actions.review_urgent(**told, reason="山洪属实，转移及时", by=town["reviewer"])
    urgent = Urgent.objects.get()
    assert (urgent.confirmed_person, urgent.reviewed_person) == (town["duty"].person, town["reviewer"].person)
    assert alert.steps.get(verb="confirm").evidence == {"note": "已与签发员通话", "late": False}


def test_the_clocks_are_journalled_once_and_a_late_confirmation_says_so(town, template):
    alert = released(town, template).alert
    Urgent.objects.update(confirm_by=clock.now() - timedelta(seconds=1))
    assert [actions.keep_clocks() for _ in range(3)] == [1, 0, 0]
    assert JournalEntry.objects.filter(act="alert.urgent_unconfirmed").count() == 1
    actions.confirm(alert=alert, digest=alert.digest, by=town["leader"])
    assert alert.steps.get(verb="confirm").evidence["late"] is True
    Urgent.objects.update(review_by=clock.now() - timedelta(seconds=1))
    assert [actions.keep_clocks() for _ in range(2)] == [1, 0]
    assert JournalEntry.objects.filter(act="alert.urgent_unreviewed").count() == 1


def test_too_many_alarm_and_never_block(town, template):
    limits = [(released(town, template), Urgent.objects.latest("at").limits)[1] for _ in range(4)]
    assert limits == [[], ["person"], ["person"], ["person", "month"]]
    assert Release.objects.count() == 4
    assert JournalEntry.objects.filter(act="alert.urgent_limit").count() == 3


def test_a_worker_tells_the_leaders_whom_a_crash_left_untold(town, template):
    released(town, template)
    ServiceText.objects.all().delete()
    Urgent.objects.update(told_at=None)
    for _ in range(2):
        actions.keep_clocks()
    assert ServiceText.objects.filter(purpose="urgent").count() == 1


@pytest.mark.parametrize("make", [drafted, submitted, reviewed, approved])
def test_no_general_alert_becomes_an_urgent_one(town, template, make):
    alert = make(town)
    with pytest.raises(IntegrityError, match="flow"), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(flow="urgent", template=template)
    with pytest.raises(IntegrityError, match="flow"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE warning_alert SET flow = 'urgent', template_id = %s WHERE id = %s", [template.pk, alert.pk]
        )
    with pytest.raises(RefusedMany):
        rules.read({**queries.content_of(alert).model_dump(), "flow": "urgent"})


def test_a_copy_of_an_urgent_release_is_an_ordinary_draft(town, template):
    alert = released(town, template).alert
    fresh = actions.copy(alert=alert, by=town["both"])
    assert (fresh.flow, fresh.state) == ("general", "draft")
    assert rules.may(alert=fresh, verb="release_urgent", account=town["both"]) is not None


def test_the_database_lets_nothing_but_life_safety_be_urgent(town, template):
    general = drafted(town)
    row = {name: value for name, value in Alert.objects.filter(pk=general.pk).values().get().items() if name != "id"}
    for changes in (
        {"template_id": None},
        {"level": 3, "template_id": template.pk},
        {"kind": "notice", "level": None, "template_id": template.pk},
        {"whole_network": True, "template_id": template.pk},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.create(**{**row, "flow": "urgent", "code": "urgent22", **changes})


def test_the_database_refuses_the_signer_as_confirmer_and_reviewer(town, template):
    released(town, template)
    now, signer = clock.now(), town["signer"].person
    for values in (
        {"confirmed_at": now, "confirmed_person": signer},
        {"reviewed_at": now, "reviewed_person": signer},
        {"confirmed_at": now},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Urgent.objects.update(**values)
