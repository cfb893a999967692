"""Approval by SMS: the leader is asked once; one reply from the right number with the right code approves, nothing else does."""

import re
from datetime import timedelta

import pytest
from django.db import transaction

from fenghuo.delivery.ledger.models import LEDGER, Broadcast, Inbound, Order
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Person
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions
from fenghuo.warning.alerts.models import Alert, ApprovalRequest, Reply, ServiceText
from tests.warning.alerts.makers import reviewed, sign

pytestmark = pytest.mark.django_db(databases=["default", LEDGER])
LEADER = 10_099_000_001


@pytest.fixture
def town(town):
    Person.objects.filter(pk=town["leader"].person_id).update(phone=f"+86{LEADER}")
    return town


def asked(town, alert, by="reviewer"):
    return actions.ask_approval(alert=alert, digest=alert.digest, leader=town["leader"].person, by=town[by])


def text_of(service_text):
    return Broadcast.objects.get(id=service_text.broadcast).text


def code_of(request):
    found = re.search(r"[0-9]{6}", text_of(request.text))
    assert found
    return found[0]


def said(text, *, number=LEADER, message_id="1", part="", at=None, to="12379"):
    """What the sender's group commit keeps of a DELIVER."""
    at = at or clock.now()
    Inbound.objects.create(
        kind="message",
        account="one",
        at=round(at.timestamp() * 1000),
        message_id=message_id,
        address=str(number),
        text=text,
        destination=to,
        part=part,
    )


def ticked():
    actions.take_replies()
    actions.answer_replies()


def answers():
    return [text_of(one) for one in ServiceText.objects.filter(purpose__in=("done", "answer")).order_by("at")]


def test_the_question_says_what_it_is_about_and_goes_out_as_any_message_does(town):
    alert = reviewed(town)
    request = asked(town, alert)
    broadcast = Broadcast.objects.get(id=request.text.broadcast)
    assert (broadcast.lane, broadcast.count, broadcast.mode) == (0, 1, "exercise")
    for word in ("橙色预警", "暴雨橙色预警", f"发给{alert.audience_count}人", "起草", "审核", "（演练）", "不同意"):
        assert word in broadcast.text
    assert Order.objects.filter(kind="release", broadcast=broadcast.id).count() == 1
    step = alert.steps.get(verb="ask_approval")
    assert (step.person, step.evidence["name"]) == (town["reviewer"].person, town["leader"].person.name)
    assert str(LEADER) not in str(step.evidence)
    assert code_of(request) not in str(ApprovalRequest.objects.values().get())


@pytest.mark.parametrize("text", ["同意 {code}", "“同意 {code}”", "同意"])
def test_the_leaders_consent_approves_and_the_signer_may_sign(town, text):
    alert = reviewed(town)
    request = asked(town, alert)
    verbatim = text.format(code=code_of(request))
    said(verbatim, number=f"86{LEADER}")
    ticked()
    alert.refresh_from_db()
    step = alert.steps.get(verb="approve")
    assert (alert.state, step.factor, step.person) == ("approved", "sms", town["leader"].person)
    assert step.evidence["text"] == verbatim
    assert step.evidence["message"] == "1"
    assert step.evidence["number"].endswith("0001")
    assert "*" in step.evidence["number"]
    assert JournalEntry.objects.get(act="alert.approve").actor["person"] == town["leader"].person_id
    assert len(answers()) == 1
    assert "已登记您对" in answers()[0]
    assert sign(town, alert).snapshot["persons"]["approval_how"] == "sms"


def test_a_refusal_returns_it_with_the_leaders_reason(town):
    alert = reviewed(town)
    said(f"不同意 {code_of(asked(town, alert))} 范围太大")
    ticked()
    alert.refresh_from_db()
    step = alert.steps.get(verb="return")
    assert (alert.state, step.reason, step.factor, step.person) == ("draft", "范围太大", "sms", town["leader"].person)


def test_a_reply_counts_once_however_often_it_is_delivered_and_taken(town):
    alert = reviewed(town)
    text = f"同意 {code_of(asked(town, alert))}"
    said(text)
    for _ in range(3):
        ticked()
    said(text, message_id="2")
    ticked()
    assert alert.steps.filter(verb="approve").count() == 1
    assert sorted(Reply.objects.values_list("outcome", "why")) == [("approved", ""), ("rejected", "answered")]
    assert len(answers()) == 2


@pytest.mark.parametrize(
    ("number", "text", "why"),
    [
        (LEADER, "同意 000000", "wrong_code"),
        (LEADER + 1, "同意 {code}", "other_number"),
        (LEADER, "同意 {code} 但改为黄色", "unclear"),
    ],
)
def test_what_is_not_the_leaders_own_answer_approves_nothing(town, number, text, why):
    alert = reviewed(town)
    code = code_of(asked(town, alert))
    if code == "000000":
        pytest.fail("the one code in a million")
    said(text.format(code=code), number=number)
    ticked()
    alert.refresh_from_db()
    assert alert.state == "reviewed"
    assert Reply.objects.get().why == why
    assert JournalEntry.objects.get(act="alert.reply_rejected").detail["why"] == why
    answer = Broadcast.objects.get(id=ServiceText.objects.get(purpose="answer").broadcast)
    assert ServiceText.objects.get(purpose="answer").address == LEADER, "the answer goes to the number on file"
    assert answer.count == 1


