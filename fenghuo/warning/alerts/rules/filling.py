"""From a template to a message: what the template says goes where nothing was typed; what was typed stays."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.rules.content import Content
from fenghuo.warning.templates import queries as templates
from fenghuo.warning.templates import values
from fenghuo.warning.templates.models import TemplateVersion

# The words of a message that a template gives.
WORDS = TemplateVersion.WORDS
PURPOSE = ("kind", "category", "event", "level")


def template_of(content: Content, organisation: Organisation) -> TemplateVersion | None:
    """The template that a content names. Refused where there is none of this id, like an unknown word in any other field."""
    if not content.template:
        return None
    try:
        return templates.version(organisation, content.template)
    except Refused as refused:
        raise Refused(refused.code, _("There is no such template."), field="template") from refused


def filled(content: Content, organisation: Organisation) -> Content:
    """The content with everything the template knows in the places where nothing stands; blanks without a value stay blanks.

    Also what follows from it: the class, type and level, the begin (this full hour), and the end by the template's hours. Places
    and period are suggested for blanks of that name that were left out.
    """
    version = template_of(content, organisation)
    if version is None:
        return content
    begins = content.starts_at or clock.now().replace(minute=0, second=0, microsecond=0)
    ends = content.expires_at or begins + timedelta(hours=version.hours)
    told = suggested(version, content.areas, begins, ends) | {k: v for k, v in content.blanks.items() if v}
    words = {name: values.fill(getattr(version, name), told) for name in WORDS}
    given: dict[str, Any] = {**words, "starts_at": begins, "expires_at": ends, "blanks": told}
    given |= {name: getattr(version.template, name) for name in ("category", "event", "level")}
    kept = {name: getattr(content, name) for name in given if name != "blanks"}
    return content.model_copy(update={name: kept.get(name) or value for name, value in given.items()})


def suggested(version: TemplateVersion, codes: list[str], begins: Any, ends: Any) -> dict[str, str]:
    """What the chosen areas and times answer of a version's blanks; amounts are never suggested."""
    known = Area.objects.in_bulk(codes)
    wanted = values.blanks(*(getattr(version, name) for name in WORDS))
    local = [timezone.localtime(one) if one else None for one in (begins, ends)]
    return values.suggestions(
        wanted, places=[known[code].name for code in codes if code in known], begins=local[0], ends=local[1]
    )


def unfilled(content: Content) -> dict[str, list[str]]:
    """The blanks that still stand in the words, by field."""
    found = {name: [one.name for one in values.blanks(getattr(content, name))] for name in WORDS}
    return {name: names for name, names in found.items() if names}
