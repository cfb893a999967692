"""Reading persons, posts, keys and sessions."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from fenghuo.ground import clock
from fenghuo.ground.accounts import factors, secret
from fenghuo.ground.accounts.models import (
    Account,
    ApiToken,
    Invitation,
    KnownDevice,
    OpenSession,
    Organisation,
    Passkey,
    Person,
    PostProposal,
    StepUp,
)
from fenghuo.ground.accounts.queries.organisations import organisations_for
from fenghuo.ground.ids import ID_LENGTH
from fenghuo.ground.refusal import Refused

SESSION_LIFE = timedelta(hours=24)  # a shift; then everyone shows both factors again
SESSION_IDLE = timedelta(hours=8)
CONFIRMED_FOR = timedelta(minutes=5)
DEVICE_FAILURES = 20  # wrong passwords an hour that a known device may make before it is treated as any other
DEVICE_WINDOW = timedelta(hours=1)


def organisation_of(account: Account) -> Organisation:
    """Where the account's person works."""
    return account.person.organisation


def posts_of(account: Account) -> frozenset[str]:
    """The codes of the posts that the account's person holds now; none for a disabled account."""
    if not account.is_active:
        return frozenset()
    return frozenset(account.person.postings.filter(until=None).values_list("post", flat=True))


def holders(organisation: Organisation, post: str) -> list[Account]:
    """The working accounts of those who hold a post, by name."""
    held = Q(person__postings__organisation=organisation, person__postings__post=post, person__postings__until=None)
    return list(Account.objects.filter(held, is_active=True).order_by("person__name", "pk"))


def accounts_of(organisation: Organisation) -> list[Account]:
    """Everyone's account in an organisation, disabled ones included, by name."""
    return list(Account.objects.filter(person__organisation=organisation).order_by("person__name", "pk"))


def is_id(text: str) -> bool:
    """Whether a text can be an id at all; what cannot need not be asked of a database, which may refuse its characters."""
    return text.isascii() and text.isalnum() and len(text) == ID_LENGTH


def same_phone(phone: str) -> list[Person]:
    """Persons already known by a telephone number: one person has one account."""
    return list(Person.objects.filter(phone=phone).select_related("organisation")) if phone else []


@dataclass(frozen=True)
class Factors:
    """The second factors an account has; `codes` counts unused printed ones."""

    totp: bool
    passkeys: int
    codes: int

    @property
    def any(self) -> bool:
        """Whether this account can show any."""
        return self.totp or self.passkeys > 0 or self.codes > 0


def factors_of(account: Account) -> Factors:
    """What the account can sign in and sign with."""
    return Factors(
        totp=hasattr(account, "totp_key"),
        passkeys=account.passkeys.count(),
        codes=account.printed_codes.filter(used_at=None).count(),
    )


def passkeys_of(account: Account) -> QuerySet[Passkey]:
    """The account's passkeys, oldest first."""
    return account.passkeys.order_by("created_at")


def sessions_of(account: Account) -> list[OpenSession]:
    """The account's sessions that still work, latest used first."""
    return [one for one in account.open_sessions.filter(ended_at=None) if session_lives(one)]


def session_lives(session: OpenSession, at: datetime | None = None) -> bool:
    """Neither ended nor idle for too long nor open for more than a shift."""
    at = at or clock.now()
    return session.ended_at is None and at - session.opened_at < SESSION_LIFE and at - session.seen_at < SESSION_IDLE


def session_confirmed(session: OpenSession) -> bool:
    """Whether a second factor was shown in this session within the last minutes: then it may change its own keys."""
    return session.confirmed_at is not None and clock.now() - session.confirmed_at < CONFIRMED_FOR


def device_is_known(*, username: str, token: str) -> bool:
    """Whether guessers elsewhere leave this device alone: known for that account, and not itself guessing."""
    device = KnownDevice.objects.filter(
        account__username=username, account__is_active=True, token_hash=secret.digest(token)
    ).first()
    if device is None:
        return False
    recent = device.failed_at is not None and clock.now() - device.failed_at < DEVICE_WINDOW
    return not recent or device.failures < DEVICE_FAILURES


