"""From the printed code to a working office, page by page; one's own keys; and who sees nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account, OpenSession
from fenghuo.ground.journal import queries as journal
from fenghuo.web.accounts import urls
from tests.web.accounts.conftest import PASSWORD, token_in

ADMINISTRATORS = {
    "system_name": "系统甲", "system_username": "sys.one", "system_phone": "13900000001",
    "security_name": "安全乙", "security_username": "sec.two", "security_phone": "13900000002",
}  # fmt: skip


def text(answer):
    return answer.content.decode()


def secret_on(answer):
    """The authenticator key that a page shows."""
    return re.findall(r'class="digest">([A-Z2-7 ]+)<', text(answer))[0].replace(" ", "")


def accept(token, password=PASSWORD):
    """Use an invitation through its page; the secret of the authenticator app."""
    client = Client()
    page = client.get(f"/invitations/{token}/")
    assert "<svg" in text(page)
    secret = secret_on(page)
    typed = {"password": password, "again": password, "factor": "app", "totp_code": queries.totp_code(secret)}
    done = client.post(f"/invitations/{token}/", typed)
    assert done.status_code == 200, text(done)
    return secret


@pytest.fixture
def office(county, sign_in):
    """Two administrators who came in by the bootstrap code, signed in."""
    code = actions.issue_bootstrap_code(organisation=county)
    made = Client().post("/bootstrap/", {"code": code, **ADMINISTRATORS})
    secrets = [accept(token) for token in token_in(text(made))]
    accounts = [Account.objects.get(username=name) for name in ("sys.one", "sec.two")]
    return [sign_in(one, queries.totp_code(secret, offset=1)) for one, secret in zip(accounts, secrets, strict=True)]


def test_from_the_printed_code_to_a_person_at_work(county, office, sign_in):
    system, security = office
    made = system.post(
        "/accounts/invite/",
        {"organisation": county.pk, "name": "张录入", "username": "zhang.wei", "posts": ["entry", "duty_officer"]},
    )
    secret = accept(token_in(text(made))[0])
    account = Account.objects.get(username="zhang.wei")
    person = sign_in(account, queries.totp_code(secret, offset=1))
    assert queries.posts_of(account) == frozenset()
    for proposal in queries.proposals(county):
        assert "系统甲" in text(security.get("/accounts/"))
        assert security.post(f"/accounts/proposals/{proposal.pk}/", {"do": "approve"}).status_code == 302
    assert queries.posts_of(account) == {"entry", "duty_officer"}
    assert person.get("/account/").status_code == 200
    assert journal.verify().ok


def test_the_code_s_page_keeps_what_was_typed_and_says_what_is_wrong(county):
    actions.issue_bootstrap_code(organisation=county)
    wrong = Client().post("/bootstrap/", {"code": "XXXX", **ADMINISTRATORS})
    assert wrong.status_code == 422
    assert "系统甲" in text(wrong)
    code = actions.issue_bootstrap_code(organisation=county)
    same = Client().post("/bootstrap/", {"code": code, **ADMINISTRATORS, "security_phone": "13900000001"})
    assert same.status_code == 422
    assert 'id="id_security_phone_error"' in text(same)
    assert not Account.objects.exists()


def test_the_administrator_cannot_approve_what_he_proposed(county, office):
    system, _ = office
    system.post(
        "/accounts/invite/", {"organisation": county.pk, "name": "某", "username": "mou.mou", "posts": ["signer"]}
    )
    proposal = queries.proposals(county)[0]
    system.post(f"/accounts/proposals/{proposal.pk}/", {"do": "approve"})
    proposal.refresh_from_db()
    assert proposal.decision == ""


def test_an_invitation_s_page_keeps_the_key_it_offered_when_refused(county, office):
    made = office[0].post("/accounts/invite/", {"organisation": county.pk, "name": "某", "username": "mou.mou"})
    token = token_in(text(made))[0]
    client = Client()
    offered = secret_on(client.get(f"/invitations/{token}/"))
    for wrong in (
        {"password": "JZ_xczlr123456", "again": "JZ_xczlr123456", "totp_code": queries.totp_code(offered)},
        {"password": PASSWORD, "again": "another", "totp_code": queries.totp_code(offered)},
        {"password": PASSWORD, "again": PASSWORD, "totp_code": "000000"},
        {"password": PASSWORD, "again": PASSWORD},
        {},
    ):
        refused = client.post(f"/invitations/{token}/", wrong)
        assert refused.status_code == 422
        assert secret_on(refused) == offered
        assert PASSWORD not in text(refused)
    accept(token)
    assert client.get(f"/invitations/{token}/").status_code == 404


def test_printed_codes_alone_are_a_second_factor(county, office, sign_in):
    made = office[0].post("/accounts/invite/", {"organisation": county.pk, "name": "某", "username": "mou.mou"})
    token = token_in(text(made))[0]
    done = Client().post(f"/invitations/{token}/", {"password": PASSWORD, "again": PASSWORD, "factor": "printed"})
    codes = re.findall(r"<code>([0-9A-Z-]+)</code>", text(done))
    assert len(codes) == 10
    sign_in(Account.objects.get(username="mou.mou"), codes[3])


def test_an_exercise_link_opens_one_session_with_one_press(hire):
    account = hire("signer")
    token = actions.sign_in_link(account=account)
    client = Client()
    assert client.get(f"/enter/{token}/").status_code == 200
    assert client.get(f"/enter/{token}/").status_code == 200  # looking uses nothing up
    assert client.post(f"/enter/{token}/")["Location"] == "/"
    assert client.get("/account/").status_code == 200
    assert Client().post(f"/enter/{token}/").status_code == 404
    assert OpenSession.objects.get().factor == "link"
    page = client.get("/account/app/")
    secret = secret_on(page)
    assert client.post("/account/app/", {"totp_code": queries.totp_code(secret)})["Location"] == "/account/"
    assert queries.factors_of(account).totp


def test_a_live_installation_opens_nothing_by_link(hire, settings):
    token = actions.sign_in_link(account=hire("signer"))
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"mode": "live"})
    assert Client().post(f"/enter/{token}/").status_code == 404
    assert not OpenSession.objects.exists()


def test_own_keys_are_changed_only_after_a_second_factor(keyed, sign_in):
    account, code = keyed("entry")
    client = sign_in(account, code(0))
    with clock.moved(timedelta(minutes=6)):
        for path in ("/account/app/", "/account/passkeys/", "/account/password/"):
            assert client.get(path)["Location"] == "/account/confirm/"
        for path in ("/account/codes/", "/account/tokens/", "/account/app/", "/account/password/"):
            assert client.post(path, {"do": "remove", "name": "x"})["Location"] == "/account/confirm/"
        assert client.post("/account/passkeys/options/").status_code == 403
        assert queries.factors_of(account).codes == 0
        client.get("/account/app/")
        secret = secret_of(account)
        assert client.post("/account/confirm/", {"code": queries.totp_code(secret)})["Location"] == "/account/app/"
        assert client.get("/account/app/").status_code == 200
        assert len(re.findall("<code>", text(client.post("/account/codes/")))) == 10


def secret_of(account):
    """A drill's authenticator key, given anew."""
    return actions.give_totp_for_exercise(account=account)


