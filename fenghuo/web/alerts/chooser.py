"""The templates one can begin with, as the chooser shows them: events by level, then everything without a level."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.templates import queries as templates
from fenghuo.warning.templates.models import TemplateVersion
from fenghuo.web import words


@dataclass
class Line:
    """One event with its templates by level, red first; None where there is none."""

    name: str
    cells: list[TemplateVersion | None] = field(default_factory=lambda: [None] * 4)


@dataclass
class Choice:
    """Everything to choose from. `plain`: (heading, templates) of the classes without a level."""

    warnings: list[Line]
    urgent: list[Line]
    lifts: list[TemplateVersion]
    plain: list[tuple[str, list[TemplateVersion]]]

    def __bool__(self) -> bool:
        return bool(self.warnings or self.urgent or self.lifts or self.plain)


def choice(organisation: Organisation, kinds: Sequence[str]) -> Choice:
    """What this organisation may begin with, of the kinds it may publish."""
    found = [one for one in templates.usable(organisation) if one.template.kind in kinds]
    lifts = [one for one in found if one.template.relation == "lift"]
    graded = [one for one in found if one.template.kind == "warning" and not one.template.relation]
    plain = {
        kind: [one for one in found if one.template.kind == kind and one not in lifts]
        for kind in kinds
        if kind != "warning"
    }
    # A second template of one's own for the same event and level, or one without a level, stands by its name.
    warnings, left = _by_level([one for one in graded if not one.template.life_safety])
    urgent, more = _by_level([one for one in graded if one.template.life_safety])
    others = [(words.kind("warning"), left + more)] if left or more else []
    return Choice(
        warnings, urgent, lifts, others + [(words.kind(kind), those) for kind, those in plain.items() if those]
    )


def _by_level(found: list[TemplateVersion]) -> tuple[list[Line], list[TemplateVersion]]:
    lines: dict[str, Line] = {}
    left = []
    for one in found:
        level, event = one.template.level, one.template.event
        line = lines.setdefault(event, Line(words.event_name(event))) if event and level else None
        if line is None or level is None or line.cells[level - 1] is not None:
            left.append(one)
        else:
            line.cells[level - 1] = one
    return list(lines.values()), left
