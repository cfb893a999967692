"""People and their accounts: invited, let in by a link that works once, disabled."""

import re
import unicodedata
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries, rules
from fenghuo.ground.accounts.actions.links import LINK_LIFE, issue_link
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.posts import propose
from fenghuo.ground.accounts.models import Account, Invitation, Organisation, Person
from fenghuo.ground.refusal import Refused, RefusedMany

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
# A name that says what somebody does, not who it is, is a shared account in the making (XC 7).
_SHARED = re.compile(r"(?:.*[_.-])?[a-z]{0,6}(?:lr|qf|luru|qianfa|admin|root|test|guest)[0-9]*")


@transaction.atomic
def invite(
    *,
    organisation: Organisation,
    name: str,
    username: str,
    posts: tuple[str, ...] | list[str],
    phone: str = "",
    by: Account,
    ttl: timedelta = LINK_LIFE,
    another_person: bool = False,
) -> Invitation:
    """A new person and the link to hand over (`.link_token`, shown once).

    Posts are only proposed: a security administrator approves them.
    A telephone number that is already somebody's is refused, because one person has one account, unless `another_person`
    says that two people share it.
    """
    rules.require(account=by, act="accounts_create", organisation=organisation)
    open_or_refuse(organisation)
    account = enrol(
        organisation=organisation, name=name, username=username, phone=phone, by=by, another_person=another_person
    )
    for post in posts:
        propose(person=account.person, act="grant", post=post, by=by)
    return issue_link(account=account, purpose="invite", ttl=ttl, by=by)


def open_or_refuse(organisation: Organisation) -> None:
    """A closed organisation takes nobody in."""
    if Organisation.objects.filter(pk=organisation.pk, closed_at__isnull=False).exists():
        raise Refused("closed", _("This organisation is closed; open it again first."), kind="conflict")


def enrol(
    *,
    organisation: Organisation,
    name: str,
    username: str,
    phone: str,
    by: Account | None,
    another_person: bool = False,
) -> Account:
    """Person and account, with no password and no post. Raises RefusedMany with every field that is wrong."""
    name, username, phone = (
        clean(name),
        username.strip().lower(),
        re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", phone)),
    )
    found = [*_name_problems(name), *_username_problems(username), *_phone_problems(phone, another_person)]
    if found:
        raise RefusedMany(found)
    person = Person.objects.create(organisation=organisation, name=name, phone=phone)
    account = Account(person=person, username=username, created_at=clock.now())
    account.set_unusable_password()
    account.save()
    note("create", by=by, about=account, organisation=organisation, username=username, shares_phone=another_person)
    return account


@transaction.atomic
def invite_again(*, account: Account, by: Account, ttl: timedelta = LINK_LIFE) -> Invitation:
    """A fresh link for someone whose first one ran out unused. Someone with keys needs `propose_renewal`: that takes two."""
    rules.require(account=by, act="accounts_create", organisation=account.person.organisation)
    account.refresh_from_db()
    if account.has_usable_password() or queries.factors_of(account).any:
        raise Refused(
            "has_keys",
            _("This person already has a password; a lost access is renewed by two administrators."),
            kind="conflict",
        )
    return issue_link(account=account, purpose="invite", ttl=ttl, by=by)


@transaction.atomic
def disable(*, account: Account, by: Account | None, reason: str = "") -> None:
    """Nothing of this account works from now on: sessions, tokens, links, posts. What it did stays.

    Immediate, by one administrator, who gives a reason, or by None: the server's console.

    The last working administrator of a kind cannot be disabled: nobody could undo it.
    """
    organisation = account.person.organisation
    if by is not None:
        rules.require(account=by, act="accounts_disable", organisation=organisation)
    if by is not None and not reason.strip():
        raise Refused("reason_missing", _("Give a reason; the journal keeps it."), field="reason")
    if not account.is_active:
        raise Refused("already_disabled", _("This account is already disabled."), kind="conflict")
    posts = queries.posts_of(account)
    for post in posts & {"system_admin", "security_admin"}:
        if len(queries.holders(organisation, post)) == 1:
            raise Refused(
                "last_administrator",
                _("This is the last administrator of its kind. Appoint another first."),
                kind="conflict",
            )
    shut(account=account, by=by, reason=reason.strip())


def shut(*, account: Account, by: Account | None, reason: str) -> None:
    """Inside a transaction: nothing of this account works any more."""
    now, posts = clock.now(), queries.posts_of(account)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    account.is_active = False
    account.person.postings.filter(until=None).update(until=now)
    account.person.proposals.filter(decision="").update(decision="withdrawn", decided_at=now)
    account.open_sessions.filter(ended_at=None).update(ended_at=now)
    account.api_tokens.filter(ended_at=None).update(ended_at=now)
    account.invitations.filter(used_at=None).update(used_at=now)
    account.known_devices.all().delete()
    organisation = account.person.organisation
    note("disable", by=by, about=account, organisation=organisation, posts=sorted(posts), reason=reason)


@transaction.atomic
def enable(*, account: Account, by: Account) -> Invitation:
    """Someone comes back: a new link, no posts. Keys from before are replaced when it is used."""
    rules.require(account=by, act="accounts_create", organisation=account.person.organisation)
    open_or_refuse(account.person.organisation)
    if account.is_active:
        raise Refused("not_disabled", _("This account is not disabled."), kind="conflict")
    Account.objects.filter(pk=account.pk).update(is_active=True)
    account.is_active = True
    note("enable", by=by, about=account, organisation=account.person.organisation)
    return issue_link(account=account, purpose="renew", ttl=LINK_LIFE, by=by)


def clean(text: str) -> str:
    """A name as it is kept: composed, printable, single spaces."""
    return " ".join("".join(one for one in unicodedata.normalize("NFC", text) if one.isprintable()).split())


def _name_problems(name: str) -> list[Refused]:
    if not name:
        return [Refused("name_missing", _("Name the person."), field="name")]
    if len(name) > 60:
        return [Refused("name_long", _("At most 60 characters."), field="name")]
    return []


def _username_problems(username: str) -> list[Refused]:
    if not _USERNAME.fullmatch(username):
        reason = _("3 to 40 small letters, digits, dots, strokes; it begins with a letter or digit.")
        return [Refused("username_form", reason, field="username")]
    if _SHARED.fullmatch(username):
        reason = _("This names a task, not a person. Everyone has an account of their own.")
        return [Refused("username_shared", reason, field="username")]
    if Account.objects.filter(username=username).exists():
        return [Refused("username_taken", _("This name is taken."), field="username", kind="conflict")]
    return []


def _phone_problems(phone: str, another_person: bool) -> list[Refused]:
    if phone and not re.fullmatch(r"\+?[0-9]{3,18}", phone):
        return [Refused("phone_form", _("A telephone number has 3 to 18 digits."), field="phone")]
    same = queries.same_phone(phone)
    if same and not another_person:
        reason = _(
            "This number belongs to %(name)s (%(organisation)s). One person has one account: is this another person?"
        )
        params = {"name": same[0].name, "organisation": same[0].organisation.name}
        return [Refused("phone_held", reason, field="phone", kind="conflict", params=params)]
    return []
