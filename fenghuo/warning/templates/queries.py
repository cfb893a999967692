"""Every shared read of templates: what may be used, one version, what changed between two."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.warning.templates import states
from fenghuo.warning.templates.models import Template, TemplateVersion

MOST = 2000
ORDER = ("template__kind", "template__relation", "template__event", "template__level", "template__name", "-number")


@dataclass(frozen=True)
class Change:
    """One field that two versions word differently."""

    field: str
    before: str
    after: str


def visible(organisation: Organisation) -> QuerySet[TemplateVersion]:
    """Every version this organisation may read: those that ship and its own."""
    mine = Q(template__organisation=organisation) | Q(template__organisation=None)
    return TemplateVersion.objects.filter(mine).select_related(
        "template", "author_person", "approver_person", "based_on__template"
    )


def version(organisation: Organisation, id: str) -> TemplateVersion:
    """One version. Another organisation's is missing like one that never was."""
    found = visible(organisation).filter(id=id).first()
    if found is None:
        raise Refused("template_unknown", _("There is no such template."), field="template", kind="missing")
    return found


def usable(organisation: Organisation) -> list[TemplateVersion]:
    """What may be written from now, one version per key: the organisation's own where it has one, else the shipped.

    A key whose own versions are all retired is out of use here, also as shipped: somebody decided so.
    """
    approved = list(visible(organisation).filter(state=states.APPROVED).order_by(*ORDER)[:MOST])
    own = {one.template.key for one in approved if one.template.organisation_id}
    ended = retired_keys(organisation) - own
    found = [
        one
        for one in approved
        if one.template.organisation_id or (one.template.key not in own and one.template.key not in ended)
    ]
    # Warnings first, and of each kind what begins before what ends; within that as they came.
    return sorted(found, key=lambda one: (Template.KINDS.index(one.template.kind), one.template.relation != ""))


def retired_keys(organisation: Organisation) -> set[str]:
    """Keys that this organisation took out of use: approved once, now not, and nothing proposed in its place."""
    mine = Template.objects.filter(organisation=organisation)
    gone = mine.filter(versions__state=states.RETIRED, versions__approver_person__isnull=False)
    return set(gone.exclude(versions__state=states.APPROVED).values_list("key", flat=True))


def listing(
    organisation: Organisation,
    *,
    kind: str = "",
    event: str = "",
    level: int | None = None,
    state: str = "",
    text: str = "",
) -> list[TemplateVersion]:
    """What is in use, or with `state` what this organisation has in it; narrowed by what it is for and by words of it."""
    if state in ("", states.APPROVED):
        found = usable(organisation)
    else:
        found = list(
            visible(organisation).filter(template__organisation=organisation, state=state).order_by(*ORDER)[:MOST]
        )
    wanted = text.strip()
    return [
        one
        for one in found
        if (not kind or one.template.kind == kind)
        and (not event or one.template.event == event)
        and (level is None or one.template.level == level)
        and (not wanted or wanted in f"{one.template.name}\n{one.headline}\n{one.body}")
    ]


def waiting(organisation: Organisation) -> list[TemplateVersion]:
    """Versions that are proposed and wait for somebody else's approval."""
    return listing(organisation, state=states.PROPOSED)


def suited(
    organisation: Organisation, *, event: str, level: int | None, relation: str = "", kind: str = "warning"
) -> TemplateVersion | None:
    """The template in use that fits best: of this relation and event, of this level or of any; None when nothing does."""
    fitting = [
        one
        for one in usable(organisation)
        if (one.template.kind, one.template.relation, one.template.event) == (kind, relation, event)
        and not one.template.life_safety
        and one.template.level in (None, level)
    ]
    return min(fitting, key=lambda one: one.template.level is None, default=None)


def history(found: TemplateVersion) -> list[TemplateVersion]:
    """All versions of the same template, newest first."""
    same = TemplateVersion.objects.filter(template=found.template_id).order_by("-number")
    return list(same.select_related("template", "author_person", "approver_person"))


def before(found: TemplateVersion) -> TemplateVersion | None:
    """What a version is compared with: what it was written from, else the number before it."""
    if found.based_on is not None:
        return found.based_on
    return (
        TemplateVersion.objects.filter(template=found.template_id, number__lt=found.number).order_by("-number").first()
    )


def newer_shipped(found: TemplateVersion) -> TemplateVersion | None:
    """The shipped words of an organisation's own template where they have changed since it was taken over."""
    if found.template.organisation_id is None or found.based_on is None:
        return None
    shipped = TemplateVersion.objects.filter(
        template__organisation=None, template__key=found.template.key, state=states.APPROVED
    ).first()
    taken = found.based_on
    return shipped if shipped and taken.template.organisation_id is None and shipped.number > taken.number else None


def difference(older: TemplateVersion, newer: TemplateVersion) -> list[Change]:
    """The fields worded differently, with both wordings."""
    fields = (*TemplateVersion.WORDS, "hours")
    pairs = [(one, str(getattr(older, one)), str(getattr(newer, one))) for one in fields]
    return [Change(field, old, new) for field, old, new in pairs if old != new]