def device_hash(token: str) -> str:
    """How a device is kept: by the hash of its token."""
    return secret.digest(token)


def devices_of(account: Account) -> QuerySet[KnownDevice]:
    """Browsers that guessers elsewhere cannot delay."""
    return account.known_devices.order_by("-seen_at")


def tokens_of(account: Account) -> QuerySet[ApiToken]:
    """The account's working API tokens."""
    return account.api_tokens.filter(ended_at=None).order_by("-created_at")


def account_of_token(text: str) -> Account | None:
    """The working account of a bearer token `fh_<id>_<secret>`; None for anything else, at the same cost."""
    head, _, rest = text.partition("_")
    key, _, given = rest.partition("_")
    known = ApiToken.objects.select_related("account__person__organisation__area")
    token = known.filter(pk=key if is_id(key) else "").first()
    kept = token.secret_hash if token else secret.digest("")
    right = hmac.compare_digest(kept, secret.digest(given))
    if head != "fh" or token is None or not right or token.ended_at or not token.account.is_active:
        return None
    token.account.place = "api"
    return token.account


def invitation(token: str, *, purposes: tuple[str, ...]) -> Invitation | None:
    """The invitation behind a link while it works: not used, not expired, its account not disabled."""
    found = (
        Invitation.objects.select_related("account__person__organisation__area")
        .filter(token_hash=secret.digest(token), purpose__in=purposes, used_at=None, expires_at__gt=clock.now())
        .first()
    )
    return found if found and found.account.is_active else None


def proposals(organisation: Organisation) -> list[PostProposal]:
    """What waits for the security administrator: in the organisation and in those below it, oldest first."""
    found = PostProposal.objects.filter(decision="", organisation__in=organisations_for(organisation))
    return list(found.select_related("person", "organisation", "proposed_by"))


def recent_grants(organisation: Organisation, *, days: int = 30) -> list[PostProposal]:
    """Posts given lately: shown to every signer of the organisation, so that no new hand goes unnoticed (fault X6)."""
    since = clock.now() - timedelta(days=days)
    found = PostProposal.objects.filter(
        organisation=organisation, act="grant", decision="approved", decided_at__gte=since
    )
    return list(found.select_related("person", "proposed_by", "decided_by").order_by("-decided_at"))


def presence_digest(account: Account) -> str:
    """What a second factor is bound to when nothing is signed: coming in, and changing one's own keys."""
    return secret.digest(f"fenghuo:presence:1\0{account.pk}")


def proof_of_presence(account: Account, key: str) -> StepUp | None:
    """A proof kept between two pages of signing in, by its id."""
    return StepUp.objects.filter(pk=key, account=account, digest=presence_digest(account)).first()


def new_totp_secret() -> str:
    """A fresh key for an authenticator app, in base 32. Kept by `set_totp`, once the app has shown that it works."""
    return factors.new_totp_secret()


def totp_uri(account: Account, secret_base32: str) -> str:
    """What the QR code of an authenticator's key says."""
    return factors.totp_uri(secret_base32, account)


def passkeys_work() -> Refused | None:
    """None where this installation's address allows passkeys; otherwise why not."""
    return factors.passkeys_work()


def registration_options(account: Account, challenge: bytes) -> dict[str, Any]:
    """For the browser to make a new passkey; its answer goes to `add_passkey` with the same challenge. Raises Refused."""
    return factors.registration_options(account, challenge)


def arrival_options(challenge: bytes) -> dict[str, Any]:
    """For a browser to show whatever passkey it holds for this installation; the answer goes to `recognise_passkey`."""
    return factors.assertion_options(None, challenge)


def totp_code(secret_base32: str, *, offset: int = 0) -> str:
    """The six digits an authenticator app shows now (offset 0), showed 30 s ago (-1) or will show next (1)."""
    return factors.totp_code(secret_base32, clock.now(), offset)
