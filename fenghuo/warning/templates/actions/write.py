"""Writing: a new template, or a new version of one. What was written never changes; a further change is a further version."""

from django.db import transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.ids import new_id
from fenghuo.warning.templates import states
from fenghuo.warning.templates.actions.kept import note, written
from fenghuo.warning.templates.models import Template, TemplateVersion
from fenghuo.warning.templates.rules import Purpose, Wording
from fenghuo.warning.templates.shipped import category_of


def create(*, purpose: Purpose, words: Wording, by: Account) -> TemplateVersion:
    """A template of the writer's organisation that is like none before; its first version is a draft."""
    rights.require(account=by, act="template_write")
    id = new_id()
    with transaction.atomic():
        template = Template.objects.create(
            id=id,
            key=id,
            organisation=accounts.organisation_of(by),
            category=category_of(purpose.event),
            **purpose.model_dump(),
        )
        version = written(template, words, by=by, based_on=None)
        note(version, "write", by)
    return version


def revise(*, version: TemplateVersion, words: Wording, by: Account) -> TemplateVersion:
    """A further version, written from one that is in sight; from a shipped one it becomes the organisation's own.

    The writer's earlier draft of the same template, if there is one, is withdrawn: one wording is being worked on, not five.
    """
    rights.require(account=by, act="template_write", organisation=version.template.organisation)
    with transaction.atomic():
        template = own_of(version.template, by)
        drafts = template.versions.filter(state=states.DRAFT, author_person=by.person)
        drafts.update(state=states.RETIRED, decided_at=clock.now())
        fresh = written(template, words, by=by, based_on=version)
        note(fresh, "write", by, based_on=version.pk)
    return fresh


def own_of(template: Template, by: Account) -> Template:
    """The organisation's own template of the same key, made where it is missing. Inside a transaction."""
    if template.organisation_id is not None:
        return template
    same = ("name", "kind", "category", "event", "level", "relation", "life_safety", "note")
    found, _made = Template.objects.get_or_create(
        organisation=accounts.organisation_of(by),
        key=template.key,
        defaults={one: getattr(template, one) for one in same},
    )
    return found
