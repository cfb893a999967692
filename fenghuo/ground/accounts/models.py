"""Organisations, named persons, their accounts, posts and keys. Rights are compared by person, never by account.

Nothing here can be used by whoever reads the database: secrets that are only compared are kept as hashes, and the one that must be
read again (the TOTP key) is sealed with the installation's own key.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from fenghuo.ground.accounts.rights import POSTS
from fenghuo.ground.areas.models import Area
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = [
    "Account",
    "ApiToken",
    "BootstrapCode",
    "FactorFailure",
    "Invitation",
    "KnownDevice",
    "OpenSession",
    "Organisation",
    "OrganisationProposal",
    "Passkey",
    "Person",
    "PostProposal",
    "Posting",
    "PrintedCode",
    "SpentFactor",
    "StepUp",
    "TotpKey",
]

HASH = 64  # SHA-256 in hex


class Organisation(models.Model):
    """A government with its own desk: a town, a county. Everything kept belongs to exactly one."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    name = models.CharField(max_length=100, unique=True)
    profile = models.CharField(max_length=40)
    signature = models.CharField(
        max_length=40, blank=True, default=""
    )  # 【…】; empty: the profile's, if it is this area's
    closed_at = models.DateTimeField(null=True)  # nobody works or sends here any more; what was kept stays

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["signature"], condition=~Q(signature=""), name="one_signature_each")
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A human being: what four eyes are counted by."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.name


class Accounts(BaseUserManager["Account"]):
    """Accounts come with their person and organisation: every page and every right needs both."""

    def get_queryset(self) -> models.QuerySet["Account"]:
        return super().get_queryset().select_related("person__organisation__area")


class Account(AbstractBaseUser):
    """How one person signs in. One person, one account; no account works before its invitation is used."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    person = models.OneToOneField(Person, on_delete=models.PROTECT)
    username = models.CharField(max_length=60, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = Accounts()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Where this person acts from, as the journal keeps it ("10.1.2.3", "api", "command"); set by whoever let the person in.
    place = ""

    def __str__(self) -> str:
        return self.person.name

    def actor(self) -> dict[str, Any]:
        """Who acts, as a frozen fact for the journal: names and posts as they are now, whatever they become."""
        posts = self.person.postings.filter(until=None).values_list("post", flat=True)
        return {
            "person": self.person_id,
            "name": self.person.name,
            "account": self.pk,
            "username": self.username,
            "organisation": self.person.organisation_id,
            "posts": sorted(posts),
            "place": self.place,
        }


class Posting(models.Model):
    """A person holds a post in an organisation from `since` until `until` (open while null). Posts: see rights.toml.

    A trigger (triggers.py) refuses an open posting of an administrator or auditor beside any other.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    post = models.CharField(max_length=24)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(post__in=tuple(POSTS)), name="post_is_known"),
            models.UniqueConstraint(
                fields=["person", "organisation", "post"], condition=Q(until=None), name="one_open_posting"
            ),
        ]


class PostProposal(models.Model):
    """What takes two administrators: a post given or taken, a lost access renewed. Proposed by one person, decided by another."""

    ACTS = ("grant", "revoke", "renew")
    DECISIONS = ("", "approved", "rejected", "withdrawn")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="proposals")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    act = models.CharField(max_length=8, choices=[(one, one) for one in ACTS])
    post = models.CharField(max_length=24, blank=True)
    proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # null: the system
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=10, blank=True, choices=[(one, one) for one in DECISIONS])
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    link_token = ""  # after an approved renewal, known only to the process that made it

    class Meta:
        ordering = ["proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="approver_is_not_proposer",
            ),
            models.CheckConstraint(
                condition=~Q(decision="approved") | ~Q(decided_by=F("person")), name="approver_is_not_beneficiary"
            ),
            models.UniqueConstraint(
                fields=["person", "organisation", "act", "post"], condition=Q(decision=""), name="one_open_proposal"
            ),
        ]


class OrganisationProposal(models.Model):
    """What takes two administrators of the tier above: an organisation added, renamed, given another signature or profile,
    closed, opened again. `upper` is where it was proposed; `before` what a change would replace."""

    ACTS = ("add", "change", "close", "reopen")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    upper = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="proposals")
    act = models.CharField(max_length=8, choices=[(one, one) for one in ACTS])
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    signature = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=40)
    before = models.JSONField(default=dict)
    why = models.CharField(max_length=200, blank=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=10, blank=True, choices=[(one, one) for one in PostProposal.DECISIONS])
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="organisation_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(act="add") | Q(organisation__isnull=False), name="proposal_is_about_something"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(decision=""), name="one_open_organisation_proposal"
            ),
            models.UniqueConstraint(fields=["name"], condition=Q(decision="", act="add"), name="one_open_addition"),
        ]


class BootstrapCode(models.Model):
    """The only thing that works after `init`: one code, printed once, with which the first two administrators are named."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    code_hash = models.CharField(max_length=HASH, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Invitation(models.Model):
    """A link that works once. `invite` sets first keys; `renew` replaces lost ones; `enter` opens a session (exercise only)."""

    PURPOSES = ("invite", "renew", "enter")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invitations")
    purpose = models.CharField(max_length=8, choices=[(one, one) for one in PURPOSES])
    token_hash = models.CharField(max_length=HASH, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    link_token = ""  # the secret part of the link, known only to the process that made it


class TotpKey(models.Model):
    """The key of an authenticator app (RFC 6238: SHA-1, 30 s, 6 digits), sealed."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.PROTECT, related_name="totp_key")
    sealed = models.CharField(max_length=255)
    created_at = models.DateTimeField()


class PrintedCode(models.Model):
    """One of a printed sheet of one-time codes."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="printed_codes")
    code_hash = models.CharField(max_length=HASH)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "code_hash"], name="one_printed_code")]


class Passkey(models.Model):
    """A public key whose private half never leaves the person's device; fingerprint and face stay there too (fault X5)."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField()
    transports = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)


class StepUp(models.Model):
    """A second factor shown for one thing: `digest` is what is signed. Opened, verified once, used once."""

    FACTORS = ("passkey", "totp", "code")

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=HASH)
    nonce = models.CharField(max_length=HASH, unique=True)
    session = models.CharField(max_length=HASH, blank=True)  # hash of the session it was opened in
    factor = models.CharField(max_length=8, blank=True)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class SpentFactor(models.Model):
    """A TOTP step, a printed code or a passkey challenge that has been used. The database refuses the second use, whoever races."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="factor_is_spent_once")]


class FactorFailure(models.Model):
    """A wrong second factor: counted per place, so that a guesser elsewhere does not slow the rightful owner."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]


class KnownDevice(models.Model):
    """A browser in which this account has signed in before. Guessers elsewhere cannot delay it (fault X2)."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="known_devices")
    token_hash = models.CharField(max_length=HASH)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)  # since `failed_at`'s hour began
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "token_hash"], name="one_known_device")]


class OpenSession(models.Model):
    """A session someone signed in to: where, when, how; ended by its owner, an administrator, or time."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="open_sessions")
    factor = models.CharField(max_length=16)
    place = models.CharField(max_length=80)
    browser = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)  # when a second factor was last shown for this account's own keys
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-seen_at"]
        indexes = [models.Index(fields=["account", "ended_at"])]


class ApiToken(models.Model):
    """A bearer token of a machine that acts for this account: `fh_<id>_<secret>`. Signing still needs a step-up."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60, blank=True)
    secret_hash = models.CharField(max_length=HASH)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
