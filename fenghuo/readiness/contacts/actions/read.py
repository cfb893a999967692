"""Contacts from a CSV, as a town office keeps them: Chinese or English headings, UTF-8 or GB 18030."""

import csv
import io
import re
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules
from fenghuo.readiness.contacts.actions.kept import require_right
from fenghuo.readiness.contacts.actions.load import Report, load_lines
from fenghuo.readiness.contacts.rules import Row

HEADINGS = {
    "name": ("name", "姓名"),
    "area": ("area", "辖区", "区域", "村"),
    "position": ("position", "职务", "岗位"),
    "phone": ("phone", "手机", "手机号", "电话"),
    "tags": ("tags", "标签"),
    "risk": ("risk", "风险", "风险等级"),
    "groups": ("groups", "群组", "分组"),
}
REQUIRED = ("name", "area", "phone")
SEVERAL = re.compile(r"[;；、/|\n]")


def import_csv(*, organisation: Organisation, file: IO[bytes] | IO[str], by: Account | None) -> Report:
    """Keep the people of a CSV; each wrong line is reported with field and reason, the others are kept.

    Raises Refused when the file itself cannot be read.
    """
    require_right(organisation, by)
    reader = csv.DictReader(io.StringIO(_text(file), newline=""), restkey="", restval="")
    headings = _headings([one or "" for one in reader.fieldnames or []])
    report = Report()
    places = _places(organisation)
    return load_lines(organisation, _lines(reader, headings, places, report), by, report)


def _text(file: IO[bytes] | IO[str]) -> str:
    content = file.read()
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("contacts_file", _("The file is not a CSV in UTF-8 or GB 18030."), field="file")


def _headings(fieldnames: list[str]) -> dict[str, str]:
    """Column in the file by our own name."""
    plain = {one.strip().lower(): one for one in fieldnames}
    found = {ours: plain[name] for ours, names in HEADINGS.items() for name in names if name in plain}
    missing = [HEADINGS[one][1] for one in REQUIRED if one not in found]
    if missing:
        raise Refused(
            "contacts_columns",
            _("The file lacks the columns %(columns)s."),
            field="file",
            params={"columns": "、".join(missing)},
        )
    return found


def _places(organisation: Organisation) -> dict[str, str]:
    """Codes by name within the organisation; a name that occurs twice is left out and must be given as a code."""
    rows = list(areas.subtree(organisation.area_id).values_list("name", "code"))
    names = [name for name, _code in rows]
    return {name: code for name, code in rows if names.count(name) == 1}


def _lines(
    reader: "csv.DictReader[str]", headings: dict[str, str], places: dict[str, str], report: Report
) -> Iterator[tuple[int, Row]]:
    """Rows that can be read; lines that cannot are reported on the way."""
    try:
        for record in reader:
            cells = {ours: (record[theirs] or "").strip() for ours, theirs in headings.items()}
            if not any(cells.values()):
                continue
            try:
                yield reader.line_num, _row(cells, places)
            except Refused as refused:
                report.rows += 1
                report.refuse(reader.line_num, refused)
    except csv.Error as error:
        reason = Refused(
            "contacts_file", _("The file is not a CSV from this line on: %(error)s"), params={"error": str(error)}
        )
        report.refuse(reader.line_num, reason)


def _row(cells: dict[str, str], places: dict[str, str]) -> Row:
    risk = cells.get("risk", "") or "0"
    if not (risk.isascii() and risk.isdigit()):
        raise Refused(
            "risk", _("The risk is a whole number from 0 to %(most)s."), field="risk", params={"most": rules.MOST_RISK}
        )
    return Row(
        name=cells["name"],
        area=places.get(cells["area"], cells["area"]),
        addresses=tuple(rules.normalise(one) for one in _several(cells["phone"])),
        position=cells.get("position", ""),
        tags=tuple(_several(cells.get("tags", "").replace("，", ",").replace(",", ";"))),
        risk=int(risk),
        groups=tuple(dict.fromkeys(_several(cells.get("groups", "")))),
    )


def _several(text: str) -> list[str]:
    return [one.strip() for one in SEVERAL.split(text) if one.strip()]
