"""Reading an uploaded list into a preview: what each row would do. Nothing of anybody is changed."""

import json
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import Refused, Said
from fenghuo.readiness.contacts import cells, headings, reader, sheets, states
from fenghuo.readiness.contacts.actions import known
from fenghuo.readiness.contacts.models import ContactImport, ContactImportPart, Group
from fenghuo.readiness.contacts.packed import Entry, pack

PART = 2_000  # rows of one part: one transaction when it is applied
LEASE = timedelta(seconds=90)
SAMPLES = 3
OWN = ("name", "phone", "landline")  # what a cell merged over several rows says of nobody but the first
_Row = list[Any]


def claim(parent: ContactImport) -> bool:
    """Whether this process may read it now: one at a time, and another takes over when it has died."""
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    mine = ContactImport.objects.filter(free, pk=parent.pk, state=states.READING)
    return bool(mine.update(lease_until=now + LEASE))


def steps(parent: ContactImport) -> Generator[None]:
    """Read and stage the whole file, pausing after each part; ends previewed, waiting for its columns, or failed."""
    try:
        yield from _Planner(parent).run()
    except Refused as refused:
        why = {"code": refused.code, "reason": refused.reason, "params": refused.params}
        with transaction.atomic():
            parent.parts.all().delete()
            _leave(parent, states.FAILED, reason=why, file=None)


def hand_over(parent: ContactImport) -> None:
    """Whoever began to read it has no more time: the worker begins anew."""
    ContactImport.objects.filter(pk=parent.pk, state=states.READING).update(lease_until=None, progress=0)
    parent.refresh_from_db()


def _leave(parent: ContactImport, state: str, **changed: Any) -> None:
    ContactImport.objects.filter(pk=parent.pk, state=states.READING).update(state=state, lease_until=None, **changed)
    parent.refresh_from_db()


