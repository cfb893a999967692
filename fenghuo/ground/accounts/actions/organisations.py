"""Founding an organisation, and the one code that works before anybody does."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries, secret, signatures
from fenghuo.ground.accounts.actions.links import issue_link
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.people import clean, enrol
from fenghuo.ground.accounts.models import Account, BootstrapCode, Invitation, Organisation, Posting
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.profile.models import Profile
from fenghuo.ground.refusal import Refused, RefusedMany

BOOTSTRAP_LIFE = timedelta(hours=24)
LONGEST_NAME = 100
FIRST_POSTS = ("system_admin", "security_admin")


@dataclass(frozen=True)
class NewPerson:
    """Who is to be invited: the name as in the personnel file, the name to sign in with, a telephone number."""

    name: str
    username: str
    phone: str = ""


@dataclass(frozen=True)
class Identity:
    """In whose name, with which signature and by which rules an organisation speaks; checked by `identity`."""

    name: str
    signature: str
    profile: str


@transaction.atomic
def create_organisation(
    *, area_code: str, name: str, profile: str, by: Account | None, signature: str | None = None
) -> Organisation:
    """A government with its own desk. `signature` None takes the profile's where that is this area's, else a proposed one.

    Raises Refused for an unknown area or profile, for a name or a signature that is taken.
    """
    area = areas.get([area_code])[area_code]
    own = identity(area_code=area.code, name=name, signature=signature, profile=profile)
    organisation = Organisation.objects.create(area=area, **asdict(own))
    note(
        "organisation_create",
        by=by,
        organisation=organisation,
        area=area.code,
        title=own.name,
        profile=profile,
        signature=own.signature,
    )
    return organisation


def identity(
    *, area_code: str, name: str, signature: str | None, profile: str, but: Organisation | None = None
) -> Identity:
    """What was typed, cleaned and checked; `but` is the organisation that is to change. Raises Refused."""
    name = clean(name)
    if not name:
        raise Refused("name_missing", _("Name the organisation."), field="name")
    if len(name) > LONGEST_NAME:
        raise Refused("name_long", _("At most %(most)s characters."), field="name", params={"most": LONGEST_NAME})
    others = Organisation.objects.exclude(pk=but.pk if but else "")
    if any(signatures.plain(one) == signatures.plain(name) for one in others.values_list("name", flat=True)):
        raise Refused("name_taken", _("There is already an organisation of this name."), field="name", kind="conflict")
    rules = profiles.profile(profile)
    if signature is None:
        signature = _own_signature(area_code, name, rules, but)
    refused = signatures.problem(signature, area_code=area_code, profile=rules, but=but)
    if refused is not None:
        raise refused
    return Identity(name, signature, profile)


def _own_signature(area_code: str, name: str, rules: Profile, but: Organisation | None) -> str:
    """The profile's where it is this place's and nobody else's; else one made of the area's name, or of the organisation's."""
    likely = queries.proposed_signature(area_code)
    if rules.area == area_code and not signatures.problem(
        rules.sms.suffix.value, area_code=area_code, profile=rules, but=but
    ):
        return ""
    taken = signatures.problem(likely, area_code=area_code, profile=rules, but=but)
    return f"【{name}】" if taken else likely


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
