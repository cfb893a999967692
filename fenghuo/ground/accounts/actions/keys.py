"""A person's own keys: password, authenticator app, passkeys, printed codes, API tokens.

Each change is journalled; a key never is.
"""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import factors, passwords, queries, secret
from fenghuo.ground.accounts.actions.links import use_link
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.proofs import printed_hash
from fenghuo.ground.accounts.models import Account, ApiToken, Invitation, Passkey, PrintedCode, SpentFactor, TotpKey
from fenghuo.ground.refusal import Refused, RefusedMany

PRINTED = 10
MOST_PASSKEYS = 10


@dataclass(frozen=True)
class FirstFactor:
    """The second factor someone sets up while accepting an invitation: one of an app, a passkey, or a printed sheet."""

    totp_secret: str = ""
    totp_code: str = ""
    passkey_challenge: bytes = b""
    passkey_response: str = ""
    printed: bool = False


def accept_invitation(*, token: str, password: str, factor: FirstFactor) -> tuple[Account, list[str]]:
    """Set password and second factor by the link; the link is used up. Returns the account and, if asked for, the printed codes.

    Raises RefusedMany (every wrong field at once; the link still works) or Refused kind="missing" for a link that does not work.
    """
    invitation = queries.invitation(token, purposes=("invite", "renew"))
    if invitation is None:
        raise _dead_link()
    account = invitation.account
    found = passwords.problems(password, person=account.person, username=account.username)
    passkey, step = None, None
    try:
        passkey, step = _check(account, factor)
    except Refused as refused:
        found.append(refused)
    if found:
        raise RefusedMany(found)
    hashed = make_password(password)  # before the transaction: it takes its time on purpose
    with transaction.atomic():
        if not use_link(invitation):
            raise _dead_link()
        _forget_keys(account, invitation)
        Account.objects.filter(pk=account.pk).update(password=hashed)
        account.password = hashed
        note("accept", by=account, organisation=account.person.organisation, purpose=invitation.purpose)
        codes = _keep(account, factor, passkey, step)
    return account, codes


def change_password(*, account: Account, current: str, password: str) -> None:
    """A new password for oneself. Raises RefusedMany. The caller ends the other sessions."""
    found = passwords.problems(password, person=account.person, username=account.username)
    if account.has_usable_password() and not account.check_password(current):
        found.insert(0, Refused("password_wrong", _("This is not your present password."), field="current"))
    if found:
        raise RefusedMany(found)
    hashed = make_password(password)
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(password=hashed)
        account.password = hashed
        note("password_change", by=account, organisation=account.person.organisation)


@transaction.atomic
def set_totp(*, account: Account, totp_secret: str, code: str) -> None:
    """Set up an authenticator app, replacing the one before. `code`: what the app shows now. Raises Refused."""
    step = _right_code(totp_secret, code)
    _keep_totp(account, totp_secret, step)


@transaction.atomic
def remove_totp(*, account: Account) -> None:
    """Take the authenticator app away. Refused when nothing else would be left."""
    held = queries.factors_of(account)
    if held.totp and not held.passkeys:
        raise _last_factor()
    TotpKey.objects.filter(account=account).delete()
    note("totp_remove", by=account, organisation=account.person.organisation)


@transaction.atomic
def add_passkey(*, account: Account, name: str, challenge: bytes, response: str) -> Passkey:
    """Keep a new passkey: the browser's answer to `factors.registration_options`. Raises Refused."""
    return _keep_passkey(account, factors.verify_registration(response, challenge), name)


@transaction.atomic
def remove_passkey(*, account: Account, passkey: Passkey) -> None:
    """Take a passkey away. Refused when nothing else would be left."""
    held = queries.factors_of(account)
    if held.passkeys == 1 and not held.totp:
        raise _last_factor()
    if account.passkeys.filter(pk=passkey.pk).delete()[0]:
        note("passkey_remove", by=account, organisation=account.person.organisation, passkey=passkey.pk)


@transaction.atomic
def print_codes(*, account: Account) -> list[str]:
    """A new sheet of one-time codes, returned once; codes of older sheets stop working."""
    codes = [secret.readable(3) for _number in range(PRINTED)]
    account.printed_codes.filter(used_at=None).delete()
    now = clock.now()
    PrintedCode.objects.bulk_create(
        PrintedCode(account=account, code_hash=printed_hash(account, code), created_at=now) for code in codes
    )
    note("codes_print", by=account, organisation=account.person.organisation, count=len(codes))
    return codes


