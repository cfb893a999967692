"""What follows an alert: drafts filled in, one successor at most, the older stopped, chains and feeds (W8)."""

from datetime import timedelta

import pytest

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import queries as sent
from fenghuo.delivery.ledger.models import Order
from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.rules import Row
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.wire import cap
from tests.warning.alerts.makers import notice, sign, signed, warning

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def follow(town, alert, relation, by="entry"):
    return actions.follow_up(alert=Alert.objects.get(pk=alert.pk), relation=relation, by=town[by])


def completed(town, draft, by="entry", **changes):
    """The draft with what came from above typed in."""
    now = clock.now()
    content = queries.content_of(draft)
    words = {"text": content.body, "issued_at": now - timedelta(minutes=2), "received_at": now - timedelta(minutes=1)}
    origin = {**content.origin.model_dump(), **words} if content.origin else None
    values = {**content.model_dump(), "origin": origin, **changes}
    return actions.edit(alert=draft, version=draft.version, content=rules.read(values), by=town[by])


def release(town, draft, by="entry"):
    alert = actions.submit(alert=draft, version=draft.version, by=town[by])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    return sign(town, alert)


def refusal(town, alert, verb, by="entry"):
    refused = rules.may(alert=Alert.objects.get(pk=alert.pk), verb=verb, account=town[by])
    return refused and refused.code


def obeyed():
    """The ledger after the sender has obeyed every order so far."""
    ledger.obey(ledger.new_orders(0), mode="exercise", now_ms=round(clock.now().timestamp() * 1000))


def test_a_draft_is_filled_in_and_says_what_it_does(town):
    first = signed(town)
    raised = follow(town, first.alert, "raise")
    content = queries.content_of(raised)
    assert (raised.relation, raised.follows_id, raised.level, content.level) == ("raise", first.alert_id, 1, 1)
    assert content.headline == "天津市气象台发布暴雨红色预警"
    assert "暴雨红色预警" in content.body
    assert content.audience.groups == [town.group.id]
    assert content.origin
    # What comes next comes from above again.
    assert (content.origin.issuer, content.origin.text) == ("天津市气象台", "")
    assert content.origin.received_at, "as on a new form: word has come when somebody presses the button"
    lowered, lifted = follow(town, first.alert, "lower"), follow(town, first.alert, "lift")
    assert queries.content_of(lowered).level == 3
    words = queries.content_of(lifted)
    assert words.headline == "解除：天津市气象台发布暴雨橙色预警"
    assert "现予解除" in words.body
    assert (words.measures, words.caution, words.starts_at) == ("", "", None)
    assert words.expires_at
    assert words.expires_at >= first.expires_at


def test_a_lift_needs_few_elements_and_a_warning_all(town):
    first = signed(town)
    lifted = follow(town, first.alert, "lift")
    found = queries.problems(queries.content_of(lifted), town.organisation, lifted)
    assert [one.code for one in found if one.severity == "error"] == []
    raised = follow(town, first.alert, "raise")
    with pytest.raises(RefusedMany) as refused:
        actions.submit(alert=raised, version=raised.version, by=town["entry"])
    assert {"origin_text", "element_issued"} <= {one.code for one in refused.value.refusals}


@pytest.mark.parametrize(
    ("relation", "level", "code"),
    [("raise", 2, "level_not_raised"), ("raise", 3, "level_not_raised"), ("lower", 2, "level_not_lowered"),
     ("lower", 1, "level_not_lowered"), ("update", 1, "level_changed"), ("lift", 3, "level_changed")],
)  # fmt: skip
def test_the_level_moves_as_the_relation_says(town, relation, level, code):
    draft = completed(town, follow(town, signed(town).alert, relation), level=level)
    assert code in [one.code for one in queries.problems(queries.content_of(draft), town.organisation, draft)]