class _Planner:
    """One pass over one file."""

    def __init__(self, parent: ContactImport) -> None:
        self.parent = parent
        self.organisation = parent.organisation
        rows = areas.subtree(self.organisation.area_id).values_list("code", "name")
        self.places = cells.Places.of(rows)
        self.groups = dict(Group.objects.filter(organisation=self.organisation).values_list("name", "id"))
        self.sheets: list[dict[str, Any]] = []
        self.seen: dict[int, tuple[int, int]] = {}
        self.silent: dict[tuple[str, str, str], tuple[int, int]] = {}
        self.entries: list[Entry] = []
        self.total = self.part = 0

    def run(self) -> Iterator[None]:
        self.parent.parts.all().delete()
        for found in self._sheets():
            if found is None:
                yield
                continue
            sheet, rows = found
            if self.parent.only_sheet not in ("", sheet["name"]):
                continue
            ready = self._ready(sheet)
            for row in rows:
                self.total += 1
                if ready:
                    self._row(sheet, row)
                if len(self.entries) >= PART:
                    self._stage()
                    yield
        self._require_people()
        # A sheet without any known column is a note, not a list, and is named as left out; unless there is nothing else.
        filled = [one for one in self.sheets if one["rows"] and one["place"] is not None]
        if any(one["missing"] and one["columns"] for one in filled) or all(one["missing"] for one in filled):
            self.parent.parts.all().delete()
            _leave(self.parent, states.READ, sheets=self.sheets, total=self.total)
            return
        if self.entries:
            self._stage()
        _leave(self.parent, states.PREVIEWED, sheets=self.sheets, total=self.total, progress=0)

    def _require_people(self) -> None:
        """Refuses a file in which nobody was found, saying where somebody may be."""
        if self.parent.only_sheet and self.parent.only_sheet not in {one["name"] for one in self.sheets}:
            reason, params = _("The workbook has no sheet “%(sheet)s”."), {"sheet": self.parent.only_sheet}
            raise Refused("sheet_unknown", reason, field="sheet", params=params)
        hidden = [one["name"] for one in self.sheets if one["hidden"]]
        if not self.total and hidden:
            reason = _("Nobody is in the sheets that are shown; hidden ones are not read: %(sheets)s. Show them first.")
            raise Refused("sheets_hidden", reason, field="file", params={"sheets": "、".join(hidden[:10])})
        if not self.total:
            raise Refused("file_no_people", _("The file holds headings but nobody under them."), field="file")

    def _sheets(self) -> Iterator[tuple[dict[str, Any], Iterator[_Row]] | None]:
        """Each sheet that is read, with its headings found, and the rows below them; None while there is nothing to do."""
        pending: list[_Row] = []
        data = bytes(self.parent.file or b"")
        sheet: dict[str, Any] | None = None
        for said in sheets.read(data):
            if not said:
                yield None
                continue
            if "sheet" in said:
                if sheet is not None and pending:
                    yield sheet, self._below(sheet, pending)
                sheet, pending = (
                    {**said["sheet"], "name": _legible(said["sheet"]["name"])}
                    | {"rows": 0, "headings": [], "columns": {}, "place": None, "samples": [], "missing": []},
                    [],
                )
                self.sheets.append(sheet)
                continue
            assert sheet is not None
            pending += said["rows"]
            if len(pending) >= headings.SEARCHED:
                yield sheet, self._below(sheet, pending)
                pending = []
        if sheet is not None and pending:
            yield sheet, self._below(sheet, pending)

    def _below(self, sheet: dict[str, Any], rows: list[_Row]) -> Iterator[_Row]:
        if not sheet["headings"]:
            at, found = headings.find([row[1] for row in rows])
            found = [_legible(one) for one in found]
            sheet["headings"] = [one[:60] for one in found]
            sheet["columns"] = headings.columns(found, self.parent.mapping)
            rows = rows[at + 1 :]
            sheet["samples"] = [[_legible(one)[:40] for one in row[1]] for row in rows[:SAMPLES]]
        sheet["rows"] += len(rows)
        return iter(rows)

    def _ready(self, sheet: dict[str, Any]) -> bool:
        """Whether the columns that must be there are known. A sheet named like a village needs no column for it."""
        if sheet["place"] is None:
            try:
                sheet["place"] = self.places.find(sheet["name"]) if sheet["name"] else ""
            except Refused:
                sheet["place"] = ""
        wanted = {"name", "phone", "area"} - ({"area"} if sheet["place"] else set())
        sheet["missing"] = [one for one in headings.REQUIRED if one in wanted and not _has(sheet["columns"], one)]
        return not sheet["missing"]

    def _row(self, sheet: dict[str, Any], row: _Row) -> None:
        number, texts, formulas, filled = row
        own = {sheet["columns"].get(one) for one in OWN}
        texts = ["" if at in own and at in filled else one for at, one in enumerate(texts)] if filled else texts
        at = (len(self.sheets) - 1, number)
        read = cells.read(texts, sheet["columns"], formulas, self.places, sheet["place"])
        wrong = read.wrong or self._twice(read.person, at)
        if wrong:
            self.entries.append(_refused(at, texts, sheet["columns"], wrong))
        else:
            self.entries.append({"s": at[0], "r": number, "k": "new", "p": read.person, "c": texts})

    def _twice(self, person: cells.Person, at: tuple[int, int]) -> list[Refused]:
        """Rows of the same file that mean the same number or the same person."""
        wrong = []
        for number in person["numbers"]:
            if number in self.seen:
                reason = _("The number %(number)s stands twice in the file: already in %(place)s.")
                params = {"number": number, "place": self._place(self.seen[number])}
                wrong.append(Refused("number_twice", reason, field="phone", params=params))
        key = (person["name"], person["area"], person.get("position", ""))
        if not person["numbers"] and key in self.silent:
            reason = _("The same person stands twice in the file: already in %(place)s.")
            wrong.append(Refused("person_twice", reason, field="name", params={"place": self._place(self.silent[key])}))
        if not wrong:
            self.seen |= dict.fromkeys(person["numbers"], at)
            if not person["numbers"]:
                self.silent[key] = at
        return wrong

    def _place(self, at: tuple[int, int]) -> Said:
        name = self.sheets[at[0]]["name"]
        if not name:
            return Said(f"第 {at[1]} 行", f"row {at[1]}")
        return Said(f"“{name}”第 {at[1]} 行", f"“{name}” row {at[1]}")

    def _stage(self) -> None:
        """Keep a part with what each of its rows would do."""
        good = [one for one in self.entries if one["k"] != "refused"]
        for entry, who in zip(good, known.known(self.organisation, [one["p"] for one in good]), strict=True):
            if isinstance(who, Refused):
                columns = self.sheets[entry["s"]]["columns"]
                refused = _refused((entry["s"], entry["r"]), entry["c"], columns, [who])
                entry.clear()
                entry |= refused
            elif who is not None:
                entry["d"] = known.changes(who, entry["p"], self.groups)
                entry["k"] = "changed" if entry["d"] else "same"
        counts = {kind: sum(one["k"] == kind for one in self.entries) for kind in ("new", "changed", "same", "refused")}
        for one in good:
            if one["k"] != "refused":
                del one["c"]
        with transaction.atomic():
            ContactImportPart.objects.create(parent=self.parent, number=self.part, rows=pack(self.entries), **counts)
            ContactImport.objects.filter(pk=self.parent.pk, state=states.READING).update(
                progress=self.total, lease_until=clock.now() + LEASE
            )
        self.entries, self.part = [], self.part + 1


def _legible(text: str) -> str:
    """As every database can keep it: a NUL and half of a surrogate pair are no text."""
    return "".join("\ufffd" if one == "\0" or "\ud800" <= one <= "\udfff" else one for one in text)


def _has(columns: dict[str, int], field: str) -> bool:
    return field in columns or (field == "phone" and "landline" in columns)


def _refused(at: tuple[int, int], texts: Sequence[str], columns: dict[str, int], wrong: list[Refused]) -> Entry:
    reasons = [
        [
            one.field,
            columns.get(one.field or "", -1),
            one.code,
            one.reason,
            json.loads(json.dumps(one.params, default=_both)),
        ]
        for one in wrong
    ]
    return {"s": at[0], "r": at[1], "k": "refused", "c": [one[: reader.MOST_CHARACTERS] for one in texts], "e": reasons}


def _both(value: Any) -> Any:
    return {"zh": value.zh, "en": value.en} if isinstance(value, Said) else str(value)
