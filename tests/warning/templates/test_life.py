"""A template's life: written, proposed, approved by another person, replaced, retired; and the database stands behind it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.templates import actions, queries, rules
from fenghuo.warning.templates.actions.kept import written as written_as
from fenghuo.warning.templates.models import Template, TemplateVersion
from fenghuo.warning.templates.shipped import shipped
from tests.warning.alerts.makers import Town, make_town

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

PURPOSE = {"name": "凌汛黄色预警", "kind": "warning", "event": "11A05", "level": 3}
WORDS = {"headline": "{地点}凌汛黄色预警", "body": "预计{时间}{地点}可能发生凌汛，请远离河道。", "hours": 12}


def written(town: Town, by: str = "entry", **changed: Any) -> TemplateVersion:
    purpose = rules.read_purpose(PURPOSE | {k: v for k, v in changed.items() if k in rules.Purpose.model_fields})
    words = rules.read_wording(WORDS | {k: v for k, v in changed.items() if k in rules.Wording.model_fields})
    return actions.create(purpose=purpose, words=words, by=town[by])


def approved(town: Town, **changed: Any) -> TemplateVersion:
    version = actions.propose(version=written(town, **changed), by=town["entry"])
    return actions.approve(version=version, by=town["leader"])


def rained(town: Town) -> TemplateVersion:
    return next(one for one in queries.usable(town.organisation) if one.template.key == "rainstorm.yellow")


def test_shipping_twice_writes_nothing_twice(town: Town) -> None:
    assert actions.ship() == 0
    assert TemplateVersion.objects.filter(template__organisation=None).count() == len(shipped())


def test_a_text_that_ships_anew_becomes_a_further_version(town: Town) -> None:
    template = Template.objects.get(organisation=None, key="fog.red")
    template.versions.update(state="retired")
    old = written_as(template, rules.read_wording(WORDS), by=None, based_on=None, state="approved")
    assert actions.ship() == 1
    old.refresh_from_db()
    newest = template.versions.first()
    assert newest is not None
    assert (old.state, newest.state, newest.number) == ("retired", "approved", 3)
    assert "能见度" in newest.body


def test_another_person_approves_and_the_old_words_are_retired(town: Town) -> None:
    first = approved(town)
    second = actions.revise(version=first, words=rules.read_wording(WORDS | {"hours": 6}), by=town["reviewer"])
    actions.propose(version=second, by=town["reviewer"])
    assert [one.pk for one in queries.waiting(town.organisation)] == [second.pk]
    actions.approve(version=second, by=town["signer"])
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "approved")
    assert [one.number for one in queries.history(second)] == [2, 1]
    older = queries.before(second)
    assert older is not None
    assert queries.difference(older, second) == [queries.Change("hours", "12", "6")]
    acts = list(
        JournalEntry.objects.filter(act__startswith="template.", subject=second.pk).values_list("act", flat=True)
    )
    assert acts == ["template.write", "template.propose", "template.approve"]


def test_nobody_approves_what_they_wrote(town: Town) -> None:
    version = actions.propose(version=written(town, by="both"), by=town["both"])
    refused = rules.may(version=version, verb="approve", account=town["both"])
    assert refused is not None
    assert refused.code == "own_template"
    with pytest.raises(Refused):
        actions.approve(version=version, by=town["both"])
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(state="approved", approver_person=town["both"].person)
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(state="approved")


@pytest.mark.parametrize("field", ["headline", "body", "caution", "measures", "correction", "hours", "number"])
def test_the_words_of_a_version_never_change(town: Town, field: str) -> None:
    version = approved(town)
    value = 7 if field in ("hours", "number") else "改过的话"
    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(**{field: value})


@pytest.mark.parametrize("post", ["leader", "signer", "auditor", "admin"])
def test_who_does_not_draft_writes_no_template(town: Town, post: str) -> None:
    with pytest.raises(Refused) as caught:
        written(town, by=post)
    assert caught.value.kind == "forbidden"


@pytest.mark.parametrize("post", ["entry", "reviewer", "duty", "auditor", "admin"])
def test_who_does_not_answer_for_it_approves_none(town: Town, post: str) -> None:
    version = actions.propose(version=written(town), by=town["entry"])
    with pytest.raises(Refused) as caught:
        actions.approve(version=version, by=town[post])
    assert caught.value.kind == "forbidden"


def test_a_shipped_text_serves_at_once_and_becomes_ones_own_by_a_person(town: Town) -> None:
    shipped_one = next(one for one in queries.usable(town.organisation) if one.template.key == "evacuation.flood.red")
    refused = rules.fit_for_urgent(version=shipped_one, organisation=town.organisation)
    assert refused is not None
    own = actions.adopt(version=shipped_one, by=town["leader"])
    assert rules.fit_for_urgent(version=own, organisation=town.organisation) is None
    assert (own.body, own.approver_person_id) == (shipped_one.body, town["leader"].person_id)
    again = [one for one in queries.usable(town.organisation) if one.template.key == "evacuation.flood.red"]
    assert again == [own]
    ordinary = rained(town)
    refused = rules.fit_for_urgent(version=ordinary, organisation=town.organisation)
    assert refused is not None
    assert refused.code == "not_life_safety"


def test_an_own_wording_of_a_shipped_text_waits_for_approval_while_the_shipped_one_serves(town: Town) -> None:
    shipped_one = rained(town)
    own = actions.revise(version=shipped_one, words=rules.read_wording(WORDS), by=town["entry"])
    assert rained(town) == shipped_one
    actions.propose(version=own, by=town["entry"])
    actions.approve(version=own, by=town["leader"])
    assert rained(town) == own
    actions.retire(version=own, reason="改用上级统一文本", by=town["leader"])
    assert "rainstorm.yellow" not in {one.template.key for one in queries.usable(town.organisation)}
    assert own.end_reason == "改用上级统一文本"


def test_a_further_draft_of_the_same_hand_takes_the_place_of_the_earlier(town: Town) -> None:
    first = written(town)
    second = actions.revise(version=first, words=rules.read_wording(WORDS), by=town["entry"])
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "draft")


def test_another_towns_template_is_missing(town: Town) -> None:
    version = approved(town)
    other = make_town(3, code="120119001", name="文昌街道办事处")
    with pytest.raises(Refused) as caught:
        queries.version(other.organisation, version.pk)
    assert caught.value.kind == "missing"
    assert version.pk not in {one.pk for one in queries.usable(other.organisation)}
    with pytest.raises(Refused):
        actions.retire(version=version, reason="不是你们的", by=other["leader"])
    with pytest.raises(Refused):
        actions.revise(version=version, words=rules.read_wording(WORDS), by=other["entry"])


def test_the_best_fit_for_a_follow_up_is_found(town: Town) -> None:
    lift = queries.suited(town.organisation, event="11B03", level=1, relation="lift")
    red = queries.suited(town.organisation, event="11B03", level=1)
    assert lift is not None
    assert red is not None
    assert (lift.template.key, red.template.key) == ("lift.rainstorm", "rainstorm.red")
    assert queries.suited(town.organisation, event="11C02", level=1) is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"body": "预计{时间有雨"}, "body"),
        ({"body": ""}, "body"),
        ({"body": "【天津】有雨"}, "body"),
        ({"headline": "雨\x00"}, "headline"),
        ({"headline": "雨\ud800"}, "headline"),
        ({"body": "雨\u202e"}, "body"),
        ({"hours": 0}, "hours"),
        ({"hours": 1_000_000}, "hours"),
        ({"measures": "（演练）"}, "measures"),
        ({"caution": "长" * 2001}, "caution"),
    ],
)
def test_words_that_no_message_may_hold_are_refused_with_their_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedMany) as caught:
        rules.read_wording(WORDS | changed)
    assert {one.field for one in caught.value.refusals} == {field}
    assert all(one.in_language("zh-hans") and one.in_language("en") for one in caught.value.refusals)


@pytest.mark.parametrize(
    "changed",
    [{"level": True}, {"level": 5}, {"kind": "notice"}, {"event": "99999"}, {"life_safety": True}, {"name": " "}],
)
def test_a_purpose_that_makes_no_sense_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(RefusedMany):
        rules.read_purpose(PURPOSE | changed)


def test_finding_templates_takes_the_same_number_of_questions_however_many(
    town: Town, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        approved(town, name=f"凌汛{number}")
    with django_assert_max_num_queries(3):
        assert len(queries.usable(town.organisation)) == len(shipped()) + 12