def test_signed_it_takes_the_place_of_the_older_whose_rest_is_stopped_first(town):
    first = signed(town)
    second = release(town, completed(town, follow(town, first.alert, "raise")))
    kinds = list(Order.objects.order_by("seq").values_list("kind", "broadcast"))
    assert kinds == [("release", first.broadcast), ("supersede", first.broadcast), ("release", second.broadcast)]
    before = Alert.objects.get(pk=first.alert_id)
    assert before.superseded_by_id == second.alert_id
    obeyed()
    progress = sent.progress([first.broadcast, second.broadcast])
    assert progress[first.broadcast].superseded
    assert progress[second.broadcast].released
    assert not progress[second.broadcast].recalled_at
    assert refusal(town, first.alert, "update") == "not_live"
    assert refusal(town, first.alert, "recall", "signer") == "superseded"
    assert refusal(town, second.alert, "lift") is None
    assert [step.verb for step in queries.steps(before)][-1] == "raise"
    assert any(line.act == "raise" for line in queries.operation_log(town.organisation, alert=before))


def test_a_chain_refers_to_all_before_it_and_every_message_is_valid_and_verified(town):
    first = signed(town)
    second = release(town, completed(town, follow(town, first.alert, "raise")))
    third = release(town, completed(town, follow(town, second.alert, "lower", by="entry"), level=3))
    last = release(town, follow(town, third.alert, "lift"))
    told = [cap.parse(bytes(one.cap)) for one in (first, second, third, last)]
    assert [one.msg_type for one in told] == ["Alert", "Update", "Update", "Cancel"]
    for at, message in enumerate(told):
        named = [one.identifier for one in cap.read_references(message.references or "")]
        assert named == [one.identifier for one in told[:at]]
        assert [one.sent for one in cap.read_references(message.references or "")] == [one.sent for one in told[:at]]
        assert [one for one in cap.lint(message) if one.severity == "error"] == []
        assert cap.validate(bytes((first, second, third, last)[at].cap)) == []
    assert told[3].infos[0].response_types == (cap.ResponseType.ALL_CLEAR,)
    assert all(queries.verify_release(one) for one in (first, second, third, last))
    document = last.snapshot["document"]
    assert (document["relation"], [one["alert"] for one in document["references"]]) == (
        "lift",
        [first.alert_id, second.alert_id, third.alert_id],
    )
    assert [(one.alert.relation, one.fate) for one in queries.chain(first.alert)] == [
        ("", "updated"), ("raise", "updated"), ("lower", "lifted"), ("lift", "live"),
    ]  # fmt: skip
    assert [one.cap_identifier for one in queries.feed()] == [last.cap_identifier]
    assert queries.by_code(first.code).newer == second
    assert queries.by_code(third.code).state == "lifted"
    assert [one.pk for one in queries.current()] == [last.pk]


def test_a_forged_reference_shows(town):
    first = signed(town)
    second = release(town, completed(town, follow(town, first.alert, "update")))
    assert queries.verify_release(second)
    second.cap = bytes(second.cap).replace(first.cap_identifier.encode(), first.cap_identifier.encode()[::-1])
    assert not queries.verify_release(second)


def test_a_lift_tells_whoever_was_in_the_chain_and_not_the_living_contacts(town):
    first = signed(town)
    # Whoever moves in after the alert was never told of it.
    contacts.load_many(
        organisation=town.organisation,
        rows=[Row("村级责任人新", "120119111200", (10_099_999_999,), position="村级责任人")],
        by=None,
    )
    draft = follow(town, first.alert, "lift")
    lifted = release(town, draft)
    assert sent.audience(lifted.broadcast)[1] == sent.audience(first.broadcast)[1]
    assert lifted.snapshot["document"]["audience"]["count"] == 12


