"""From the printed code to people at their posts: one-time links, two administrators, nothing usable before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions, factors, queries
from fenghuo.ground.accounts.actions import FirstFactor, NewPerson
from fenghuo.ground.accounts.models import Account, Invitation, Person, Posting, PostProposal
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.refusal import Refused, RefusedMany
from tests.ground.accounts.conftest import PASSWORD

SYSTEM = NewPerson("系统甲", "sys.one", "13900000001")
SECURITY = NewPerson("安全乙", "sec.two", "13900000002")


def refused(call, **arguments):
    with pytest.raises((Refused, RefusedMany)) as caught:
        call(**arguments)
    error = caught.value
    return [one.code for one in getattr(error, "refusals", [error])]


def accept(token, password=PASSWORD):
    made = factors.new_totp_secret()
    factor = FirstFactor(totp_secret=made, totp_code=queries.totp_code(made))
    account, _ = actions.accept_invitation(token=token, password=password, factor=factor)
    return account


@pytest.fixture
def administrators(county):
    """The first two, come in by the bootstrap code."""
    code = actions.issue_bootstrap_code(organisation=county)
    links = actions.bootstrap(code=code, system=SYSTEM, security=SECURITY)
    return tuple(accept(link.link_token) for link in links)


def test_before_the_code_is_used_there_is_no_account_at_all(county):
    actions.issue_bootstrap_code(organisation=county)
    assert not Account.objects.exists()


def test_the_code_names_two_administrators_who_are_two_persons(county, administrators):
    system, security = administrators
    assert queries.posts_of(system) == {"system_admin"}
    assert queries.posts_of(security) == {"security_admin"}
    assert system.check_password(PASSWORD)
    assert system.person_id != security.person_id


@pytest.mark.parametrize("field", ["name", "username", "phone"])
def test_one_person_cannot_be_both(county, field):
    code = actions.issue_bootstrap_code(organisation=county)
    both = NewPerson(**{**SECURITY.__dict__, field: getattr(SYSTEM, field)})
    assert refused(actions.bootstrap, code=code, system=SYSTEM, security=both) == ["two_persons"]
    assert not Account.objects.exists()
    assert actions.bootstrap(code=code, system=SYSTEM, security=SECURITY)  # the code was not lost


def test_the_code_works_once_and_for_a_day(county):
    code = actions.issue_bootstrap_code(organisation=county)
    with clock.moved(timedelta(hours=24, seconds=1)):
        assert refused(actions.bootstrap, code=code, system=SYSTEM, security=SECURITY) == ["bootstrap_code"]
    newer = actions.issue_bootstrap_code(organisation=county)
    assert refused(actions.bootstrap, code=code, system=SYSTEM, security=SECURITY) == ["bootstrap_code"]
    actions.bootstrap(code=newer.lower().replace("-", " "), system=SYSTEM, security=SECURITY)
    assert refused(actions.bootstrap, code=newer, system=NewPerson("丙", "ccc"), security=NewPerson("丁", "ddd")) == [
        "bootstrap_code"
    ]


def test_once_administrators_work_no_new_code_goes_around_them(county, administrators):
    assert refused(actions.issue_bootstrap_code, organisation=county) == ["already_set_up"]


def test_a_post_takes_two_administrators(county, administrators):
    system, security = administrators
    invitation = actions.invite(
        organisation=county, name="张录入", username="zhang.wei", posts=["entry", "reviewer"], by=system
    )
    account = accept(invitation.link_token)
    assert queries.posts_of(account) == frozenset()
    waiting = queries.proposals(county)
    assert [(one.act, one.post) for one in waiting] == [("grant", "entry"), ("grant", "reviewer")]
    assert refused(actions.approve_proposal, proposal=waiting[0], by=system) == ["not_your_post"]
    actions.approve_proposal(proposal=waiting[0], by=security)
    actions.reject_proposal(proposal=waiting[1], reason="两人审核已足", by=security)
    assert queries.posts_of(account) == {"entry"}
    assert refused(actions.approve_proposal, proposal=waiting[1], by=security) == ["already_decided"]
    assert [one.person.name for one in queries.recent_grants(county)] == ["张录入"]


def test_an_administrator_cannot_give_himself_a_post(county, administrators):
    system, security = administrators
    assert refused(actions.propose_grant, person=system.person, post="signer", by=system) == ["post_alone"]
    assert refused(actions.propose_grant, person=security.person, post="signer", by=security) == ["not_your_post"]


def test_the_database_wants_two_persons_too(county, administrators):
    system, security = administrators
    person = Person.objects.create(organisation=county, name="某")
    now = clock.now()
    for proposer, approver in [(system, system), (system, None)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            PostProposal.objects.create(
                person=person, organisation=county, act="grant", post="signer", proposed_by=proposer.person,
                proposed_at=now, decision="approved", decided_by=approver and approver.person, decided_at=now,
            )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        PostProposal.objects.create(
            person=security.person, organisation=county, act="grant", post="signer", proposed_by=system.person,
            proposed_at=now, decision="approved", decided_by=security.person, decided_at=now,
        )  # fmt: skip


def test_a_post_is_taken_by_two_administrators_as_well(county, administrators, hire):
    system, security = administrators
    signer = hire("signer")
    proposal = actions.propose_revoke(person=signer.person, post="signer", by=system)
    assert queries.posts_of(signer) == {"signer"}
    actions.approve_proposal(proposal=proposal, by=security)
    assert queries.posts_of(signer) == frozenset()
    assert Posting.objects.get(person=signer.person).until is not None


def test_the_same_thing_is_not_proposed_twice(county, administrators, hire):
    system, _ = administrators
    person = hire("entry").person
    actions.propose_grant(person=person, post="reviewer", by=system)
    assert refused(actions.propose_grant, person=person, post="reviewer", by=system) == ["already_proposed"]
    assert refused(actions.propose_grant, person=person, post="entry", by=system) == ["held"]
    assert refused(actions.propose_grant, person=person, post="auditor", by=system) == ["post_alone"]
    assert refused(actions.propose_revoke, person=person, post="signer", by=system) == ["not_held"]
    assert refused(actions.propose_grant, person=person, post="chief", by=system) == ["post_unknown"]


def test_every_wrong_field_is_named_at_once(county, administrators):
    codes = refused(
        actions.invite, organisation=county, name=" ", username="!", posts=[], phone="x1", by=administrators[0]
    )
    assert codes == ["name_missing", "username_form", "phone_form"]


@pytest.mark.parametrize("username", ["jz_xczlr", "xczqf", "lr", "admin", "test1", "town_luru"])
def test_an_account_is_a_person_not_a_task(county, administrators, username):
    code = "username_form" if len(username) < 3 else "username_shared"
    assert refused(
        actions.invite, organisation=county, name="某", username=username, posts=[], by=administrators[0]
    ) == [code]


def test_a_known_telephone_number_is_asked_about(county, administrators):
    person = {"organisation": county, "name": "又一人", "username": "you.yi", "posts": [], "by": administrators[0]}
    assert refused(actions.invite, phone="139 0000-0001", **person) == ["phone_held"]
    assert (
        actions.invite(phone="１３９００００００01", another_person=True, **person).account.person.phone
        == "13900000001"
    )


def test_two_accounts_cannot_share_a_name_or_a_person(county, administrators):
    again = {"organisation": county, "name": "某", "posts": [], "by": administrators[0]}
    assert refused(actions.invite, username="SYS.one", **again) == ["username_taken"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.create(person=administrators[0].person, username="another", created_at=clock.now())


def test_a_link_works_once_and_only_its_hash_is_kept(county, administrators):
    invitation = actions.invite(organisation=county, name="张三", username="zhang.san", posts=[], by=administrators[0])
    token = invitation.link_token
    assert token
    assert token not in str(list(Invitation.objects.values()))
    assert token not in "".join(journal.export())
    accept(token)
    assert refused(actions.accept_invitation, token=token, password=PASSWORD, factor=FirstFactor(printed=True)) == [
        "link_dead"
    ]


def test_a_link_runs_out_and_a_newer_one_replaces_it(county, administrators):
    invitation = actions.invite(organisation=county, name="张三", username="zhang.san", posts=[], by=administrators[0])
    with clock.moved(timedelta(hours=25)):
        assert queries.invitation(invitation.link_token, purposes=("invite",)) is None
    newer = actions.invite_again(account=invitation.account, by=administrators[0])
    assert queries.invitation(invitation.link_token, purposes=("invite",)) is None
    accept(newer.link_token)
    assert refused(actions.invite_again, account=invitation.account, by=administrators[0]) == ["has_keys"]


@pytest.mark.parametrize(
    ("password", "factor", "codes"),
    [
        ("JZ_xczlr123456", FirstFactor(printed=True), {"password_pattern", "password_guessable"}),
        (PASSWORD, FirstFactor(), {"factor_missing"}),
        (PASSWORD, FirstFactor(totp_secret="A" * 32, totp_code="12345"), {"totp_wrong"}),
        (PASSWORD, FirstFactor(passkey_challenge=b"x" * 32, passkey_response='{"id": 1}'), {"passkey_refused"}),
        ("", FirstFactor(), {"password_short", "factor_missing"}),
    ],
)
def test_a_refused_acceptance_says_all_and_leaves_the_link_working(county, administrators, password, factor, codes):
    token = actions.invite(
        organisation=county, name="张三", username="zhang.san", posts=[], by=administrators[0]
    ).link_token
    assert set(refused(actions.accept_invitation, token=token, password=password, factor=factor)) == codes
    assert not Account.objects.get(username="zhang.san").has_usable_password()
    assert accept(token)


def test_printed_codes_are_shown_once_and_kept_as_hashes(county, administrators):
    token = actions.invite(
        organisation=county, name="张三", username="zhang.san", posts=[], by=administrators[0]
    ).link_token
    account, codes = actions.accept_invitation(token=token, password=PASSWORD, factor=FirstFactor(printed=True))
    assert len(set(codes)) == 10
    assert queries.factors_of(account) == queries.Factors(totp=False, passkeys=0, codes=10)
    assert not any(code in str(list(account.printed_codes.values())) for code in codes)


def test_a_lost_access_is_renewed_by_two_and_ends_what_was_lost(county, administrators, keyed):
    system, security = administrators
    account, _ = keyed("signer")
    session = actions.open_session(account=account, proof=None, place="10.0.0.9", browser="x")
    proposal = actions.propose_renewal(person=account.person, by=system)
    proposal = actions.approve_proposal(proposal=proposal, by=security)
    accept(proposal.link_token, password="kettle-orbit-72-moss")
    session.refresh_from_db()
    assert session.ended_at is not None
    account.refresh_from_db()
    assert not account.check_password(PASSWORD)
    assert queries.posts_of(account) == {"signer"}


def test_a_disabled_account_has_nothing_left_that_works(county, administrators, keyed):
    system, _ = administrators
    account, _ = keyed("signer", "reviewer")
    actions.open_session(account=account, proof=None, place="10.0.0.9", browser="x")
    actions.know_device(account=account, token="d", name="x")
    token = actions.issue_token(account=account, by=account)
    link = actions.sign_in_link(account=account)
    assert refused(actions.disable, account=account, by=system) == ["reason_missing"]
    actions.disable(account=account, reason="调离", by=system)
    assert queries.sessions_of(account) == []
    assert queries.account_of_token(token) is None
    assert queries.posts_of(account) == frozenset()
    assert not queries.device_is_known(username=account.username, token="d")
    assert refused(actions.enter, token=link) == ["link_dead"]
    assert refused(actions.disable, account=account, reason="again", by=system) == ["already_disabled"]
    back = actions.enable(account=account, by=system)
    accept(back.link_token)
    account.refresh_from_db()
    assert account.is_active
    assert queries.posts_of(account) == frozenset()


def test_the_last_administrator_stays(county, administrators):
    system, security = administrators
    assert refused(actions.disable, account=security, reason="x", by=system) == ["last_administrator"]


def test_tokens_are_shown_once_and_only_one_s_own(county, keyed, hire):
    account, _ = keyed("entry")
    text = actions.issue_token(account=account, by=account, name="rehearse")
    assert queries.account_of_token(text) == account
    assert text.split("_")[2] not in str(list(account.api_tokens.values()))
    for wrong in ("", "fh_", "fh__", text[:-1], text + "0", text.replace("fh_", "xx_"), "fh_\x00_\ud800", text.upper()):
        assert queries.account_of_token(wrong) is None
    assert refused(actions.issue_token, account=account, by=hire("system_admin")) == ["own_token"]
    actions.revoke_token(token=queries.tokens_of(account)[0], by=account)
    assert queries.account_of_token(text) is None


def test_every_step_is_in_the_journal_and_no_key_is(county, administrators, keyed):
    system, security = administrators
    token = actions.invite(
        organisation=county, name="张三", username="zhang.san", posts=["entry"], by=system
    ).link_token
    accept(token)
    actions.approve_proposal(proposal=queries.proposals(county)[0], by=security)
    acts = [entry.act for entry in journal.entries(county.pk)]
    for act in ("create", "propose_grant", "link_invite", "accept", "totp_set", "approve_grant"):
        assert f"accounts.{act}" in acts
    granted = journal.entries(county.pk, act="accounts.approve_grant").get()
    assert granted.actor["name"] == "安全乙"
    assert granted.actor["posts"] == ["security_admin"]
    assert granted.detail["name"] == "张三"
    assert journal.verify().ok
    assert PASSWORD not in "".join(journal.export())


@pytest.fixture
def live(settings):
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"mode": "live"})


def test_a_live_installation_has_no_short_cuts(county, hire, live):
    for call, arguments in [
        (
            actions.enrol_for_exercise,
            {"organisation": county, "name": "某", "username": "mou.mou", "posts": ["signer"]},
        ),
        (actions.sign_in_link, {"account": None}),
        (actions.enter, {"token": "x"}),
        (actions.give_totp_for_exercise, {"account": None}),
    ]:
        assert refused(call, **arguments) == ["exercise_only"]


def test_a_link_made_in_an_exercise_does_not_open_a_live_folder(county, hire, settings):
    token = actions.sign_in_link(account=hire("signer"))
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"mode": "live"})
    assert refused(actions.enter, token=token) == ["exercise_only"]


def test_organisations_need_a_real_area_and_profile(county):
    good: dict[str, Any] = {"area_code": "120119", "name": "另一个局", "profile": "xiacang", "by": None}
    assert actions.create_organisation(**good).area.name == "蓟州区"
    for wrong in ({"area_code": "999999"}, {"profile": "nowhere"}, {"name": "  "}, {"name": county.name}):
        assert refused(actions.create_organisation, **(good | {"name": "第三个局"} | wrong))
