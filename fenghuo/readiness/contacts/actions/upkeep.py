"""Keeping the lists true: who answers for a group, and who last found it, or a person's entry, right."""

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Person
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.actions.kept import require_right
from fenghuo.readiness.contacts.models import Contact, Group


def set_owner(*, group: Group, person: Person | None = None, post: str = "", by: Account | None) -> Group:
    """The person or the post that answers for a group; neither for nobody."""
    require_right(group.organisation, by)
    if person is not None and post:
        raise Refused("owner_twice", _("The owner is a person or a post, not both."), field="owner")
    if person is not None and person.organisation_id != group.organisation_id:
        raise Refused("owner_unknown", _("There is no such person here."), field="owner", kind="missing")
    if post and post not in rights.posts():
        raise Refused("post_unknown", _("There is no such post."), field="owner")
    group.owner, group.owner_post = person, post
    with transaction.atomic():
        group.save(update_fields=["owner", "owner_post"])
        _journal(group, by, "group.owner", group.id, owner=person.name if person else "", post=post)
    return group


def may_check(*, group: Group, by: Account) -> Refused | None:
    """None for whoever keeps the contacts and for the owner, else why not."""
    refused = rights.may(account=by, act="contacts_edit", organisation=group.organisation)
    if refused is None or refused.kind == "missing":
        return refused
    owns = group.owner_id == by.person_id or (group.owner_post != "" and group.owner_post in accounts.posts_of(by))
    return None if owns else refused


def check_group(*, group: Group, by: Account) -> Group:
    """Somebody has gone through the group and found it right."""
    refused = may_check(group=group, by=by)
    if refused is not None:
        raise refused
    group.checked_at, group.checked_by = clock.now(), by.person
    with transaction.atomic():
        group.save(update_fields=["checked_at", "checked_by"])
        _journal(group, by, "group.check", group.id)
    return group


def check_contact(*, contact: Contact, by: Account) -> Contact:
    """Somebody has found all that is known of a person right."""
    require_right(contact.organisation, by)
    contact.checked_at, contact.checked_by = clock.now(), by.person
    with transaction.atomic():
        contact.save(update_fields=["checked_at", "checked_by"])
        _journal(contact, by, "contact.check", str(contact.pk))
    return contact


def _journal(thing: Group | Contact, by: Account | None, act: str, subject: str, **detail: str) -> None:
    """Who is told does not change, so the roster's revision does not rise and no alert has to be looked at again."""
    journal.record(
        act=act, by=by.actor() if by else None, organisation=thing.organisation_id, subject=subject, detail=detail
    )
