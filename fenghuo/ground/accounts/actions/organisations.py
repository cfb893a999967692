"""Founding an organisation, and the one code that works before anybody does."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries, secret
from fenghuo.ground.accounts.actions.links import issue_link
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.people import enrol
from fenghuo.ground.accounts.models import Account, BootstrapCode, Invitation, Organisation, Posting
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused, RefusedMany

BOOTSTRAP_LIFE = timedelta(hours=24)
FIRST_POSTS = ("system_admin", "security_admin")


@dataclass(frozen=True)
class NewPerson:
    """Who is to be invited: the name as in the personnel file, the name to sign in with, a telephone number."""

    name: str
    username: str
    phone: str = ""


@transaction.atomic
def create_organisation(*, area_code: str, name: str, profile: str, by: Account | None) -> Organisation:
    """A government with its own desk. Raises Refused for an unknown area or profile, or a name that is taken."""
    area = areas.get([area_code])[area_code]
    profiles.profile(profile)
    if not name.strip():
        raise Refused("name_missing", _("Name the organisation."), field="name")
    if Organisation.objects.filter(name=name).exists():
        raise Refused("name_taken", _("There is already an organisation of this name."), field="name", kind="conflict")
    organisation = Organisation.objects.create(area=area, name=name.strip(), profile=profile)
    note(
        "organisation_create",
        by=by,
        organisation=organisation,
        area=area.code,
        title=organisation.name,
        profile=profile,
    )
    return organisation


@transaction.atomic
def issue_bootstrap_code(*, organisation: Organisation, ttl: timedelta = BOOTSTRAP_LIFE) -> str:
    """The code that `init` prints, once; only its hash is kept, and an older code stops working.

    Refused once both administrators can sign in: from then on accounts come from them.
    """
    if all(any(one.has_usable_password() for one in queries.holders(organisation, post)) for post in FIRST_POSTS):
        raise Refused(
            "already_set_up",
            _("This organisation has its administrators; a new code would go around them."),
            kind="conflict",
        )
    now = clock.now()
    BootstrapCode.objects.filter(organisation=organisation, used_at=None).update(used_at=now)
    code = secret.readable(5)
    BootstrapCode.objects.create(
        organisation=organisation, code_hash=secret.digest(secret.plain(code)), created_at=now, expires_at=now + ttl
    )
    note("bootstrap_code", by=None, organisation=organisation, expires=(now + ttl).isoformat())
    return code


@transaction.atomic
def bootstrap(*, code: str, system: NewPerson, security: NewPerson) -> tuple[Invitation, Invitation]:
    """Name the first system and the first security administrator: two persons, two links. The code is used up.

    Raises Refused for a code that is wrong, used or expired, RefusedMany where the two are not two persons.
    """
    now = clock.now()
    kept = (
        BootstrapCode.objects.filter(code_hash=secret.digest(secret.plain(code)))
        .select_related("organisation__area")
        .first()
    )
    # The conditional update is what makes the code work once, whoever races.
    won = kept and BootstrapCode.objects.filter(pk=kept.pk, used_at=None, expires_at__gt=now).update(used_at=now)
    if kept is None or not won:
        raise Refused(
            "bootstrap_code",
            _("This code is wrong, used, or older than 24 hours. The server's console prints a new one."),
            field="code",
        )
    _two_persons(system, security)
    links = []
    for person, post in ((system, FIRST_POSTS[0]), (security, FIRST_POSTS[1])):
        account = enrol(
            organisation=kept.organisation, name=person.name, username=person.username, phone=person.phone, by=None
        )
        Posting.objects.create(person=account.person, organisation=kept.organisation, post=post, since=now)
        note("grant", by=None, about=account, organisation=kept.organisation, post=post, bootstrap=kept.pk)
        links.append(issue_link(account=account, purpose="invite", ttl=BOOTSTRAP_LIFE, by=None))
    return links[0], links[1]


def _two_persons(one: NewPerson, other: NewPerson) -> None:
    reason = _("The two administrators are two different persons: what one proposes the other approves.")
    same = [
        field
        for field in ("name", "username", "phone")
        if getattr(one, field) and getattr(one, field) == getattr(other, field)
    ]
    if same:
        raise RefusedMany(
            [Refused("two_persons", reason, field=f"security_{field}", kind="conflict") for field in same]
        )