def test_too_late_is_by_when_it_came_not_by_when_it_was_read(town):
    first, second = reviewed(town), reviewed(town)
    for alert, late in ((first, False), (second, True)):
        request = asked(town, alert)
        said(
            f"同意 {code_of(request)}",
            message_id=alert.id[:18],
            at=request.expires_at + timedelta(seconds=1 if late else -1),
        )
    ticked()
    assert [Alert.objects.get(pk=one.pk).state for one in (first, second)] == ["approved", "reviewed"]


def test_a_text_changed_after_the_question_is_not_approved(town):
    alert = reviewed(town)
    code = code_of(asked(town, alert))
    actions.refreeze(alert=alert, version=alert.version, by=town["entry"])
    actions.review(alert=alert, digest=Alert.objects.get(pk=alert.pk).digest, by=town["reviewer"])
    said(f"同意 {code}")
    ticked()
    assert Alert.objects.get(pk=alert.pk).state == "reviewed"
    assert Reply.objects.get().why == "changed"


def test_asked_about_two_things_a_bare_consent_says_nothing(town):
    alerts = [reviewed(town), reviewed(town)]
    for alert in alerts:
        asked(town, alert)
    said("同意")
    ticked()
    assert {Alert.objects.get(pk=one.pk).state for one in alerts} == {"reviewed"}
    assert Reply.objects.get().why == "several"


def test_whoever_guesses_codes_has_few_tries_and_answers_are_few(town):
    alert = reviewed(town)
    code = code_of(asked(town, alert))
    guesses = [guess for guess in (f"{n:06d}" for n in range(20)) if guess != code][:6]
    for number, guess in enumerate(guesses):
        said(f"同意 {guess}", message_id=str(number))
    said(f"同意 {code}", message_id="99")
    ticked()
    assert Alert.objects.get(pk=alert.pk).state == "reviewed"
    assert ApprovalRequest.objects.get().answer == "void"
    assert len(answers()) == 3


def test_who_was_never_asked_gets_no_answer_and_approves_nothing(town):
    alert = reviewed(town)
    said("同意", number=LEADER + 5)
    said("同意 123456", number="1065712345678", message_id="2")
    ticked()
    assert Alert.objects.get(pk=alert.pk).state == "reviewed"
    assert not ServiceText.objects.exists()
    assert set(Reply.objects.values_list("outcome", flat=True)) == {"kept"}


def test_somebody_who_is_no_longer_leader_approves_nothing(town):
    alert = reviewed(town)
    code = code_of(asked(town, alert))
    town["leader"].person.postings.update(until=clock.now())
    said(f"同意 {code}")
    ticked()
    assert (Alert.objects.get(pk=alert.pk).state, Reply.objects.get().why) == ("reviewed", "not_possible")


def test_asking_again_makes_the_first_question_void(town):
    alert = reviewed(town)
    first = asked(town, alert)
    with pytest.raises(Refused) as refused:
        asked(town, alert)
    assert refused.value.code == "asked_just_now"
    ApprovalRequest.objects.update(at=clock.now() - timedelta(minutes=2))
    second = asked(town, alert)
    said(f"同意 {code_of(first)}")
    ticked()
    assert Reply.objects.get().why == "void"
    said(f"同意 {code_of(second)}", message_id="2")
    ticked()
    assert Alert.objects.get(pk=alert.pk).state == "approved"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_long_reply_counts_when_it_is_whole_in_whatever_order_it_comes(town, order):
    alert = reviewed(town)
    pieces = ["不同意 " + code_of(asked(town, alert)), " 范围", "太大"]
    for place in order:
        assert Alert.objects.get(pk=alert.pk).state == "reviewed"
        said(pieces[place], message_id=str(place), part=f"7/3/{place + 1}")
        ticked()
    assert Alert.objects.get(pk=alert.pk).steps.get(verb="return").reason == "范围太大"
    assert Reply.objects.exclude(outcome="part").count() == 1


def test_a_worker_that_dies_between_approval_and_answer_owes_the_answer(town):
    alert = reviewed(town)
    said(f"同意 {code_of(asked(town, alert))}")
    actions.take_replies()
    assert answers() == []
    actions.answer_replies()
    actions.answer_replies()
    assert len(answers()) == 1


def test_a_crash_while_a_reply_is_taken_leaves_it_to_be_taken_again(town):
    alert = reviewed(town)
    said(f"同意 {code_of(asked(town, alert))}")
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.take_replies()
        raise RuntimeError("killed before the commit")
    assert not Reply.objects.exists()
    assert Alert.objects.get(pk=alert.pk).state == "reviewed"
    actions.take_replies()
    assert Alert.objects.get(pk=alert.pk).state == "approved"


def test_a_leader_without_a_mobile_number_or_a_profile_without_sms_is_refused_with_what_to_do(town):
    alert = reviewed(town)
    Person.objects.filter(pk=town["leader"].person_id).update(phone="02229800000")
    with pytest.raises(Refused) as refused:
        asked(town, alert)
    assert refused.value.code == "leader_without_mobile"
    with pytest.raises(Refused) as refused:
        actions.ask_approval(alert=alert, digest=alert.digest, leader=town["entry"].person, by=town["reviewer"])
    assert refused.value.code == "not_a_leader"
    with pytest.raises(Refused) as refused:
        asked(town, alert, by="leader")
    assert refused.value.kind == "forbidden"