@transaction.atomic
def issue_token(*, account: Account, by: Account | None, name: str = "") -> str:
    """A bearer token `fh_<id>_<secret>`, returned once. By the account itself, or by None: the server's console."""
    if by is not None and by.pk != account.pk:
        raise Refused("own_token", _("Everyone makes their own token."), kind="forbidden")
    text = secret.token()
    token = ApiToken.objects.create(
        account=account, name=name[:60], secret_hash=secret.digest(text), created_at=clock.now()
    )
    note("token_issue", by=by, about=account, organisation=account.person.organisation, token=token.pk)
    return f"fh_{token.pk}_{text}"


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Account) -> None:
    """The token stops working at once."""
    if ApiToken.objects.filter(pk=token.pk, account=by, ended_at=None).update(ended_at=clock.now()):
        note("token_revoke", by=by, organisation=by.person.organisation, token=token.pk)


def _check(account: Account, factor: FirstFactor) -> tuple[factors.NewPasskey | None, int | None]:
    if factor.passkey_response:
        return factors.verify_registration(factor.passkey_response, factor.passkey_challenge), None
    if factor.totp_code and factor.totp_secret:
        return None, _right_code(factor.totp_secret, factor.totp_code)
    if factor.printed:
        return None, None
    reason = _("Set up a second factor too: an authenticator app, a passkey, or a sheet of printed codes.")
    raise Refused("factor_missing", reason, field="totp_code")


def _right_code(totp_secret: str, code: str) -> int:
    step = factors.totp_step(totp_secret, "".join(code.split()), clock.now())
    if step is None:
        reason = _(
            "The code does not fit. Check that the clock of the telephone is right, and take the code shown now."
        )
        raise Refused("totp_wrong", reason, field="totp_code")
    return step


def _forget_keys(account: Account, invitation: Invitation) -> None:
    """After a renewal nothing that was lost works any more; a first invitation finds nothing."""
    now = clock.now()
    TotpKey.objects.filter(account=account).delete()
    account.passkeys.all().delete()
    account.printed_codes.filter(used_at=None).delete()
    account.known_devices.all().delete()
    account.open_sessions.filter(ended_at=None).update(ended_at=now)
    account.api_tokens.filter(ended_at=None).update(ended_at=now)


def _keep(account: Account, factor: FirstFactor, passkey: factors.NewPasskey | None, step: int | None) -> list[str]:
    if passkey is not None:
        _keep_passkey(account, passkey, "")
    elif step is not None:
        _keep_totp(account, factor.totp_secret, step)
    return print_codes(account=account) if factor.printed else []


def _keep_totp(account: Account, totp_secret: str, step: int) -> None:
    now = clock.now()
    TotpKey.objects.update_or_create(account=account, defaults={"sealed": secret.seal(totp_secret), "created_at": now})
    account.refresh_from_db()
    # The code shown to prove the app works has been used, like any other.
    SpentFactor.objects.get_or_create(account=account, key=f"totp:{step}", defaults={"at": now})
    note("totp_set", by=account, organisation=account.person.organisation)


def _keep_passkey(account: Account, made: factors.NewPasskey, name: str) -> Passkey:
    if account.passkeys.count() >= MOST_PASSKEYS:
        raise Refused(
            "passkeys_many", _("Ten passkeys are enough; take one away first."), field="passkey", kind="conflict"
        )
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                account=account,
                name=name.strip()[:60],
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                transports=made.transports,
                created_at=clock.now(),
            )
    except IntegrityError as error:
        raise Refused(
            "passkey_known", _("This passkey is already set up."), field="passkey", kind="conflict"
        ) from error
    note("passkey_add", by=account, organisation=account.person.organisation, passkey=passkey.pk)
    return passkey


def _last_factor() -> Refused:
    return Refused("last_factor", _("This is the last second factor. Set up another one first."), kind="conflict")


def _dead_link() -> Refused:
    reason = _("This link has been used or has run out. Ask your administrator for a new one.")
    return Refused("link_dead", reason, kind="missing")