def test_the_last_second_factor_stays(keyed, sign_in):
    account, code = keyed("entry")
    client = sign_in(account, code(0))
    answer = client.post("/account/app/", {"do": "remove"}, follow=True)
    assert queries.factors_of(account).totp
    assert "notice-error" in text(answer)


def test_a_new_password_ends_the_sessions_elsewhere(keyed, sign_in):
    account, code = keyed("entry")
    here, there = sign_in(account, code(-1)), sign_in(account, code(0))
    new = "kettle-orbit-72-moss"
    for wrong in ({"current": "wrong"}, {"password": "short", "again": "short"}, {"again": "other"}):
        typed = {"current": PASSWORD, "password": new, "again": new, **wrong}
        assert here.post("/account/password/", typed).status_code == 422
    assert here.post("/account/password/", {"current": PASSWORD, "password": new, "again": new}).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    account.refresh_from_db()
    assert account.check_password(new)


def test_a_token_is_shown_once_and_revoked(keyed, sign_in):
    account, code = keyed("entry")
    client = sign_in(account, code(0))
    shown = re.findall(r'id="token">(fh_\w+)<', text(client.post("/account/tokens/", {"name": "rehearse"})))[0]
    assert queries.account_of_token(shown) == account
    assert shown not in text(client.get("/account/"))
    client.post("/account/tokens/", {"do": "revoke", "token": queries.tokens_of(account)[0].pk})
    assert queries.account_of_token(shown) is None


def test_a_device_is_forgotten(keyed, sign_in):
    account, code = keyed("entry")
    client = sign_in(account, code(0))
    client.post("/account/devices/", {"device": queries.devices_of(account)[0].pk})
    assert not queries.devices_of(account)


def test_an_administrator_disables_and_brings_back(county, office, hire):
    account = hire("entry")
    act = f"/accounts/{account.pk}/act/"
    office[0].post(act, {"do": "disable"})
    assert Account.objects.get(pk=account.pk).is_active
    office[0].post(act, {"do": "disable", "reason": "调离"})
    assert not Account.objects.get(pk=account.pk).is_active
    back = office[0].post(act, {"do": "enable"})
    assert len(token_in(text(back))) == 1


def test_a_lost_access_shows_its_link_to_the_approver_only(county, office, keyed):
    account, _ = keyed("signer")
    proposed = office[0].post(f"/accounts/{account.pk}/act/", {"do": "renew"}, follow=True)
    assert not token_in(text(proposed))
    proposal = queries.proposals(county)[0]
    approved = office[1].post(f"/accounts/proposals/{proposal.pk}/", {"do": "approve"})
    accept(token_in(text(approved))[0], password="kettle-orbit-72-moss")


