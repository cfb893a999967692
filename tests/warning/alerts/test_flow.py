"""From draft to sign-off: each step by whom it may be done, on what that person has read, and never twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.ledger.models import Block, Broadcast, Order
from fenghuo.ground import clock
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.models import Contact
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert, Release
from tests.warning.alerts.makers import (
    Town,
    approved,
    drafted,
    make_town,
    proof,
    reviewed,
    sign,
    signed,
    submitted,
    warning,
)

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def refused(code: str, kind: str, act: Any, /, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    assert (caught.value.code, caught.value.kind) == (code, kind), str(caught.value)
    return caught.value


def test_the_whole_way_leaves_every_step_with_who_when_and_how(town: Town):
    release = signed(town)
    alert = release.alert
    assert alert.state == "signed"
    steps = [(one.verb, one.person_id, one.digest == alert.digest) for one in queries.steps(alert)]
    assert steps == [
        ("draft", town["entry"].person_id, False),
        ("submit", town["entry"].person_id, True),
        ("review", town["reviewer"].person_id, True),
        ("approve", town["leader"].person_id, True),
        ("sign", town["signer"].person_id, True),
    ]
    assert queries.steps(alert)[-1].factor == "code"
    acts = list(JournalEntry.objects.filter(subject=alert.id).values_list("act", flat=True))
    assert acts == ["alert.draft", "alert.submit", "alert.review", "alert.approve", "alert.sign"]
    order = Order.objects.get()
    assert (order.kind, order.broadcast, order.by["person"]) == ("release", release.broadcast, town["signer"].person_id)
    broadcast = Broadcast.objects.get(id=release.broadcast)
    assert broadcast.text == queries.texts(alert).sms == release.snapshot["text"]
    assert (broadcast.lane, broadcast.policy, broadcast.mode, broadcast.count) == (2, "urgent", "exercise", 12)
    assert queries.verify_release(release)


def test_two_people_suffice_and_the_leader_is_recorded(town: Town):
    alert = submitted(town, by="duty")
    alert = actions.review(alert=alert, digest=alert.digest, by=town["signer"])
    alert = actions.record_approval(
        alert=alert,
        digest=alert.digest,
        how="phone",
        leader=town["leader"].person,
        evidence={"note": "值班电话 8:05", "at": clock.now() - timedelta(minutes=2)},
        by=town["duty"],
    )
    release = sign(town, alert)
    assert release.snapshot["persons"]["approver"] == town["leader"].person.name
    assert release.snapshot["persons"]["approval_how"] == "phone"


# --- Rights and four eyes -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("post", ["signer", "leader", "admin", "auditor"])
def test_who_may_not_draft(town: Town, post: str):
    refused("not_your_post", "forbidden", actions.draft, content=rules.read(warning(town)), by=town[post])


@pytest.mark.parametrize(
    ("verb", "may"),
    [
        ("review", {"reviewer", "signer", "leader", "both"}),
        ("return", {"reviewer", "signer", "leader", "both"}),
        ("edit", {"entry", "reviewer", "duty", "both"}),
    ],
)
def test_who_may_do_what_to_a_submitted_alert(town: Town, verb: str, may: set[str]):
    alert = submitted(town)
    allowed = {post for post in town.people if rules.may(alert=alert, verb=verb, account=town[post]) is None}
    assert allowed == may - ({"entry"} if verb == "review" else set())


def test_who_may_sign_approve_and_record(town: Town):
    alert = reviewed(town)
    for verb, may in {"approve": {"leader"}, "record_approval": {"duty"}}.items():
        assert {post for post in town.people if rules.may(alert=alert, verb=verb, account=town[post]) is None} == may
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    assert {post for post in town.people if rules.may(alert=alert, verb="sign", account=town[post]) is None} == {
        "signer",
        "both",
    }


def test_nobody_reviews_or_signs_what_they_wrote(town: Town):
    alert = submitted(town, by="both")
    refused("own_draft", "forbidden", actions.review, alert=alert, digest=alert.digest, by=town["both"])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    refused("own_draft", "forbidden", sign, town=town, alert=alert, by="both")
    assert not Release.objects.exists()


def test_whoever_edited_in_between_is_an_author_too(town: Town):
    alert = drafted(town)
    alert = actions.edit(alert=alert, version=1, content=rules.read(warning(town, caution="甲")), by=town["both"])
    alert = actions.edit(alert=alert, version=2, content=rules.read(warning(town, caution="乙")), by=town["entry"])
    alert = actions.submit(alert=alert, version=3, by=town["entry"])
    refused("own_draft", "forbidden", actions.review, alert=alert, digest=alert.digest, by=town["both"])


@pytest.mark.parametrize("column", ["signer_person", "reviewer_person"])
@pytest.mark.parametrize("writer", ["author_person", "editor_person"])
def test_the_database_itself_refuses_one_pair_of_eyes(town: Town, column: str, writer: str):
    alert = drafted(town)
    rows = Alert.objects.filter(pk=alert.pk)
    rows.update(editor_person=town["both"].person)
    person = Alert.objects.values_list(writer, flat=True).get(pk=alert.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**{column: person})
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="signed")


def test_a_neighbours_alert_is_missing(town: Town):
    alert = submitted(town)
    other = make_town(3, code="120119112", name="罗庄子镇人民政府")
    refused("alert_unknown", "missing", queries.alert, organisation=other.organisation, id=alert.id)
    for act in (actions.review, actions.approve):
        refused("missing", "missing", act, alert=alert, digest=alert.digest, by=other["leader"])
    refused("missing", "missing", sign, town=other, alert=alert)
    assert queries.waiting_for(other["reviewer"]) == []
    refused("alert_unknown", "missing", queries.alert, organisation=town.organisation, id="01JNEVERWAS")


# --- What a person read is what they pass on ------------------------------------------------------------------------
def test_an_edit_voids_everything_and_makes_a_new_version(town: Town):
    alert = approved(town)
    old, step_up = alert.digest, proof(town["signer"], alert.digest)
    alert = actions.edit(alert=alert, version=1, content=rules.read(warning(town, caution="桥下")), by=town["entry"])
    assert (alert.state, alert.version, alert.digest, alert.broadcast, alert.reviewer_person) == (
        "draft",
        2,
        "",
        None,
        None,
    )
    refused("wrong_state", "conflict", sign, town=town, alert=alert, digest=old, step_up=step_up, people=12)
    alert = actions.submit(alert=alert, version=2, by=town["entry"])
    assert alert.digest != old
    refused("wrong_state", "conflict", actions.approve, alert=alert, digest=old, by=town["leader"])
    refused("digest_changed", "conflict", actions.review, alert=alert, digest=old, by=town["reviewer"])


def test_a_signer_who_read_an_older_page_is_refused(town: Town):
    page = approved(town)
    fresh = Alert.objects.get(pk=page.pk)
    fresh = actions.refreeze(alert=fresh, version=fresh.version, by=town["reviewer"])
    fresh = actions.review(alert=fresh, digest=fresh.digest, by=town["reviewer"])
    actions.approve(alert=fresh, digest=fresh.digest, by=town["leader"])
    told = refused("moved_on", "conflict", sign, town=town, alert=page)
    assert town["leader"].person.name in str(told)
    refused("digest_changed", "conflict", sign, town=town, alert=Alert.objects.get(pk=page.pk), digest=page.digest)
    assert not Order.objects.exists()


def test_two_editors_never_overwrite_each_other(town: Town):
    one, two = drafted(town), Alert.objects.get()
    actions.edit(alert=one, version=1, content=rules.read(warning(town, caution="甲说")), by=town["entry"])
    yours = rules.read(warning(town, caution="乙说"))
    for late in (two, Alert.objects.get()):
        told = refused(
            "edited_meanwhile", "conflict", actions.edit, alert=late, version=1, content=yours, by=town["duty"]
        )
        assert told.params["difference"]["caution"] == ["甲说", "乙说"]
        assert (told.params["version"], told.kept) == (2, "yours")
        assert town["entry"].person.name in told.in_language("en")
    kept = Alert.objects.get()
    assert (kept.caution, kept.version) == ("甲说", 2)
    # The difference read, the second editor goes on from there.
    assert actions.edit(alert=kept, version=2, content=yours, by=town["duty"]).caution == "乙说"


def test_every_save_is_journalled_but_one_hand_is_one_step(town: Town):
    alert = drafted(town)
    for version in range(1, 5):
        alert = actions.edit(
            alert=alert, version=version, content=rules.read(warning(town, caution=str(version))), by=town["entry"]
        )
    assert JournalEntry.objects.filter(act="alert.edit").count() == 4
    assert [step.verb for step in queries.steps(alert)] == ["draft"]


def test_returning_takes_a_reason_and_voids_what_was_frozen(town: Town):
    alert = reviewed(town)
    refused("reason_missing", "invalid", actions.send_back, alert=alert, version=1, reason=" ", by=town["leader"])
    alert = actions.send_back(alert=alert, version=1, reason="时间有误", by=town["leader"])
    assert (alert.state, alert.version, alert.broadcast, alert.digest) == ("draft", 2, None, "")
    assert queries.steps(alert)[-1].reason == "时间有误"
    assert [(one.alert, one.verb) for one in queries.waiting_for(town["entry"])] == [(alert, "submit")]


# --- Sign-off -------------------------------------------------------------------------------------------------------
def test_a_second_click_is_told_who_signed_and_when(town: Town):
    alert = approved(town)
    page = Alert.objects.get()
    sign(town, alert)
    for stale in (page, Alert.objects.get()):
        told = refused("already_signed", "conflict", sign, town=town, alert=stale, by="both")
        assert town["signer"].person.name in str(told)
        assert told.params["release"] == Release.objects.get().id
    assert (Release.objects.count(), Order.objects.count()) == (1, 1)


def test_without_the_leader_it_is_not_signed(town: Town):
    refused("approval_missing", "conflict", sign, town=town, alert=reviewed(town))


@pytest.mark.parametrize("people", [0, 11, 13, -12])
def test_the_number_typed_must_be_the_number_told(town: Town, people: int):
    told = refused("people_differ", "invalid", sign, town=town, alert=approved(town), people=people)
    assert told.field == "people"
    assert not Release.objects.exists()


def test_nothing_is_signed_after_its_expiry(town: Town):
    alert = approved(town)
    with clock.moved(timedelta(hours=12)):
        refused("expired", "conflict", sign, town=town, alert=alert)
    with clock.moved(timedelta(hours=11, minutes=59)):
        assert sign(town, alert).kind == "release"


def test_a_proof_for_another_digest_person_or_time_signs_nothing(town: Town):
    alert = approved(town)
    wrong = (
        proof(town["signer"], "0" * 64),
        proof(town["both"], alert.digest),
    )
    for step_up in wrong:
        refused("step_up_needed", "forbidden", sign, town=town, alert=alert, step_up=step_up)
    old = proof(town["signer"], alert.digest)
    with clock.moved(timedelta(minutes=3)):
        refused("step_up_needed", "forbidden", sign, town=town, alert=alert, step_up=old)
    alert.refresh_from_db()
    assert (alert.state, alert.signer_person, Order.objects.count()) == ("approved", None, 0)
    used = proof(town["signer"], alert.digest)
    sign(town, alert, step_up=used)
    refused("already_signed", "conflict", sign, town=town, alert=alert, step_up=used)


def test_altered_blocks_are_found_before_signing(town: Town):
    alert = approved(town)
    block = Block.objects.get()
    recipients = bytearray(block.recipients)
    recipients[8] ^= 1
    Block.objects.update(recipients=bytes(recipients))
    refused("stored_altered", "unavailable", sign, town=town, alert=alert)


@pytest.mark.parametrize(
    "change", [{"text": "【天津预警发布中心】回家【蓟州区下仓镇】"}, {"lane": 1}, {"mode": "live"}]
)
def test_an_altered_broadcast_is_found_before_signing(town: Town, change: dict[str, Any]):
    alert = approved(town)
    Broadcast.objects.update(**change)
    refused("stored_altered", "unavailable", sign, town=town, alert=alert)


def test_an_altered_document_is_found_before_signing(town: Town):
    alert = approved(town)
    document = alert.frozen or {}
    document["texts"]["sms"] = document["texts"]["sms"].replace("暴雨", "地震")
    Alert.objects.update(frozen=document)
    alert.refresh_from_db()
    refused("stored_altered", "unavailable", sign, town=town, alert=alert)


def test_changed_contacts_are_shown_and_taken_again_or_accepted(town: Town):
    alert = approved(town)
    gone = Contact.objects.filter(numbers__address=10_000_000_003).get()
    contacts.remove_contact(contact=gone, by=None)
    for k in (50, 51):
        contacts.add_contact(
            organisation=town.organisation,
            name=f"新{k}",
            area="120119111",
            position="村级责任人",
            numbers=[f"100000000{k}"],
            by=None,
        )
    assert queries.difference(alert) == (2, 1)
    told = refused("contacts_changed", "conflict", sign, town=town, alert=alert)
    assert (told.params["added"], told.params["removed"]) == (2, 1)
    refused("contacts_changed", "conflict", sign, town=town, alert=alert, accept_difference=(1, 1))
    again = actions.refreeze(alert=Alert.objects.get(), version=1, by=town["signer"])
    assert (again.state, again.version, again.audience_count, again.reviewer_person) == ("submitted", 2, 13, None)
    assert again.digest != alert.digest
    assert queries.difference(again) == (0, 0)


def test_a_seen_difference_may_be_accepted(town: Town):
    alert = approved(town)
    contacts.remove_contact(contact=Contact.objects.filter(numbers__address=10_000_000_003).get(), by=None)
    release = sign(town, alert, accept_difference=(0, 1))
    assert ledger.audience_hash(release.broadcast)[1] == 12
    assert queries.verify_release(release)


def test_contacts_that_do_not_matter_do_not_stop_a_signature(town: Town):
    alert = approved(town)
    contacts.add_contact(
        organisation=town.organisation, name="旁人", area="120119111", numbers=["10000000099"], by=None
    )
    assert sign(town, alert).kind == "release"


def test_an_approval_is_recorded_with_its_evidence_or_not_at_all(town: Town):
    alert = reviewed(town)
    fine: dict[str, Any] = {
        "alert": alert, "digest": alert.digest, "how": "paper", "leader": town["leader"].person, "by": town["duty"],
        "evidence": {"note": "审批表 7 号", "at": clock.now()},
    }  # fmt: skip
    for change, code in (
        ({"how": "system"}, "approval_way"),
        ({"how": "dream"}, "approval_way"),
        ({"leader": town["signer"].person}, "not_a_leader"),
        ({"evidence": {"note": " ", "at": clock.now()}}, "evidence_missing"),
        ({"evidence": {"note": "x", "at": clock.now() + timedelta(hours=1)}}, "evidence_time"),
        (
            {"evidence": {"note": "x", "at": clock.now() - timedelta(days=2)}},  # of something else
            "evidence_time",
        ),  # of words not yet there
        ({"evidence": {"note": "x"}}, "evidence_time"),
    ):
        refused(code, "invalid", actions.record_approval, **{**fine, **change})
    assert actions.record_approval(**fine).state == "approved"


def test_the_desk_asks_each_person_for_their_own_step(town: Town):
    def asked(post: str) -> list[str]:
        return [one.verb for one in queries.waiting_for(town[post])]

    alert = drafted(town)
    assert (asked("entry"), asked("duty"), asked("reviewer")) == (["submit"], [], [])
    alert = actions.submit(alert=alert, version=1, by=town["entry"])
    assert (asked("entry"), asked("reviewer"), asked("leader")) == ([], ["review"], ["review"])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    assert (asked("leader"), asked("duty"), asked("signer"), asked("reviewer")) == (
        ["approve"],
        ["record_approval"],
        [],
        [],
    )
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    assert (asked("signer"), asked("leader")) == (["sign"], [])
    sign(town, alert)
    assert [asked(post) for post in town.people] == [[]] * len(town.people)
    assert [one.alert for one in queries.running(town.organisation)] == [alert]


def test_a_copy_carries_no_mark(town: Town):
    alert = signed(town).alert
    copy = actions.copy(alert=alert, by=town["entry"])
    assert (copy.state, copy.version, copy.frozen) == ("draft", 1, None)
    assert copy.code != alert.code
    assert "演练" not in str(queries.content_of(copy).model_dump())
    assert queries.texts(copy).sms.count("（演练）") == 1


def test_codes_are_readable_and_differ(town: Town):
    codes = {drafted(town).code for _ in range(30)}
    assert len(codes) == 30
    assert all(len(code) == 8 and not set(code) & set("01ilo") and code == code.lower() for code in codes)
