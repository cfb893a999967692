"""Bringing the shipped templates into the database. Nobody here wrote them: an organisation adopts one by a person of its own."""

from django.db import transaction

from fenghuo.ground import clock
from fenghuo.warning.templates import states
from fenghuo.warning.templates.actions.kept import note, written
from fenghuo.warning.templates.models import Template, TemplateVersion
from fenghuo.warning.templates.rules import Wording
from fenghuo.warning.templates.shipped import Shipped, category_of, shipped

PURPOSE = ("name", "kind", "event", "level", "relation", "life_safety", "note")
WORDS = (*TemplateVersion.WORDS, "hours")


@transaction.atomic
def ship() -> int:
    """Make the tables hold what the files say; nothing happens where they do. Returns how many versions were written.

    A text that a newer program words differently becomes a new version; one that is gone from the files is retired.
    """
    known = {one.key: one for one in Template.objects.filter(organisation=None)}
    current = {
        one.template_id: one
        for one in TemplateVersion.objects.filter(template__organisation=None, state=states.APPROVED)
    }
    wanted = shipped()
    changed = 0
    for one in wanted:
        template = known.get(one.key)
        if template is None or not _same(one, template, current.get(template.pk)):
            _write(one, template)
            changed += 1
    gone = [known[key].pk for key in set(known) - {one.key for one in wanted}]
    TemplateVersion.objects.filter(template__in=gone, state=states.APPROVED).update(
        state=states.RETIRED, decided_at=clock.now()
    )
    return changed


def _same(one: Shipped, template: Template, version: TemplateVersion | None) -> bool:
    if version is None:
        return False
    alike = all(getattr(template, name) == getattr(one, name) for name in PURPOSE)
    return alike and all(getattr(version, name) == getattr(one, name) for name in WORDS)


def _write(one: Shipped, template: Template | None) -> None:
    purpose = {name: getattr(one, name) for name in PURPOSE} | {"category": category_of(one.event)}
    if template is None:
        template = Template.objects.create(organisation=None, key=one.key, **purpose)
    else:
        Template.objects.filter(pk=template.pk).update(**purpose)
    template.versions.filter(state=states.APPROVED).update(state=states.RETIRED, decided_at=clock.now())
    words = Wording.model_validate({name: getattr(one, name) for name in WORDS})
    version = written(template, words, by=None, based_on=None, state=states.APPROVED, decided_at=clock.now())
    note(version, "ship", None)
