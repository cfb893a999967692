"""What every act on a template leaves behind: a conditional move of the state, and a line in the journal."""

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.templates import states
from fenghuo.warning.templates.models import Template, TemplateVersion
from fenghuo.warning.templates.rules import Wording


def move(version: TemplateVersion, verb: str, **values: Any) -> None:
    """Walk the graph's edge in one conditional UPDATE: of two people at once one gets through, the other is told."""
    edge = states.GRAPH.transition(verb)
    unmoved = TemplateVersion.objects.filter(pk=version.pk, state__in=edge.sources)
    if not unmoved.update(state=edge.target, **values):
        raise Refused("template_moved_on", _("Somebody else decided on this version meanwhile."), kind="conflict")
    version.refresh_from_db()


def note(version: TemplateVersion, verb: str, by: Account | None, organisation: str = "", **detail: Any) -> None:
    """The line in the journal, in the transaction of the act itself."""
    journal.record(
        act=f"template.{verb}",
        by=by.actor() if by else None,
        organisation=organisation or version.template.organisation_id or "",
        subject=version.pk,
        detail={"key": version.template.key, "number": version.number, **{k: v for k, v in detail.items() if v}},
    )


def written(
    template: Template, words: Wording, *, by: Account | None, based_on: TemplateVersion | None, **values: Any
) -> TemplateVersion:
    """The next version of a template."""
    last = template.versions.aggregate(last=Max("number"))["last"] or 0
    return TemplateVersion.objects.create(
        template=template,
        number=last + 1,
        based_on=based_on,
        author_person=by.person if by else None,
        at=clock.now(),
        **words.model_dump(),
        **values,
    )


def reasoned(reason: str) -> str:
    """A reason that says something. Raises Refused when empty, endless or no text."""
    reason = reason.strip()
    if not reason:
        raise Refused("reason_missing", _("State the reason."), field="reason")
    if len(reason) > 300:
        raise Refused(
            "too_long", _("Too long: at most %(longest)s characters."), field="reason", params={"longest": 300}
        )
    if "\x00" in reason or any("\ud800" <= one <= "\udfff" for one in reason):
        raise Refused("not_text", _("it contains something that is not text"), field="reason")
    return reason