def test_only_what_is_in_force_is_followed(town):
    recalled, expiring = signed(town), signed(town)
    actions.recall(alert=recalled.alert, reason="误报", correct=False, by=town["signer"])
    assert refusal(town, recalled.alert, "lift") == "not_live"
    Alert.objects.filter(pk=expiring.alert_id).update(expires_at=clock.now() - timedelta(seconds=1))
    assert refusal(town, expiring.alert, "update") == "not_live"
    draft = actions.draft(content=rules.read(warning(town)), by=town["entry"])
    assert refusal(town, draft, "lift") == "not_live"
    with pytest.raises(Refused, match=r"draft a new alert|请重新起草|起草"):
        follow(town, recalled.alert, "lift")
    with pytest.raises(Refused) as refused:
        follow(town, recalled.alert, "cancel")
    assert refused.value.code == "relation"


def test_whoever_comes_second_is_led_to_the_first_draft_and_other_relations_stay_open(town):
    first = signed(town)
    draft = follow(town, first.alert, "lift")
    with pytest.raises(Refused) as refused:
        follow(town, first.alert, "lift", by="both")
    assert (refused.value.code, refused.value.params["follow_up"]) == ("already_following", draft.pk)
    assert refusal(town, first.alert, "update") is None
    assert refusal(town, draft, "lift") == "is_a_lift"


def test_of_two_follow_ups_one_is_signed_and_the_other_says_why_not(town):
    first = signed(town)
    lifted, updated = follow(town, first.alert, "lift"), completed(town, follow(town, first.alert, "update"))
    waiting = actions.submit(alert=updated, version=updated.version, by=town["entry"])
    release(town, lifted)
    assert refusal(town, waiting, "review", "reviewer") == "predecessor_not_live"
    assert Order.objects.filter(kind="supersede").count() == 1


def test_levels_end_at_red_and_blue_and_a_notice_has_none(town):
    red, blue = signed(town, level=1), signed(town, level=4)
    assert refusal(town, red.alert, "raise") == "no_further_level"
    assert refusal(town, blue.alert, "lower") == "no_further_level"
    assert (refusal(town, red.alert, "lower"), refusal(town, blue.alert, "raise")) == (None, None)
    told = signed(
        town, **{k: v for k, v in notice(town).items() if k in ("kind", "category", "level", "event", "origin")}
    )
    assert refusal(town, told.alert, "raise") == "no_level"
    assert refusal(town, told.alert, "lift") is None


def test_who_may_lift_may_word_the_lift_but_not_sign_it(town):
    first = signed(town)
    assert refusal(town, first.alert, "update", "signer") is not None
    draft = follow(town, first.alert, "lift", by="signer")
    assert refusal(town, draft, "edit", "signer") is None
    alert = actions.submit(alert=draft, version=draft.version, by=town["signer"])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    assert refusal(town, alert, "sign", "signer") == "own_draft"
    assert refusal(town, first.alert, "lift", "auditor") is not None


def test_a_recalled_follow_up_gives_the_place_back(town):
    first = signed(town)
    lifted = release(town, follow(town, first.alert, "lift"))
    actions.recall(alert=lifted.alert, reason="误解除", correct=True, by=town["signer"])
    assert Alert.objects.get(pk=first.alert_id).superseded_by_id is None
    assert refusal(town, first.alert, "lift") is None
    assert queries.by_code(first.code).state == "current"
    again = release(town, follow(town, first.alert, "lift"))
    assert [one["alert"] for one in again.snapshot["document"]["references"]] == [first.alert_id]


def test_a_list_of_alerts_asks_no_more_queries_than_one(town, django_assert_max_num_queries):
    first = [signed(town) for _ in range(3)]
    release(town, follow(town, first[0].alert, "lift"))
    with django_assert_max_num_queries(12):
        page = queries.listing(town.organisation)
    assert {one.fate for one in page.rows} == {"live", "lifted"}
    live = queries.listing(town.organisation, live=True)
    assert {one.pk for one in live.rows} == {first[1].alert_id, first[2].alert_id}
    with django_assert_max_num_queries(16):
        why = queries.follow_ups(town["entry"], town.organisation, page.rows)
    assert why[first[1].alert_id]["update"] is None
