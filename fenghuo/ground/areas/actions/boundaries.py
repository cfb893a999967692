"""Importing boundaries: a GeoJSON file is taken whole or not at all, so that no area is silently left where it was."""

from dataclasses import dataclass
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.areas import rules
from fenghuo.ground.areas.models import Area, Boundary
from fenghuo.ground.areas.queries import LENGTHS, code_range, inside
from fenghuo.ground.disk import rules as disk
from fenghuo.ground.ids import new_id
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused, RefusedMany

MOST_BYTES = 64 * 1024 * 1024
MOST_REFUSALS = 100
SYSTEM = {"system": True}
# How exported files call the code of a division, in the order in which they are looked for.
PROPERTIES = ("code", "adcode", "区划代码", "行政区划代码", "XZQDM", "XZDM")


@dataclass(frozen=True)
class BoundaryReport:
    """Boundaries stored; codes of those that crossed themselves and were repaired; codes that no area here has."""

    stored: int
    repaired: list[str]
    unknown: list[str]


def import_boundaries(
    *, content: bytes, name: str, by: dict[str, Any] | None, property: str = "", within: str = ""
) -> BoundaryReport:
    """Keep the boundaries of a GeoJSON FeatureCollection, replacing those the areas had.

    `property` holds the code (the usual names are tried when empty); `within`: only areas below this code may be in the file.
    Raises Refused or RefusedMany with feature and reason; then nothing is stored. Features whose code is unknown are left out and
    told, but a file of which nothing is known is refused.
    """
    disk.require()
    found = list(rules.features(_text(content), property or _property(content)))
    known = set(Area.objects.values_list("code", flat=True))
    codes = {one.number: _code(one.code, known) for one in found}
    _check(found, codes, within)
    batch, now = new_id(), clock.now()
    rows = [
        Boundary(
            area_id=codes[one.number],
            shape=shapely.to_wkb(one.shape),
            outline=rules.outline(one.shape),
            batch=batch,
            imported_at=now,
        )
        for one in found
        if codes[one.number]
    ]
    report = BoundaryReport(
        len(rows),
        [codes[one.number] for one in found if one.repaired and codes[one.number]],
        [one.code for one in found if not codes[one.number]],
    )
    with transaction.atomic():
        Boundary.objects.bulk_create(
            rows,
            batch_size=100,
            update_conflicts=True,
            unique_fields=["area"],
            update_fields=["shape", "outline", "batch", "imported_at"],
        )
        counts = {"stored": report.stored, "repaired": len(report.repaired), "unknown": len(report.unknown)}
        journal.record(act="areas.boundaries", by=by or SYSTEM, subject=name[:200], detail=counts)
    return report


def remove_boundaries(*, code: str, by: dict[str, Any] | None) -> int:
    """Forget the boundaries of an area and all below it; returns how many."""
    first, bound = code_range(code)
    with transaction.atomic():
        gone, _each = Boundary.objects.filter(area_id__gte=first, area_id__lt=bound).delete()
        journal.record(act="areas.boundaries.remove", by=by or SYSTEM, subject=code, detail={"removed": gone})
    return gone


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        reason = _("The file is larger than %(most)s MB.")
        raise Refused("boundaries_large", reason, field="file", params={"most": MOST_BYTES // 2**20}, kept="nothing")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("boundaries_utf8", _("The file is not UTF-8 text."), field="file", kept="nothing") from error


def _property(content: bytes) -> str:
    """The first of the usual names that the file has at all."""
    return next((one for one in PROPERTIES if f'"{one}"'.encode() in content), PROPERTIES[0])


def _code(written: str, known: set[str]) -> str:
    """The area of a code; files often fill shorter codes up with zeros (120119000000). Empty when there is none."""
    code = written.strip()
    shorter = [code[:length] for length in reversed(LENGTHS) if length < len(code) and not code[length:].strip("0")]
    return next((one for one in (code, *shorter) if one in known), "")


def _check(found: list[rules.Feature], codes: dict[int, str], within: str) -> None:
    first: dict[str, int] = {}
    wrong: list[Refused] = []
    for one in found:
        code = codes[one.number]
        params = {"number": one.number, "code": one.code, "within": within, "first": first.get(code)}
        if code and code in first:
            reason = _("Feature %(number)s (%(code)s) is the same area as feature %(first)s.")
            wrong.append(Refused("boundaries_twice", reason, field="file", params=params, kept="nothing"))
        elif code and not inside(code, within):
            reason = _("Feature %(number)s (%(code)s) lies outside the area %(within)s.")
            wrong.append(Refused("boundaries_outside", reason, field="file", params=params, kept="nothing"))
        first.setdefault(code, one.number)
    if wrong:
        raise RefusedMany(wrong[:MOST_REFUSALS])
    if not any(codes.values()):
        raise Refused(
            "boundaries_unknown",
            _(
                "No area here has any of the codes in the file, the first of which is “%(code)s”. Is the property right?"
            ),
            field="file",
            params={"code": found[0].code},
            kept="nothing",
        )
