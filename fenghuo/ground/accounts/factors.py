"""Second factors as arithmetic: TOTP (RFC 6238), passkeys (WebAuthn level 2). Nothing here is kept; actions keep it.

A passkey's fingerprint or face stays on the person's own device: no template ever reaches us (fault X5).
"""

import base64
import hashlib
import hmac
import ipaddress
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import webauthn
from django.conf import settings
from django.utils.translation import gettext_noop as _
from django_otp.oath import hotp
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fenghuo.ground.accounts.models import Account, Passkey
from fenghuo.ground.refusal import Refused

TOTP_STEP = 30  # seconds
TOTP_DIGITS = 6
TOTP_DRIFT = 1  # steps that a telephone's clock may be off, either way
_ISSUER = "Fenghuo"
_CEREMONY_MS = 120_000
_CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{1,1400}")
# What hostile bytes can make the library raise besides its own errors.
_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


def new_totp_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def totp_uri(secret_base32: str, account: Account) -> str:
    """What the QR code says."""
    label = quote(f"{_ISSUER}:{account.username}")
    return f"otpauth://totp/{label}?secret={secret_base32}&issuer={_ISSUER}&digits={TOTP_DIGITS}&period={TOTP_STEP}"


def totp_code(secret_base32: str, at: datetime, offset: int = 0) -> str:
    """The code of the step that contains `at`, or of one `offset` steps away."""
    return _code(base64.b32decode(secret_base32), int(at.timestamp()) // TOTP_STEP + offset)


def totp_step(secret_base32: str, code: str, at: datetime) -> int | None:
    """The step that `code` belongs to, within the drift allowed; None when it is wrong. All steps are always compared."""
    key, now = base64.b32decode(secret_base32), int(at.timestamp()) // TOTP_STEP
    steps = [now + offset for offset in range(-TOTP_DRIFT, TOTP_DRIFT + 1)]
    given = code.encode("utf-8", "surrogatepass")
    found = [step for step in steps if hmac.compare_digest(_code(key, step).encode(), given)]
    return found[0] if found else None


def _code(key: bytes, step: int) -> str:
    return f"{hotp(key, step, TOTP_DIGITS):0{TOTP_DIGITS}d}"


@dataclass(frozen=True)
class RelyingParty:
    """Whom passkeys are made for: the installation's host name, and the address in the browser's bar."""

    host: str
    origin: str


def relying_party() -> RelyingParty:
    """From the setting `public_url`. Raises Refused where that is an IP address or not https: browsers give no passkeys there."""
    parts = urlsplit(settings.FENGHUO.public_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        named = bool(host)
    else:
        named = False
    if not named:
        reason = _(
            "Passkeys need a host name; this installation is reached by the IP address %(host)s. Use an authenticator app instead."
        )
        raise Refused("passkeys_need_a_name", reason, field="passkey", kind="unavailable", params={"host": host})
    if parts.scheme != "https" and host != "localhost" and not host.endswith(".localhost"):
        reason = _("Passkeys need a secure connection (https). Use an authenticator app instead.")
        raise Refused("passkeys_need_https", reason, field="passkey", kind="unavailable")
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}".lower())


def passkeys_work() -> Refused | None:
    """None where passkeys can be used; otherwise why not."""
    try:
        relying_party()
    except Refused as refused:
        return refused
    return None


def challenge_of(digest: str, nonce: str) -> bytes:
    """What a passkey signs to sign `digest`: SHA-256("fenghuo:sign:1\\0" ‖ digest ‖ nonce), both hex in ASCII (DESIGN §2)."""
    return hashlib.sha256(b"fenghuo:sign:1\0" + digest.encode("ascii") + nonce.encode("ascii")).digest()


def registration_options(account: Account, challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.create`: a key that can be found without a user name, and that verifies its user."""
    party = relying_party()
    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=_ISSUER,
        user_name=account.username,
        user_id=account.pk.encode(),
        user_display_name=account.person.name,
        challenge=challenge,
        timeout=_CEREMONY_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(account),
    )
    return _as_dict(webauthn.options_to_json(options))


def assertion_options(account: Account | None, challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.get`: with an account its own keys, without one whatever key the person picks."""
    options = webauthn.generate_authentication_options(
        rp_id=relying_party().host,
        challenge=challenge,
        timeout=_CEREMONY_MS,
        allow_credentials=_descriptors(account) if account else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_dict(webauthn.options_to_json(options))


@dataclass(frozen=True)
class NewPasskey:
    """What a registration leaves to be kept."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: list[str]


def verify_registration(response: str, challenge: bytes) -> NewPasskey:
    """Check the browser's answer (JSON) to `registration_options`. Raises Refused."""
    party = relying_party()
    try:
        made = webauthn.verify_registration_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        transports = json.loads(response)["response"].get("transports") or []
    except _MALFORMED as error:
        raise _not_accepted() from error
    kept = (
        [one for one in transports if isinstance(one, str) and len(one) <= 20] if isinstance(transports, list) else []
    )
    return NewPasskey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count, kept[:8])


def credential_of(response: str) -> str:
    """The id of the key that an assertion names, unchecked; empty when there is none to be read."""
    try:
        named = json.loads(response)["id"]
    except _MALFORMED:
        return ""
    return named if isinstance(named, str) and _CREDENTIAL.fullmatch(named) else ""


def verify_assertion(response: str, challenge: bytes, passkey: Passkey) -> int:
    """Check the browser's answer to `assertion_options`; the new signature counter. Raises Refused."""
    party = relying_party()
    try:
        shown = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise _not_accepted() from error
    return shown.new_sign_count


def _descriptors(account: Account) -> list[PublicKeyCredentialDescriptor]:
    ids = account.passkeys.values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one)) for one in ids]


def _as_dict(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    return value


def _not_accepted() -> Refused:
    return Refused(
        "passkey_refused", _("The passkey was not accepted. Try again, or use another factor."), field="passkey"
    )