def test_what_is_typed_is_shown_as_text(county, office):
    made = office[0].post(
        "/accounts/invite/", {"organisation": county.pk, "name": "<script>x</script>", "username": "mou.mou"}
    )
    assert "<script>x" not in text(made) + text(office[0].get("/accounts/"))


@pytest.mark.parametrize(
    "post", ["entry", "reviewer", "signer", "leader", "duty_officer", "resource_keeper", "village_contact"]
)
def test_only_administrators_and_the_auditor_see_accounts(keyed, sign_in, hire, post):
    account, code = keyed(post)
    client = sign_in(account, code(0))
    other = hire("entry")
    for path in ("/accounts/", "/accounts/invite/", f"/accounts/{other.pk}/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/accounts/{other.pk}/act/", {"do": "disable", "reason": "x"}).status_code == 403
    assert other.username not in text(client.get("/account/"))


@pytest.mark.parametrize("post", ["system_admin", "security_admin", "auditor"])
def test_another_organisation_s_account_is_like_one_that_never_was(keyed, sign_in, hire, county, town, post):
    account, code = keyed(post, organisation=town)
    client = sign_in(account, code(0))
    other = hire("entry", organisation=county)
    admin = hire("system_admin", organisation=county)
    proposal = actions.propose_grant(person=other.person, post="signer", by=admin)
    for key, decision in ((other.pk, proposal.pk), ("01JNEVERWAS0000000000000AA", "01JNEVERWAS0000000000000AA")):
        assert client.get(f"/accounts/{key}/").status_code == 404
        assert client.post(f"/accounts/{key}/act/", {"do": "disable", "reason": "x"}).status_code == 404
        assert client.post(f"/accounts/proposals/{decision}/", {"do": "approve"}).status_code == 404
    assert other.username not in text(client.get("/accounts/"))


def test_the_auditor_sees_and_changes_nothing(keyed, sign_in, hire):
    account, code = keyed("auditor")
    client = sign_in(account, code(0))
    other = hire("entry")
    assert client.get("/accounts/").status_code == 200
    assert client.get("/accounts/invite/").status_code == 403
    client.post(f"/accounts/{other.pk}/act/", {"do": "disable", "reason": "x"})
    assert Account.objects.get(pk=other.pk).is_active


def test_one_s_own_lists_hold_nothing_of_others(keyed, sign_in, hire):
    account, code = keyed("entry")
    client = sign_in(account, code(0))
    other = hire("entry")
    session = actions.open_session(account=other, proof=None, place="10.5.5.5", browser="x")
    device = actions.know_device(account=other, token="d", name="x")
    actions.issue_token(account=other, by=other)
    for path, typed in [
        ("/account/sessions/", {"do": "end", "session": session.pk}),
        ("/account/devices/", {"device": device.pk}),
        ("/account/tokens/", {"do": "revoke", "token": queries.tokens_of(other)[0].pk}),
        ("/account/passkeys/", {"do": "remove", "passkey": "01JNEVERWAS0000000000000AA"}),
    ]:
        assert client.post(path, typed).status_code == 404
    assert queries.sessions_of(other)


OPEN = {"sign-in", "sign-in-factor", "sign-in-factor-challenge", "sign-in-passkey", "sign-in-passkey-challenge",
        "enter", "bootstrap", "invitation", "invitation-passkey"}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("route", urls.urlpatterns, ids=lambda route: route.name)
def test_every_page_but_the_doors_asks_who_is_there(route):
    path = "/" + re.sub(r"<str:\w+>", "01JNEVERWAS0000000000000AA", str(route.pattern))
    assert get_resolver().resolve(path).url_name == route.name
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path)
        asks = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
        assert asks or route.name in OPEN
        assert answer.status_code < 500


def test_hostile_bytes_in_every_field_are_answered(keyed, sign_in, county, hire):
    admin, code = keyed("system_admin")
    client = sign_in(admin, code(0))
    for nasty in (
        "\x00",
        "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        "x" * 30000,
        "<svg onload=x>",
        "'\"--",
    ):
        fields = ["organisation", "name", "username", "phone", "posts", "code", "passkey", "nonce", "password", "again",
                  "current", "totp_code", "do", "post", "session", "device", "token", "reason", "factor"]  # fmt: skip
        typed = dict.fromkeys(fields, nasty)
        for route in urls.urlpatterns:
            if route.name == "sign-out":
                continue
            path = "/" + re.sub(r"<str:\w+>", admin.pk, str(route.pattern))
            assert client.post(path, typed).status_code < 500, (route.name, nasty[:10])
            assert Client().post(path, typed).status_code < 500, (route.name, nasty[:10])
