"""Reading imports: the list of them, one of them, its rows by what becomes of them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.paging import Page
from fenghuo.ground.refusal import Refused, Said
from fenghuo.readiness.contacts import states
from fenghuo.readiness.contacts.models import ContactImport, ContactImportPart
from fenghuo.readiness.contacts.packed import Entry, unpack

KINDS = ("new", "changed", "same", "refused")
# What a spreadsheet takes for a formula when a CSV is opened (fault X11); a quotation mark before it makes it text.
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Counts:
    """Rows by what becomes of them; `added`, `updated` and `left` as it was applied (or, after an undo, could not be)."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    added: int = 0
    updated: int = 0
    left: int = 0


def imports(organisation: Organisation) -> QuerySet[ContactImport]:
    """Newest first, without the uploaded files."""
    found = ContactImport.objects.filter(organisation=organisation).order_by("-created_at", "-id")
    return found.defer("file", "sheets").select_related("by__person")


def import_(organisation: Organisation, id: str) -> ContactImport:
    """One import of this organisation. Raises Refused kind missing."""
    found = ContactImport.objects.filter(organisation=organisation, pk=id if id.isalnum() else "")
    one = found.defer("file").select_related("by__person__organisation__area", "organisation").first()
    if one is None:
        raise Refused("import_unknown", _("There is no such import."), kind="missing")
    return one


def counts(parent: ContactImport) -> Counts:
    """Over all parts, in one query."""
    names = (*KINDS, "added", "updated")
    sums = parent.parts.aggregate(**{f"n_{name}": Sum(name) for name in names}, n_left=Sum("left_count"))
    return Counts(**{name: sums[f"n_{name}"] or 0 for name in (*names, "left")})


def rows(parent: ContactImport, kind: str, *, page: int = 1, size: int = 50) -> Page[Any]:
    """Rows of one kind in the order of the file: only the parts that hold the page are unpacked.

    Nobody while the file is being read: only at its end is it known which sheets there are.
    """
    if parent.state == states.READING:
        return Page([], 0, max(page, 1), size)
    first, found = (max(page, 1) - 1) * size, []
    total = 0
    for number, count in parent.parts.values_list("number", kind):
        here = range(total, total + count)
        total += count
        if count and here.stop > first and here.start < first + size:
            entries = [one for one in _entries(parent, number) if one["k"] == kind]
            found += entries[max(0, first - here.start) : first + size - here.start]
    return Page(found, total, max(page, 1), size)


def _entries(parent: ContactImport, number: int) -> list[Entry]:
    packed = ContactImportPart.objects.filter(parent=parent, number=number).values_list("rows", flat=True)
    return unpack(packed.first())


def left_alone(parent: ContactImport, *, most: int = 200) -> list[Any]:
    """Rows that could not be applied after all; once undone, [contact, field, name] of what had changed meanwhile."""
    found: list[Any] = []
    for packed in parent.parts.exclude(left=None).values_list("left", flat=True):
        found += unpack(packed)
        if len(found) >= most:
            break
    return found[:most]


def reasons(entry: Entry) -> list[Refused]:
    """Why a row is refused, in the words of whoever reads."""
    return [
        Refused(code, reason, field=field, params=_said(params)) for field, _column, code, reason, params in entry["e"]
    ]


def _said(params: dict[str, Any]) -> dict[str, Any]:
    both = {"zh", "en"}
    return {name: Said(**one) if isinstance(one, dict) and set(one) == both else one for name, one in params.items()}


def areas_named(entries: list[Entry]) -> dict[str, str]:
    """Names of the areas of these rows, by code."""
    codes = {one["p"]["area"] for one in entries if "p" in one}
    codes |= {code for one in entries for name, *both in one.get("d", ()) if name == "area" for code in both}
    return dict(Area.objects.filter(code__in=codes).values_list("code", "name"))


def refused_file(parent: ContactImport, shape: str) -> bytes:
    """The refused rows with all of their columns and, last, why: to be corrected and chosen again. Empty while it is being read."""
    lines = _refused_lines(parent) if parent.state != states.READING else iter(())
    return table(lines, shape)


def _refused_lines(parent: ContactImport) -> Iterator[list[str]]:
    headings: list[str] = []
    place, why = ("工作表与行", "原因") if (get_language() or "zh").startswith("zh") else ("sheet and row", "reason")
    for part in parent.parts.exclude(refused=0).iterator(chunk_size=2):
        for entry in unpack(part.rows):
            if entry["k"] != "refused":
                continue
            sheet = parent.sheets[entry["s"]]
            if headings != sheet["headings"]:
                headings = list(sheet["headings"])
                yield [*headings, place, why]
            cells = (entry["c"] + [""] * len(headings))[: len(headings)]
            where = f"{sheet['name']} {entry['r']}".strip()
            yield [*cells, where, "；".join(str(one) for one in reasons(entry))]


def table(lines: Iterator[list[str]], shape: str) -> bytes:
    """Lines as XLSX or CSV in which nothing is computed when it is opened (fault X11)."""
    if shape == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([f"'{one}" if one.startswith(_COMPUTED) else one for one in line] for line in lines)
        return text.getvalue().encode("utf-8-sig")
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("通讯录")
    for line in lines:
        sheet.append([_text_cell(sheet, one) for one in line])
    book.save(file)
    return file.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    text = "".join(one for one in text if one.isprintable() or one in "\n\t")
    if not text.startswith(_COMPUTED):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def unfinished(organisation: Organisation) -> int:
    """How many imports are being read, applied or undone."""
    busy = ContactImport.objects.filter(organisation=organisation, state__in=("reading", "running", "undoing"))
    return busy.aggregate(n=Count("id"))["n"] or 0
