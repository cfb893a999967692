"""Importing areas. A tree with a hole in it would hide people from an audience, so a file is taken whole or not at all."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas.actions.keep import Named, keep
from fenghuo.ground.areas.models import Area
from fenghuo.ground.areas.rules import LENGTHS
from fenghuo.ground.refusal import Refused, RefusedMany

COLUMNS = ("code", "name", "parent", "level")
SYSTEM = {"system": True}
MOST_REFUSALS = 100


@dataclass(frozen=True)
class Report:
    """Rows read, and what they became."""

    rows: int
    added: int
    updated: int


def import_csv(*, path: Path, by: dict[str, Any] | None) -> Report:
    """Add or rename areas from `code,name,parent,level`. Raises RefusedMany, one refusal per wrong line; then nothing is stored."""
    rows = _read(path)
    known = set(Area.objects.values_list("code", flat=True))
    _check(rows, known)
    ordered = sorted(rows, key=lambda row: len(row["code"]))
    named = [Named(row["code"], row["name"]) for row in ordered]
    with transaction.atomic():
        added, updated = keep(named, source=path.name, by=by or SYSTEM)
    return Report(len(rows), added, updated)


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
            if missing:
                raise Refused(
                    "areas_columns",
                    _("The file lacks the columns %(columns)s."),
                    params={"columns": ", ".join(missing)},
                )
            return [
                {column: (row[column] or "").strip() for column in COLUMNS} | {"line": str(reader.line_num)}
                for row in reader
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(
            "areas_file", _("The file is not a CSV in UTF-8: %(error)s"), params={"error": str(error)}
        ) from error


def _check(rows: list[dict[str, str]], known: set[str]) -> None:
    codes = known | {row["code"] for row in rows}
    seen: set[str] = set()
    wrong: list[Refused] = []
    for row in rows:
        reason = _reason(row, codes, seen)
        seen.add(row["code"])
        if reason:
            field, text = reason
            params = {name: row[name] for name in (*COLUMNS, "line")}
            wrong.append(Refused("areas_line", text, field=field, params=params, kept="nothing"))
    if wrong:
        raise RefusedMany(wrong[:MOST_REFUSALS])


def _reason(row: dict[str, str], codes: set[str], seen: set[str]) -> tuple[str, str] | None:
    code, parent = row["code"], row["parent"]
    if not (code.isascii() and code.isdigit() and len(code) in LENGTHS):
        return "code", _("Line %(line)s: “%(code)s” is not a code of 2, 4, 6, 9 or 12 digits.")
    if code in seen:
        return "code", _("Line %(line)s: the code %(code)s stands twice in the file.")
    if not row["name"] or len(row["name"]) > 100 or not row["name"].isprintable():
        return "name", _("Line %(line)s: the area %(code)s needs a name of at most 100 printable characters.")
    depth = LENGTHS.index(len(code))
    if row["level"] != Area.LEVELS[depth]:
        return "level", _("Line %(line)s: “%(level)s” is not the level of a code as long as %(code)s.")
    expected = code[: LENGTHS[depth - 1]] if depth else ""
    if parent != expected:
        return "parent", _("Line %(line)s: “%(parent)s” is not the parent that the code %(code)s begins with.")
    if parent and parent not in codes:
        return "parent", _("Line %(line)s: the parent %(parent)s of %(code)s is neither in the file nor known.")
    return None
