"""A county hosts its towns: one administrator proposes, another approves, and nobody takes another body's name (X2, X6, X14)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fenghuo.ground.accounts import actions, queries, rules
from fenghuo.ground.accounts.models import Account, Organisation, OrganisationProposal
from fenghuo.ground.journal.models import JournalEntry as Entry
from fenghuo.ground.refusal import Refused, RefusedMany
from tests.ground.accounts.conftest import found_area

TOWN: dict[str, Any] = {"area_code": "120114101", "name": "梅厂镇", "profile": "xiacang"}


@pytest.fixture
def district(county: Organisation) -> Organisation:
    area = found_area("120114", "武清区", "county", county.area.parent)
    for code, name in (("120114101", "梅厂镇"), ("120114102", "大碱厂镇")):
        found_area(code, name, "town", area)
    found_area("120119111", "下仓镇", "town", county.area)
    return actions.create_organisation(area_code="120114", name="武清区", profile="wuqing", by=None)


@pytest.fixture
def pair(district: Organisation, hire: Any) -> tuple[Account, Account]:
    """The two administrators of the district."""
    return hire("system_admin", organisation=district), hire("security_admin", organisation=district)


def refused(call: Any, **arguments: Any) -> Refused:
    with pytest.raises((Refused, RefusedMany)) as caught:
        call(**arguments)
    error: Any = caught.value
    found: Refused = error.refusals[0] if isinstance(error, RefusedMany) else error
    return found


def hosted(pair: tuple[Account, Account], **changes: Any) -> Organisation:
    proposal = actions.propose_organisation(**TOWN | changes, by=pair[0])
    return actions.approve_organisation(proposal=proposal, by=pair[1])


def test_a_hosted_town_speaks_in_its_own_name_without_a_profile_of_its_own(pair, district):
    town = hosted(pair)
    assert (town.area_id, town.name, town.signature) == ("120114101", "梅厂镇", "【武清区梅厂镇】")
    rules_ = queries.profile_of(town)
    assert (rules_.sms.suffix.value, rules_.sms.prefix.value) == ("【武清区梅厂镇】", "【天津预警发布中心】")
    assert queries.profile_of(district).sms.suffix.value == "【武清区】"
    assert queries.organisations_for(district) == [district, town]
    assert queries.provisioned_above(town)


def test_what_a_county_may_issue_a_town_that_borrows_its_profile_may_not(pair, district):
    town = hosted(pair, profile="wuqing")
    assert queries.profile_of(district).warnings.may_issue.value == [1, 2, 3, 4]
    assert queries.profile_of(town).warnings.may_issue.value == []
    assert not queries.profile_of(town).warnings.whole_network.value


def test_nothing_is_there_before_another_person_approves(pair, district, hire):
    system, security = pair
    proposal = actions.propose_organisation(**TOWN, by=system)
    assert Organisation.objects.filter(name="梅厂镇").count() == 0
    assert refused(actions.approve_organisation, proposal=proposal, by=system).kind == "forbidden"
    for post in ("signer", "leader", "auditor", "entry"):
        who = hire(post, organisation=district)
        assert refused(actions.approve_organisation, proposal=proposal, by=who).kind == "forbidden"
    assert actions.approve_organisation(proposal=proposal, by=security).name == "梅厂镇"
    acts = list(Entry.objects.filter(act__contains="organisation").order_by("seq").values_list("act", flat=True))
    assert acts == [
        "accounts.organisation_create",
        "accounts.propose_organisation_add",
        "accounts.organisation_create",
        "accounts.approve_organisation_add",
    ]
    assert refused(actions.approve_organisation, proposal=proposal, by=security).code == "already_decided"


def test_the_database_refuses_who_approves_the_own_proposal(pair, district):
    proposal = actions.propose_organisation(**TOWN, by=pair[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationProposal.objects.filter(pk=proposal.pk).update(decision="approved", decided_by=pair[0].person)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"area_code": "120119111"}, "area_not_below"),
        ({"area_code": "120114"}, "area_not_below"),
        ({"area_code": "99"}, "area_unknown"),
        ({"name": " "}, "name_missing"),
        ({"name": "长" * 101}, "name_long"),
        ({"name": "武 清 区"}, "name_taken"),
        ({"profile": "nowhere"}, "profile_unknown"),
        ({"signature": ""}, "signature_missing"),
        ({"signature": "【武清区】"}, "signature_taken"),
        ({"signature": "【蓟州区下仓镇】"}, "signature_taken"),
        ({"signature": "【天津预警发布中心】"}, "signature_taken"),
        ({"signature": "武清区梅厂镇"}, "signature_form"),
        ({"signature": "【梅】"}, "signature_form"),
        ({"signature": "【梅厂镇】【政府】"}, "signature_form"),
        ({"signature": "【梅厂\u202e镇】"}, "signature_form"),
        ({"signature": "【梅厂\x00镇】"}, "signature_form"),
        ({"signature": f"【{'长' * 25}】"}, "signature_form"),
    ],
)
def test_what_cannot_be_an_organisation_is_refused_when_it_is_proposed(pair, district, changes, code):
    assert refused(actions.propose_organisation, **TOWN | changes, by=pair[0]).code == code


def test_two_organisations_never_share_a_signature(pair, district):
    town = hosted(pair)
    other = {"area_code": "120114102", "name": "大碱厂镇", "signature": "【武清区 梅厂镇】"}
    assert refused(actions.propose_organisation, **TOWN | other, by=pair[0]).code == "signature_form"
    other["signature"] = town.signature
    assert refused(actions.propose_organisation, **TOWN | other, by=pair[0]).code == "signature_taken"
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=district.pk).update(signature=town.signature)


def test_a_change_holds_when_another_person_approves_and_can_be_rejected_or_taken_back(pair, district):
    system, security = pair
    town = hosted(pair)
    new = {"name": "梅厂镇人民政府", "signature": "【梅厂镇政府】", "profile": "bizhai"}
    proposal = actions.propose_change(organisation=town, **new, by=system)
    town.refresh_from_db()
    assert town.name == "梅厂镇"
    assert refused(actions.propose_change, organisation=town, **new, by=system).code == "already_proposed"
    assert refused(actions.reject_organisation, proposal=proposal, reason=" ", by=security).code == "reason_missing"
    actions.reject_organisation(proposal=proposal, reason="先开会", by=security)
    again = actions.propose_change(organisation=town, **new, by=system)
    actions.reject_organisation(proposal=again, reason="写错", by=system)
    again.refresh_from_db()
    assert again.decision == "withdrawn"
    last = actions.propose_change(organisation=town, **new, by=system)
    town = actions.approve_organisation(proposal=last, by=security)
    assert (town.name, town.signature, town.profile) == tuple(new.values())
    kept = Entry.objects.get(act="accounts.approve_organisation_change")
    assert kept.detail["before"] == {"name": "梅厂镇", "signature": "【武清区梅厂镇】", "profile": "xiacang"}
    assert refused(actions.propose_change, organisation=town, **new, by=system).code == "unchanged"


def test_a_signature_taken_meanwhile_is_not_given_twice(pair, district):
    system, security = pair
    one = actions.propose_organisation(**TOWN | {"signature": "【京津之间】"}, by=system)
    other = {"area_code": "120114102", "name": "大碱厂镇", "signature": "【京津之间】"}
    two = actions.propose_organisation(**TOWN | other, by=system)
    actions.approve_organisation(proposal=one, by=security)
    assert refused(actions.approve_organisation, proposal=two, by=security).code == "signature_taken"
    two.refresh_from_db()
    assert two.decision == ""


def test_a_town_that_administers_itself_proposes_and_the_tier_above_approves(pair, district, hire, settings):
    town = hosted(pair, profile="taicang")  # its accounts are its own
    assert not queries.provisioned_above(town)
    own, other = hire("system_admin", organisation=town), hire("security_admin", organisation=town)
    change = {"name": "梅厂镇政府", "signature": "【武清区梅厂镇】", "profile": "taicang"}
    proposal = actions.propose_change(organisation=town, **change, by=own)
    assert refused(actions.approve_organisation, proposal=proposal, by=other).code == "approved_above"
    assert actions.approve_organisation(proposal=proposal, by=pair[1]).name == "梅厂镇政府"
    assert refused(actions.propose_closing, organisation=town, why="撤并", by=own).code == "own_organisation"
    assert rules.may(account=own, act="organisations_propose", organisation=district) is not None


def test_a_closed_organisation_keeps_everything_and_lets_nobody_work(pair, district, hire):
    system, security = pair
    town = hosted(pair)
    clerk = hire("entry", "signer", organisation=town)
    token = actions.issue_token(account=clerk, by=None, name="机器")
    assert refused(actions.propose_closing, organisation=town, why="", by=system).code == "reason_missing"
    closing = actions.propose_closing(organisation=town, why="并入杨村街道", by=system)
    actions.approve_organisation(proposal=closing, by=security)
    town.refresh_from_db()
    clerk.refresh_from_db()
    assert town.closed_at is not None
    assert (clerk.is_active, queries.posts_of(clerk), queries.account_of_token(token)) == (False, frozenset(), None)
    invited = {"organisation": town, "name": "新人", "username": "xin.ren", "posts": []}
    assert refused(actions.invite, **invited, by=system).code == "closed"
    assert refused(actions.enable, account=clerk, by=system).code == "closed"
    opening = actions.propose_reopening(organisation=town, by=system)
    actions.approve_organisation(proposal=opening, by=security)
    assert actions.enable(account=clerk, by=system).link_token
    assert queries.posts_of(clerk) == frozenset()


def test_a_hosted_town_has_no_administrators_of_its_own(pair, district, hire):
    town = hosted(pair)
    clerk = hire("entry", organisation=town)
    for post in ("system_admin", "security_admin"):
        newcomer = hire(organisation=town)
        wrong = refused(actions.propose_grant, person=newcomer.person, post=post, by=pair[0])
        assert wrong.code == "administered_above"
    proposal = actions.propose_grant(person=clerk.person, post="signer", by=pair[0])
    actions.approve_proposal(proposal=proposal, by=pair[1])
    assert "signer" in queries.posts_of(clerk)


def test_the_same_user_name_in_two_towns_cannot_be(pair, district):
    town = hosted(pair)
    actions.invite(organisation=town, name="甲", username="zhang.wei", posts=[], by=pair[0])
    again = {"organisation": district, "name": "乙", "username": "zhang.wei", "posts": []}
    assert refused(actions.invite, **again, by=pair[0]).code == "username_taken"


def test_a_name_written_below_a_text_is_found_and_a_place_in_it_is_not(pair, district):
    town = hosted(pair)
    others = queries.bodies(but=town)
    for text in (
        "停水。——武清区",
        "停水。——武清区人民政府",
        "停水 --武清区政府。",
        "停水。武清区宣",
        "停水\n武 清区政府 宣",
    ):
        assert [one.body.name for one in queries.borrowed(text, others)], text
    for text in (
        "安置点：武清区政府",
        "请到下列地点：\n武清区政府",
        "范围：武清区",
        "武清区——蓟州区停水",
        "结冰路段：宝坻区——武清区",
        "结冰路段：宝坻区—武清区。",
        "停水。梅厂镇宣",
    ):
        assert queries.borrowed(text, others) == [], text


def test_a_name_in_brackets_is_found_in_whatever_shape_it_stands(pair, district):
    town = hosted(pair)
    others = queries.bodies(but=town)
    for text in (
        "请注意【武清区】",
        "［武清区］",
        "「武 清区」停水",
        "停水（武清区）",
        "（武清区）停水",
        "【天津市蓟州区下仓镇】",
    ):
        assert [one.body.name for one in queries.borrowed(text, others)], text
    for text in ("武清区停水", "请到（武清区）礼堂集合", "【武清区梅厂镇】", "【请注意】", ""):
        assert queries.borrowed(text, others) == [], text
