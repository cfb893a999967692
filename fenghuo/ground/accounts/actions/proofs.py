"""Step-up: a second factor shown for one thing, named by its digest, good for one use within 120 seconds (fault X4)."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import factors, queries, secret
from fenghuo.ground.accounts.models import Account, FactorFailure, Passkey, PrintedCode, SpentFactor, StepUp
from fenghuo.ground.refusal import Refused

OPEN_FOR = timedelta(minutes=15)  # reading before signing takes its time; the proof itself is good for USE_WITHIN
USE_WITHIN = timedelta(seconds=120)
ARRIVAL_FOR = timedelta(minutes=10)  # from the passkey shown at the door to the right password
# Six digits can be guessed, so wrong ones are counted: by where they come from, and all places together.
WRONG_PER_PLACE = 10
WRONG_IN_ALL = 40
WRONG_WINDOW = timedelta(hours=1)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StepUpChallenge:
    """What the page asks for: one of `factors`; `passkey_options` go to the browser as they are (None: no passkey possible)."""

    nonce: str
    digest: str
    factors: list[str]
    passkey_options: dict[str, Any] | None
    expires_at: datetime


def begin_step_up(*, account: Account, digest: str, session: str = "") -> StepUpChallenge:
    """Open a step-up for `digest` (64 hex characters). `session`: the browser session it belongs to; no other can complete it."""
    if not _DIGEST.fullmatch(digest):
        raise Refused("digest_form", _("A digest has 64 characters, 0 to 9 and a to f."), field="digest")
    now = clock.now()
    nonce = secrets.token_hex(32)
    StepUp.objects.create(
        account=account, digest=digest, nonce=nonce, session=_session(session), opened_at=now, expires_at=now + OPEN_FOR
    )
    held = queries.factors_of(account)
    options = None
    if held.passkeys and factors.passkeys_work() is None:
        options = factors.assertion_options(account, factors.challenge_of(digest, nonce))
    able = [("passkey", options is not None), ("totp", held.totp), ("code", held.codes > 0)]
    return StepUpChallenge(nonce, digest, [name for name, works in able if works], options, now + OPEN_FOR)


def complete_step_up(
    *,
    account: Account,
    digest: str,
    nonce: str,
    factor: str,
    response: str,
    session: str = "",
    place: str = "",
) -> StepUp:
    """Check the factor and bind it to the digest. `response`: six digits, a printed code, or the browser's JSON.

    Raises Refused: step_up_expired, code_wrong, factor_used, too_many_codes, passkey_refused.
    """
    named = _DIGEST.fullmatch(digest) and _DIGEST.fullmatch(nonce)
    opened = StepUp.objects.filter(
        account=account,
        digest=digest if named else "",
        nonce=nonce if named else "",
        session=_session(session),
        verified_at=None,
        expires_at__gt=clock.now(),
    ).first()
    if opened is None:
        raise Refused(
            "step_up_expired",
            _("This request is no longer open. Try again; nothing was lost."),
            field=factor,
            kind="conflict",
        )
    with transaction.atomic():
        refused = _wrong(account, opened, factor, response, place or account.place)
        if refused is None:
            return _verified(opened, factor)
    # Raised outside: a wrong code stays counted.
    raise refused


def step_up(*, account: Account, digest: str, totp: str = "", code: str = "", place: str = "") -> StepUp:
    """Open and complete at once, for a machine that sends the code along."""
    opened = begin_step_up(account=account, digest=digest)
    factor, response = ("totp", totp) if totp or not code else ("code", code)
    try:
        return complete_step_up(
            account=account, digest=digest, nonce=opened.nonce, factor=factor, response=response, place=place
        )
    except Refused as refused:  # named as the machine sent it; a page has one field for both
        refused.field = factor
        raise


def examine_code(*, account: Account, totp: str = "", code: str = "", place: str = "") -> Refused | None:
    """Why a code would not be taken now; None when it would. It stays unspent; a wrong one counts as if it were in earnest.

    For an act that is refused for another reason: both mistakes are told at once, and neither costs a one-time code.
    """
    if totp or not code:
        step = _totp_step(account, totp, place or account.place)
        return step if isinstance(step, Refused) else _spent(account, f"totp:{step}", "totp")
    found = account.printed_codes.filter(code_hash=printed_hash(account, code)).first()
    if found is None:
        return _wrong_code()
    return _used("code") if found.used_at is not None else _spent(account, f"code:{found.pk}", "code")


def recognise_passkey(*, challenge: bytes, response: str) -> tuple[Account, StepUp]:
    """Someone at the door shows a passkey before any name: whose it is, and the proof of presence. Raises Refused.

    It lets the rightful owner in from a new device while guessers keep that account's password from being looked at.
    """
    passkey = Passkey.objects.filter(credential_id=factors.credential_of(response), account__is_active=True).first()
    if passkey is None:
        raise Refused("passkey_unknown", _("This passkey belongs to no account here."), field="passkey")
    counter = factors.verify_assertion(response, challenge, passkey)
    now = clock.now()
    account = Account.objects.get(pk=passkey.account_id)
    with transaction.atomic():
        Passkey.objects.filter(pk=passkey.pk).update(sign_count=counter, last_used_at=now)
        refused = _spend(account, f"arrival:{challenge.hex()}", "passkey")
        if refused is not None:
            raise refused
        proof = StepUp.objects.create(
            account=account,
            digest=queries.presence_digest(account),
            nonce=challenge.hex(),
            factor="passkey",
            opened_at=now,
            verified_at=now,
            expires_at=now + ARRIVAL_FOR,
        )
    return account, proof


def consume_step_up(*, step_up: StepUp, account: Account, digest: str) -> None:
    """Use the proof up, inside the transaction of the act it is for: if the act fails, it can be used again until it expires.

    Raises Refused when it is used, expired, unverified, or of another account or digest.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a proof is used up in the transaction of its act")
    now = clock.now()
    mine = StepUp.objects.filter(pk=step_up.pk, account=account, digest=digest, used_at=None, expires_at__gt=now)
    if not mine.exclude(verified_at=None).update(used_at=now):
        raise Refused(
            "step_up_needed", _("Show your second factor again: the last one was for something else, used, or too old."),
            field="step_up", kind="forbidden",
        )  # fmt: skip


