"""In a real Chromium with a virtual authenticator: passkeys made and shown, pages that anyone can read and use."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Account, StepUp
from tests.web.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "ledger"])]


@pytest.fixture
def address(live_server, settings, county):
    """The address in the browser's bar; passkeys are made for it."""
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"public_url": live_server.url})
    return live_server.url


def invited(county, hire, *posts):
    """An administrator's link for a new person."""
    link = actions.invite(
        organisation=county, name="王签发", username="wang.jian.1", posts=posts,
        by=hire("system_admin"),
    )  # fmt: skip
    return link.link_token


def sign_in_with_password(page, address, username):
    page.goto(f"{address}/sign-in/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click("form.form button.btn-primary")


def test_an_invitation_is_accepted_with_a_passkey_that_then_signs_in_and_signs(
    address, page, passkey, watch, county, hire
):
    device = passkey(page)
    page.goto(f"{address}/invitations/{invited(county, hire, 'signer')}/")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_again", PASSWORD)
    page.click("[data-register-button]")
    page.wait_for_selector("a.btn-primary[href='/sign-in/']")
    account = Account.objects.get(username="wang.jian.1")
    assert queries.factors_of(account).passkeys == 1
    assert device.credentials()[0]["rpId"] == "localhost"

    sign_in_with_password(page, address, account.username)
    page.click("[data-passkey-button]")
    page.wait_for_url(f"{address}/")
    assert queries.sessions_of(account)[0].factor == "passkey"

    # The ceremony of signing: the device signs SHA-256("fenghuo:sign:1\0" ‖ digest ‖ nonce) and nothing else.
    digest = hashlib.sha256(b"what is signed").hexdigest()
    opened = actions.begin_step_up(account=account, digest=digest)
    response = page.evaluate(SHOW, opened.passkey_options)
    proof = actions.complete_step_up(
        account=account, digest=digest, nonce=opened.nonce, factor="passkey", response=response
    )
    assert StepUp.objects.get(pk=proof.pk).verified_at is not None


SHOW = """async (options) => {
    const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    const allowed = options.allowCredentials.map((one) => ({ ...one, id: bytes(one.id) }));
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: allowed };
    const shown = await navigator.credentials.get({ publicKey });
    return JSON.stringify(shown.toJSON());
}"""


def test_a_wrong_finger_opens_nothing(address, page, passkey, watch, county, hire):
    device = passkey(page)
    page.goto(f"{address}/invitations/{invited(county, hire, 'signer')}/")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_again", PASSWORD)
    page.click("[data-register-button]")
    page.wait_for_selector("a.btn-primary[href='/sign-in/']")
    device.verifies(False)
    sign_in_with_password(page, address, "wang.jian.1")
    page.click("[data-passkey-button]")
    status = page.locator("[data-passkey-status]")
    expect(status).to_have_text(status.get_attribute("data-failed"))
    page.goto(f"{address}/account/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_a_passkey_first_lets_its_owner_in_while_somebody_guesses(address, page, passkey, watch, county, keyed, client):
    account, code = keyed("duty_officer")
    passkey(page)
    sign_in_with_password(page, address, account.username)
    page.fill("#id_code", code(0))
    page.click("form.form button.btn-primary")
    page.goto(f"{address}/account/passkeys/")
    page.fill("#id_name", "值班室电脑")
    page.click("[data-register-button]")
    page.wait_for_url(f"{address}/account/")
    page.click("header form[action='/sign-out/'] button")
    page.context.clear_cookies()  # a new computer, as far as we can know
    for _ in range(12):
        client.post("/sign-in/", {"username": account.username, "password": "a guess at it"}, REMOTE_ADDR="127.0.0.1")
    watch.expect(429)
    sign_in_with_password(page, address, account.username)
    expect(page.locator("h1")).not_to_have_text("")
    assert page.locator("[role=alert]").count() == 1
    page.goto(f"{address}/sign-in/")
    page.click("[data-passkey-button]")
    page.wait_for_selector(".notice-good")
    assert page.input_value("#id_username") == account.username
    page.fill("#id_password", PASSWORD)
    page.click("form.form button.btn-primary")
    page.wait_for_url(f"{address}/")
    assert queries.sessions_of(account)[0].factor == "passkey"


def test_from_a_link_to_work_in_seconds(address, page, watch, hire, county):
    account = hire("signer")
    page.goto(f"{address}/enter/{actions.sign_in_link(account=account)}/")
    page.click("form.form button")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account/app/")
    page.fill("#id_totp_code", queries.totp_code(page.inner_text(".digest").replace(" ", "")))
    page.click("form.form button.btn-primary")
    page.wait_for_url(f"{address}/account/")
    assert queries.factors_of(account).totp


def test_on_an_address_without_a_name_the_page_says_why_there_are_no_passkeys(
    address, page, watch, county, hire, settings
):
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"public_url": address.replace("localhost", "127.0.0.1")})
    page.goto(f"{address}/invitations/{invited(county, hire, 'signer')}/")
    expect(page.locator(".notice")).to_contain_text("127.0.0.1")
    assert page.locator("[data-register-button]").count() == 0


@pytest.mark.parametrize("size", [{"width": 1366, "height": 768}, {"width": 390, "height": 844}], ids=["desk", "phone"])
def test_every_page_can_be_read_by_everyone(address, people, watch, axe, county, keyed, hire, size):
    watch.expect(404, 422)
    page = people(viewport=size)
    token = invited(county, hire, "signer")
    code = actions.issue_bootstrap_code(organisation=county)
    for path in (
        "/sign-in/",
        "/bootstrap/",
        f"/invitations/{token}/",
        "/invitations/x/",
        f"/enter/{actions.sign_in_link(account=hire('entry'))}/",
        "/enter/x/",
    ):
        page.goto(address + path)
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
    page.goto(f"{address}/bootstrap/")
    page.click("form.form button.btn-primary")
    axe(page)
    page.fill("#id_code", code)
    for who in ("system", "security"):
        page.fill(f"#id_{who}_name", f"{who} 甲")
        page.fill(f"#id_{who}_username", f"{who}.one")
    page.click("form.form button.btn-primary")
    expect(page.locator("[data-link]")).to_have_count(2)
    axe(page)
    admin, totp = keyed("system_admin")
    actions.print_codes(account=admin)
    sign_in_with_password(page, address, admin.username)
    axe(page)
    page.fill("#id_code", totp(0))
    page.click("form.form button.btn-primary")
    other = hire("entry", "reviewer")
    actions.propose_grant(person=other.person, post="signer", by=admin)
    for path in ("/account/", "/account/app/", "/account/password/", "/account/passkeys/", "/account/confirm/", "/accounts/",
                 "/accounts/invite/", f"/accounts/{other.pk}/"):  # fmt: skip
        page.goto(address + path)
        expect(page.locator("h1")).to_have_count(1)
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
