"""After sign-off: what was published, recall and correction, what the public sees, and the proof that it is what was signed."""

from datetime import timedelta
from typing import Any

import pytest

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.ledger.models import Block, Broadcast, Milestone, Order
from fenghuo.ground import clock
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions, queries, rules, tasks
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.wire import cap
from tests.warning.alerts.makers import Town, drafted, notice, proof, sign, signed, submitted, warning

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def refused(code: str, act: Any, /, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    assert caught.value.code == code, str(caught.value)
    return caught.value


def release_of(town: Town, data: dict[str, Any]) -> Release:
    alert = actions.draft(content=rules.read(data), by=town["entry"])
    alert = actions.submit(alert=alert, version=1, by=town["entry"])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    return sign(town, alert)


def recalled(town: Town, *, correct: bool) -> tuple[Release, list[Release]]:
    first = signed(town)
    actions.recall(alert=first.alert, reason="误发", correct=correct, by=town["reviewer"])
    return first, list(Release.objects.exclude(kind="release").order_by("at", "kind"))


def test_a_fraction_of_a_second_in_the_expiry_never_voids_the_signature(town: Town):
    late = (clock.now() + timedelta(hours=6)).replace(microsecond=999_900).isoformat()
    release = release_of(town, warning(town, expires_at=late))
    assert queries.verify_release(release)


# --- CAP ------------------------------------------------------------------------------------------------------------
def test_every_message_is_valid_and_refers_to_the_first(town: Town):
    first, after = recalled(town, correct=True)
    alert = cap.parse(bytes(first.cap))
    assert (alert.identifier, alert.status, alert.msg_type) == (first.cap_identifier, "Exercise", "Alert")
    assert abs(alert.sent - first.at) < timedelta(seconds=1)
    found = {one.kind: cap.parse(bytes(one.cap)) for one in after}
    assert (found["recall"].msg_type, found["correct"].msg_type) == ("Cancel", "Update")
    for release in (first, *after):
        message = cap.parse(bytes(release.cap))
        assert cap.validate(bytes(release.cap)) == []
        assert [
            one for one in cap.lint(message, sent_before=clock.now() + timedelta(seconds=2)) if one.severity == "error"
        ] == []
        if release is not first:
            (reference,) = cap.read_references(message.references or "")
            assert (reference.identifier, reference.sender, reference.sent) == (
                alert.identifier,
                alert.sender,
                alert.sent,
            )
            assert message.sent > alert.sent


@pytest.mark.parametrize(
    ("level", "severity", "colour"), [(1, "Extreme", "Red"), (3, "Moderate", "Yellow"), (4, "Minor", "Blue")]
)
def test_the_colour_travels_without_loss(town: Town, level: int, severity: str, colour: str):
    info = cap.parse(bytes(signed(town, level=level).cap)).infos[0]
    assert (info.severity, [(one.name, one.value) for one in info.parameters]) == (severity, [("alertLevel", colour)])
    assert [(one.name, one.value) for one in info.event_codes] == [("GB/T 35561", "11B03")]
    assert [one.value for one in info.areas[0].geocodes] == ["120119111"]


def test_a_notice_is_public_and_a_meeting_is_not(town: Town):
    tip = release_of(town, notice(town, kind="tip"))
    assert cap.parse(bytes(tip.cap)).infos[0].event == "安全提示"
    meeting = release_of(town, notice(town, kind="meeting", headline="防汛会议"))
    assert (bytes(meeting.cap), meeting.public) == (b"", False)
    assert queries.verify_release(meeting)
    assert queries.current() == [tip]
    refused("code_unknown", queries.by_code, code=meeting.alert.code)
    actions.recall(alert=meeting.alert, reason="改期", correct=True, by=town["signer"])
    assert queries.feed() == [tip]


def test_xml_in_a_text_stays_text(town: Town):
    body = "水位</description><sent>2020</sent>&amp;<references>a,b,c</references>"
    first = release_of(town, notice(town, body=body))
    actions.recall(alert=first.alert, reason="x", correct=True, by=town["signer"])
    assert body in (cap.parse(bytes(first.cap)).infos[0].description or "")
    assert all(queries.verify_release(one) for one in Release.objects.all())


# --- The proof ------------------------------------------------------------------------------------------------------
def test_what_was_signed_is_what_the_sender_was_given(town: Town):
    first, after = recalled(town, correct=True)
    assert [queries.verify_release(one) for one in (first, *after)] == [True, True, True]
    assert {one.digest for one in (first, *after)} == {first.alert.digest}


@pytest.mark.parametrize(
    "change",
    [
        {"text": "【天津预警发布中心】都回家【蓟州区下仓镇】"},
        {"correction": "【天津预警发布中心】没事【蓟州区下仓镇】"},
        {"mode": "live"},
        {"lane": 1},
        {"policy": "patient"},
        {"src_id": "10086"},
        {"expires_at": 4_000_000_000_000},
    ],
)
def test_a_changed_broadcast_is_found(town: Town, change: dict[str, Any]):
    release = signed(town)
    Broadcast.objects.update(**change)
    assert not queries.verify_release(release)


def test_a_changed_audience_message_or_record_is_found(town: Town):
    release = signed(town)
    block = Block.objects.get()
    Block.objects.update(recipients=bytes(block.recipients)[:-1] + bytes([bytes(block.recipients)[-1] ^ 1]))
    assert not queries.verify_release(release)
    Block.objects.update(recipients=block.recipients)
    assert queries.verify_release(release)
    for before, after in (("暴雨", "地震"), ("Orange", "Red"), ("Exercise", "Actual")):
        changed = Release.objects.get()
        changed.cap = bytes(changed.cap).replace(before.encode(), after.encode())
        assert bytes(changed.cap) != bytes(release.cap)
        assert not queries.verify_release(changed)
    changed = Release.objects.get()
    changed.snapshot["origin"]["text"] += "。"
    assert not queries.verify_release(changed)
    Broadcast.objects.all().delete()
    assert not queries.verify_release(release)


def test_the_digest_changes_with_everything_it_binds(town: Town):
    base = submitted(town)
    document = base.frozen or {}
    for key in document:
        assert queries.digest_of({**document, key: "something else"}) != base.digest
    assert {
        "version",
        "mode",
        "level",
        "event",
        "areas",
        "references",
        "texts",
        "correction",
        "audience",
        "expires_at",
    } <= set(document)
    assert set(document["texts"]) == set(document["correction"]) - {"headline"} == {"sms", "web", "cap"}
    with pytest.raises(TypeError):
        queries.digest_of({**document, "level": 2.0})


# --- Recall and correction ------------------------------------------------------------------------------------------
def test_recall_and_correction_are_one_act(town: Town):
    first, after = recalled(town, correct=True)
    assert {one.kind for one in after} == {"recall", "correct"}
    assert list(Order.objects.values_list("kind", "broadcast")) == [
        (kind, first.broadcast) for kind in ("release", "recall", "correct")
    ]
    assert list(JournalEntry.objects.filter(act__in=["alert.recall", "alert.correct"]).values_list("act", flat=True)) == [
        "alert.recall", "alert.correct"
    ]  # fmt: skip
    correction = Release.objects.get(kind="correct")
    assert correction.snapshot["text"] == Broadcast.objects.get(id=first.broadcast).correction
    assert "（演练）更正：" in correction.snapshot["text"]
    assert correction.expires_at > first.expires_at


def test_a_second_recall_is_told_who_was_first(town: Town):
    first, _after = recalled(town, correct=False)
    told = refused("already_recall", actions.recall, alert=first.alert, reason="再来", correct=True, by=town["signer"])
    assert town["reviewer"].person.name in str(told)
    assert Order.objects.filter(kind="recall").count() == 1
    # The correction it went without can still follow, once.
    actions.correct(alert=first.alert, reason="误发", by=town["leader"])
    refused("already_correct", actions.correct, alert=first.alert, reason="误发", by=town["leader"])
    assert [one.kind for one in Order.objects.all()] == ["release", "recall", "correct"]


def test_who_may_recall(town: Town):
    alert = signed(town).alert
    allowed = {post for post in town.people if rules.may(alert=alert, verb="recall", account=town[post]) is None}
    assert allowed == {"reviewer", "signer", "leader", "both"}
    refused("second_person_needed", actions.recall, alert=alert, reason="误发", correct=True, by=town["duty"])
    refused(
        "second_person_needed",
        actions.recall,
        alert=alert,
        reason="误发",
        correct=True,
        by=town["duty"],
        confirmed_by=town["entry"],
    )
    actions.recall(alert=alert, reason="误发", correct=True, by=town["duty"], confirmed_by=town["leader"])
    assert Release.objects.get(kind="recall").snapshot["confirmed_by"] == town["leader"].person.name


def test_only_what_was_released_is_recalled_and_with_a_reason(town: Town):
    alert = submitted(town)
    refused("wrong_state", actions.recall, alert=alert, reason="x", correct=False, by=town["signer"])
    first = signed(town)
    refused("reason_missing", actions.recall, alert=first.alert, reason="", correct=False, by=town["signer"])
    refused("recall_first", actions.correct, alert=first.alert, reason="x", by=town["signer"])
    assert Order.objects.filter(kind="recall").count() == 0


def test_even_an_expired_alert_is_corrected_with_time_to_arrive(town: Town):
    first = signed(town)
    with clock.moved(timedelta(days=3)):
        actions.recall(alert=first.alert, reason="误发", correct=True, by=town["signer"])
        assert Release.objects.get(kind="correct").expires_at > clock.now() + timedelta(hours=23)


def test_a_signed_alert_is_not_edited_returned_or_submitted(town: Town):
    first = signed(town)
    alert = first.alert
    content = queries.content_of(alert)
    refused("already_signed", actions.edit, alert=alert, version=1, content=content, by=town["entry"])
    refused("already_signed", actions.send_back, alert=alert, version=1, reason="x", by=town["leader"])
    refused("already_signed", actions.submit, alert=alert, version=1, by=town["entry"])
    refused("already_signed", actions.refreeze, alert=alert, version=1, by=town["signer"])


# --- Pause, resume, in doubt ----------------------------------------------------------------------------------------
def test_anyone_pauses_and_a_signer_resumes_with_a_fresh_proof(town: Town):
    refused("not_your_post", actions.resume, by=town["auditor"], step_up=None)
    refused("reason_missing", actions.pause, by=town["entry"], reason="  ")
    actions.pause(by=town["entry"], reason="内容有疑")
    refused("already_paused", actions.pause, by=town["leader"], reason="x")
    paused = queries.paused(town.organisation)
    assert paused is not None
    assert paused.detail["reason"] == "内容有疑"
    digest = queries.resume_digest(town.organisation)
    refused("not_your_post", actions.resume, by=town["entry"], step_up=proof(town["entry"], digest))
    refused("step_up_needed", actions.resume, by=town["signer"], step_up=proof(town["signer"], "0" * 64))
    old = proof(town["signer"], digest)
    actions.resume(by=town["signer"], step_up=proof(town["signer"], digest))
    assert queries.paused(town.organisation) is None
    refused("not_paused", actions.resume, by=town["signer"], step_up=old)
    actions.pause(by=town["entry"], reason="又")
    refused("step_up_needed", actions.resume, by=town["signer"], step_up=old)  # one proof resumes one pause
    assert [one.kind for one in Order.objects.all()] == ["pause", "resume", "pause"]


def test_decisions_on_recipients_in_doubt_are_orders(town: Town):
    first = signed(town)
    order = actions.settle(alert=first.alert, recipients="all", decision="resend", by=town["duty"])
    assert (order.kind, order.broadcast, order.detail) == (
        "settle",
        first.broadcast,
        {"decision": "resend", "all": True},
    )
    refused("decision", actions.settle, alert=first.alert, recipients="all", decision="forget", by=town["duty"])
    refused("recipients", actions.settle, alert=first.alert, recipients=[], decision="accept", by=town["duty"])
    refused(
        "not_in_doubt",
        actions.settle,
        alert=first.alert,
        recipients=[[1, 10000000001]],
        decision="accept",
        by=town["duty"],
    )
    refused("not_your_post", actions.settle, alert=first.alert, recipients="all", decision="accept", by=town["entry"])


# --- What the public sees -------------------------------------------------------------------------------------------
def test_the_public_sees_releases_and_what_became_of_them(town: Town):
    assert (queries.current(), queries.past().total, queries.feed(), queries.last_change()) == ([], 0, [], None)
    unsigned = submitted(town)
    refused("code_unknown", queries.by_code, code=unsigned.code)
    first = signed(town)
    assert queries.by_code(first.alert.code.upper()).state == "current"
    assert queries.current() == [first]
    assert queries.cap(first.cap_identifier) == first
    refused("cap_unknown", queries.cap, identifier="nothing")
    with clock.moved(timedelta(hours=13)):
        assert (queries.current(), queries.past().rows) == ([], [first])
        assert queries.by_code(first.alert.code).state == "expired"
        assert queries.last_change() == first.expires_at
    actions.recall(alert=first.alert, reason="误发", correct=True, by=town["signer"])
    public = queries.by_code(first.alert.code)
    assert (public.state, queries.current(), queries.past().rows) == ("recalled", [], [first])
    assert public.recall is not None
    assert public.correction is not None
    assert "误发" not in public.correction.snapshot["web"] + public.recall.snapshot["web"]  # the reason is for the log
    assert len(queries.feed()) == 3


def test_every_public_word_of_an_exercise_is_marked(town: Town):
    first, after = recalled(town, correct=True)
    web = first.snapshot["document"]["texts"]["web"]
    for words in (
        *(web[name] for name in ("headline", "body", "caution", "measures")),
        *(one.snapshot["web"] for one in after),
    ):
        assert words.startswith("（演练）")
        assert words.endswith("（演练结束）")


# --- The log --------------------------------------------------------------------------------------------------------
def test_the_operation_log_writes_itself(town: Town):
    first, _after = recalled(town, correct=True)
    lines = queries.operation_log(town.organisation, alert=first.alert)
    assert [line.act for line in lines] == ["draft", "submit", "review", "approve", "sign", "recall", "correct"]
    line = lines[4]
    assert (line.text, line.count, line.factor) == (first.snapshot["text"], 12, "code")
    assert line.persons["signer"] == line.by == town["signer"].person.name
    assert lines[5].reason == "误发"
    assert len(queries.operation_log(town.organisation, day=clock.now().astimezone().date())) == 7
    assert queries.operation_log(town.organisation, day=clock.now().date() - timedelta(days=3)) == []
    assert journal.verify().ok


def test_what_the_sender_reached_is_journalled_once(town: Town):
    first = signed(town)
    broadcast = Broadcast.objects.get(id=first.broadcast)
    Milestone.objects.create(broadcast=broadcast, name="first_intent", at=1_800_000_000_000, counts={"intended": 12})
    tasks.tick()
    tasks.tick()
    Milestone.objects.create(broadcast=broadcast, name="all_accepted", at=1_800_000_000_500, counts={"accepted": 12})
    tasks.tick()
    entries = JournalEntry.objects.filter(act__startswith="delivery.")
    assert [(one.act, one.subject, one.organisation) for one in entries] == [
        ("delivery.first_intent", first.alert_id, town.organisation.id),
        ("delivery.all_accepted", first.alert_id, town.organisation.id),
    ]
    assert entries[1].detail["counts"] == {"accepted": 12}
    assert journal.verify().ok


def test_milestones_numbered_anew_stand_in_nobodys_way(town: Town):
    """A ledger put back from a backup reaches again what the journal knows, under other numbers."""
    first, second = signed(town), signed(town)
    known = ("first_intent", "all_accepted", "all_final")
    one, other = (Broadcast.objects.get(id=release.broadcast) for release in (first, second))
    for name in known:
        Milestone.objects.create(broadcast=one, name=name, at=1_800_000_000_000, counts={})
    assert actions.record_milestones() == 3
    Milestone.objects.all().delete()
    for name in known:
        Milestone.objects.create(broadcast=one, name=name, at=1_800_000_000_000, counts={})
    assert actions.record_milestones() == 0
    Milestone.objects.create(broadcast=other, name="first_intent", at=1_800_000_000_000, counts={})
    assert actions.record_milestones() == 1
    assert actions.record_milestones() == 0
    # Two senders write at once: the smaller number became visible only now.
    late = Milestone.objects.filter(broadcast=one, name="all_final").get()
    Milestone.objects.filter(pk=late.pk).delete()
    Milestone.objects.create(pk=late.pk, broadcast=other, name="all_accepted", at=1_800_000_000_000, counts={})
    assert actions.record_milestones() == 1
    assert JournalEntry.objects.filter(act__startswith="delivery.").count() == 5
    assert journal.verify().ok


def test_audiences_that_nobody_names_are_forgotten_after_a_day(town: Town):
    alert = submitted(town)
    orphan = alert.broadcast
    alert = actions.edit(alert=alert, version=1, content=queries.content_of(alert), by=town["entry"])
    kept = actions.submit(alert=alert, version=2, by=town["entry"]).broadcast
    tasks.tick()
    assert set(Broadcast.objects.values_list("id", flat=True)) == {orphan, kept}
    with clock.moved(timedelta(hours=25)):
        tasks.tick()
    assert set(Broadcast.objects.values_list("id", flat=True)) == {kept}
    alert = Alert.objects.get()
    assert (alert.broadcast, ledger.audience_hash(kept or "")) == (kept, (alert.audience_sha256, 12))


def test_a_draft_is_nobodys_business(town: Town):
    alert = drafted(town)
    assert queries.feed() == []
    assert queries.texts(alert).digest == ""
    assert queries.listing(town.organisation, text="暴雨").rows == [alert]
    assert queries.listing(town.organisation, text="地震").total == 0
    assert queries.listing(town.organisation, state="signed").total == 0
