"""Groups: static members, and rules that select by area, position and tag."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules
from fenghuo.readiness.contacts.actions.kept import note, require_right
from fenghuo.readiness.contacts.models import Contact, Group, GroupMember, GroupRule
from fenghuo.readiness.contacts.queries import LONGEST_IN


def create_group(*, organisation: Organisation, name: str, by: Account | None) -> Group:
    """A new, empty group. Names are unique within the organisation."""
    require_right(organisation, by)
    return _keep(Group(organisation=organisation), name, by, "group.create")


def rename_group(*, group: Group, name: str, by: Account | None) -> Group:
    """The same group under another name."""
    require_right(group.organisation, by)
    return _keep(group, name, by, "group.rename")


def _keep(group: Group, name: str, by: Account | None, act: str) -> Group:
    group.name = rules.words("name", name, longest=60, required=True)
    try:
        with transaction.atomic():
            group.save()
            note(group.organisation, by, act, group.id, touched=(), groups_touched=[group.id], name=group.name)
    except IntegrityError as error:
        params = {"name": group.name}
        raise Refused(
            "group_exists", _("There is already a group “%(name)s”."), field="name", kind="conflict", params=params
        ) from error
    return group


def remove_group(*, group: Group, by: Account | None) -> None:
    """Remove a group; its members stay contacts."""
    require_right(group.organisation, by)
    with transaction.atomic():
        note(group.organisation, by, "group.remove", group.id, touched=(), groups_touched=[group.id], name=group.name)
        group.delete()


def add_members(*, group: Group, contacts: Iterable[int], by: Account | None) -> int:
    """Add contacts by id; returns how many were not members yet. Refused when one does not belong to the organisation."""
    require_right(group.organisation, by)
    wanted = list(dict.fromkeys(contacts))
    known: set[int] = set()
    for start in range(0, len(wanted), LONGEST_IN):
        part = Contact.objects.filter(organisation=group.organisation, id__in=wanted[start : start + LONGEST_IN])
        known.update(part.values_list("id", flat=True))
    if len(known) != len(wanted):
        raise Refused("contact_unknown", _("There is no such contact."), field="contacts", kind="missing")
    with transaction.atomic():
        before = group.members.count()
        members = [GroupMember(group=group, contact_id=one) for one in wanted]
        GroupMember.objects.bulk_create(members, batch_size=400, ignore_conflicts=True)
        added = group.members.count() - before
        note(group.organisation, by, "group.members.add", group.id, touched=(), groups_touched=[group.id], count=added)
    return added


def remove_members(*, group: Group, contacts: Iterable[int], by: Account | None) -> int:
    """Remove static members by id; returns how many there were. Whom a rule selects stays selected."""
    require_right(group.organisation, by)
    wanted, gone = list(contacts), 0
    with transaction.atomic():
        for start in range(0, len(wanted), LONGEST_IN):
            gone += group.members.filter(contact_id__in=wanted[start : start + LONGEST_IN]).delete()[0]
        note(
            group.organisation, by, "group.members.remove", group.id, touched=(), groups_touched=[group.id], count=gone
        )
    return gone


def add_rule(
    *, group: Group, area: str | None = None, position: str = "", tag: str = "", by: Account | None
) -> GroupRule:
    """Select everyone below `area` with this position and tag; what is left empty does not restrict, but something must."""
    require_right(group.organisation, by)
    position, tag = rules.words("position", position, longest=60), rules.tag_key(rules.words("tag", tag, longest=60))
    if area:
        areas.get([area])
    if not (area or position or tag):
        raise Refused(
            "rule_empty",
            _("A rule must name an area, a position or a tag; one that restricts nothing would mean everybody."),
        )
    with transaction.atomic():
        rule = GroupRule.objects.create(group=group, area_id=area or None, position=position, tag=tag)
        note(
            group.organisation,
            by,
            "group.rule.add",
            group.id,
            touched=(),
            groups_touched=[group.id],
            area=area or "",
            position=position,
            tag=tag,
        )
    return rule


def remove_rule(*, rule: GroupRule, by: Account | None) -> None:
    """The group no longer selects by this rule."""
    group = rule.group
    require_right(group.organisation, by)
    with transaction.atomic():
        note(
            group.organisation,
            by,
            "group.rule.remove",
            group.id,
            touched=(),
            groups_touched=[group.id],
            area=rule.area_id or "",
            position=rule.position,
            tag=rule.tag,
        )
        rule.delete()