def _session(session: str) -> str:
    return secret.digest(session) if session else ""


def _verified(opened: StepUp, factor: str) -> StepUp:
    now = clock.now()
    open_ones = StepUp.objects.filter(pk=opened.pk, verified_at=None)
    if not open_ones.update(verified_at=now, factor=factor, expires_at=now + USE_WITHIN):
        raise _used(factor)
    opened.refresh_from_db()
    return opened


def _wrong(account: Account, opened: StepUp, factor: str, response: str, place: str) -> Refused | None:
    """None when the factor is right and now spent."""
    if factor == "passkey":
        return _passkey(account, opened, response)
    if factor == "code":
        return _printed_code(account, response)
    return _totp(account, response, place)


def _totp(account: Account, response: str, place: str) -> Refused | None:
    step = _totp_step(account, response, place)
    return step if isinstance(step, Refused) else _spend(account, f"totp:{step}", "totp")


def _totp_step(account: Account, response: str, place: str) -> int | Refused:
    """The time step that a code belongs to; a wrong one is counted against its place."""
    since = clock.now() - WRONG_WINDOW
    recent = FactorFailure.objects.filter(account=account, at__gt=since)
    if recent.filter(place=place).count() >= WRONG_PER_PLACE or recent.count() >= WRONG_IN_ALL:
        reason = _("Too many wrong codes in the last hour. Use a passkey or a printed code, or wait.")
        return Refused("too_many_codes", reason, field="code", kind="forbidden")
    key = getattr(account, "totp_key", None)
    code = "".join(response.split())
    step = factors.totp_step(secret.unseal(key.sealed), code, clock.now()) if key else None
    if step is None:
        FactorFailure.objects.create(account=account, place=place[:80], at=clock.now())
        return _wrong_code()
    return step


def _printed_code(account: Account, response: str) -> Refused | None:
    code = account.printed_codes.filter(code_hash=printed_hash(account, response)).first()
    if code is None:
        return _wrong_code()
    if code.used_at is not None:
        return _used("code")
    refused = _spend(account, f"code:{code.pk}", "code")
    if refused is None:
        PrintedCode.objects.filter(pk=code.pk).update(used_at=clock.now())
    return refused


def _passkey(account: Account, opened: StepUp, response: str) -> Refused | None:
    passkey = account.passkeys.filter(credential_id=factors.credential_of(response)).first()
    if passkey is None:
        return Refused("passkey_unknown", _("This passkey does not belong to this account."), field="passkey")
    try:
        counter = factors.verify_assertion(response, factors.challenge_of(opened.digest, opened.nonce), passkey)
    except Refused as refused:
        return refused
    Passkey.objects.filter(pk=passkey.pk).update(sign_count=counter, last_used_at=clock.now())
    return _spend(account, f"nonce:{opened.nonce}", "passkey")


def _spend(account: Account, key: str, factor: str) -> Refused | None:
    """The unique constraint decides between two that show the same factor at once."""
    try:
        with transaction.atomic():
            SpentFactor.objects.create(account=account, key=key, at=clock.now())
    except IntegrityError:
        return _used(factor)
    return None


def _spent(account: Account, key: str, factor: str) -> Refused | None:
    return _used(factor) if SpentFactor.objects.filter(account=account, key=key).exists() else None


def printed_hash(account: Account, code: str) -> str:
    """What is kept of a printed code."""
    return secret.digest(f"{account.pk}:{secret.plain(code)}")


def _wrong_code() -> Refused:
    return Refused(
        "code_wrong",
        _(
            "This code is not right. An authenticator's code changes every 30 seconds; a one-time code from the sheet works once."
        ),
        field="code",
    )


def _used(factor: str) -> Refused:
    reason = _("This code has been used; each works once. Wait for the next one, or take another from the sheet.")
    return Refused("factor_used", reason, field="passkey" if factor == "passkey" else "code", kind="conflict")
