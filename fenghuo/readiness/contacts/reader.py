"""Reads one spreadsheet file in a process of its own, which may run out of memory or time without harm to anyone (fault X9).

Started by `sheets.py` as a program, with the file on standard input; knows neither Django nor the database. Every answer is a
line of JSON on standard output: {"sheet": …}, {"rows": [[number, [cell …], [formula column …], [column filled from above …]] …]},
then {"end": true}, or {"refused": {"code", "params"}} at any time. A formula is never computed: its cell is only named. A cell
merged over several rows stands in each of them.
"""

import csv
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree import ElementTree

import python_calamine

MOST_BYTES = 20 * 1024 * 1024  # of the file as it arrives
MOST_UNPACKED = 200 * 1024 * 1024  # of all that is packed in it
MOST_MEMBERS = 2_000
MOST_SHEETS = 200
MOST_ROWS = 120_000  # of all sheets together
MOST_COLUMNS = 100
MOST_CHARACTERS = 1_000  # of one cell; what follows is cut off, and the cell is refused later if it matters
MEMORY = 272 * 1024 * 1024  # bytes of address space, so that less than 256 MB of it are ever resident
SECONDS = 30  # of processor time
CHUNK = 500
PIECE = 1 << 20

_FORMULA = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})([0-9]{1,7})["'][^>]*>\s*<(?:\w+:)?f[\s/>]""")
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_END_OF_ROW = re.compile(rb"</(?:\w+:)?row\s*>")
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="([0-9]{1,10})"')
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DELIMITERS = (",", ";", "\t", "，", "；")
Row = list[Any]


class Unreadable(Exception):
    """The file cannot be read; `code` is one of the reasons in sheets.py."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def read(data: bytes) -> Iterator[dict[str, Any]]:
    """The lines of the answer, in order. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("file_large", most=MOST_BYTES // 1024 // 1024)
    if not data.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise Unreadable("file_empty")
    if data[:4] == b"PK\x03\x04":
        yield from _workbook(data)
    else:
        _known_strangers(data)
        yield from _text_file(data)
    yield {"end": True}


def _known_strangers(data: bytes) -> None:
    """What people rename to .xlsx or .csv, by its first bytes."""
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise Unreadable("file_locked" if locked else "file_xls")
    if head[:1] == b"<" or head.startswith((b"mime-version:", b"content-type:")):
        raise Unreadable("file_html")
    if data[:4] in (b"%PDF", b"Rar!", b"\x7fELF", b"7z\xbc\xaf", b"\x89PNG") or data[:2] in (b"PK", b"\x1f\x8b", b"MZ"):
        raise Unreadable("file_kind")


# --- XLSX ---------------------------------------------------------------------------------------------------------


def _workbook(data: bytes) -> Iterator[dict[str, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            formulas = _examined(package)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, KeyError) as error:
        raise Unreadable("file_broken") from error
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(book.sheets_metadata) > MOST_SHEETS:
            raise Unreadable("sheets_many", most=MOST_SHEETS)
        yield from _sheets(book, formulas)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable("file_broken") from error


def _require_plain(package: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Raises Unreadable for what only calls itself a workbook, and for one that is locked, holds macros or says it is huge."""
    names = {one.filename for one in members}
    if "mimetype" in names and package.read("mimetype")[:60].startswith(b"application/vnd.oasis"):
        raise Unreadable("file_ods")
    if "xl/workbook.xml" not in names:
        raise Unreadable("file_not_xlsx")
    if any(one.flag_bits & 1 for one in members):
        raise Unreadable("file_locked")
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise Unreadable("file_macros")
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise Unreadable("file_bomb", most=MOST_UNPACKED // 1024 // 1024)


def _examined(package: zipfile.ZipFile) -> dict[str, dict[int, list[int]]]:
    """Unpacks everything once, counting what really comes out. Formula columns by sheet name and row; raises Unreadable."""
    members = package.infolist()
    _require_plain(package, members)
    unpacked, found = 0, {}
    for member in members:
        if member.filename.endswith(".zip"):
            raise Unreadable("file_nested")
        scan = _Scan(sheet=member.filename.startswith("xl/worksheets/"))
        with package.open(member) as stream:
            while piece := stream.read(PIECE):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    raise Unreadable("file_bomb", most=MOST_UNPACKED // 1024 // 1024)
                scan.take(piece)
        scan.end()
        found[member.filename] = scan.formulas
    return {name: found.get(path, {}) for path, name in _sheet_names(package).items()}


class _Scan:
    """Looks through one packed file in pieces: no DOCTYPE, no row beyond the limit, which cells are formulas."""

    def __init__(self, sheet: bool) -> None:
        self.sheet = sheet
        self.tail = b""
        self.formulas: dict[int, list[int]] = {}

    def end(self) -> None:
        """Nothing more comes."""
        if self.sheet:
            self._rows(self.tail)

    def take(self, piece: bytes) -> None:
        """The next piece."""
        text = self.tail + piece
        if _DOCTYPE.search(text):
            raise Unreadable("file_doctype")
        if not self.sheet:
            self.tail = text[-16:]
            return
        end = max((one.end() for one in _END_OF_ROW.finditer(text, max(0, len(self.tail) - 64))), default=0)
        whole, self.tail = text[:end], text[end:]
        if len(self.tail) > 8 * PIECE:
            raise Unreadable("file_intricate")
        self._rows(whole)

    def _rows(self, whole: bytes) -> None:
        filled = max(whole.rfind(b"</v>"), whole.rfind(b"</is>"), whole.rfind(b":v>"))
        last = whole.rfind(b"<row", 0, filled) if filled > 0 else -1
        number = _ROW_NUMBER.match(whole, last) if last >= 0 else None
        if number and int(number[1]) > 1_048_576:
            raise Unreadable("file_broken")
        if b"<f" in whole or b":f" in whole:
            found = list(_FORMULA.finditer(whole))
            for match in found:
                self.formulas.setdefault(int(match[2]), []).append(_column(match[1].decode()))
            if len(found) != sum(1 for _each in _ANY_FORMULA.finditer(whole)):
                raise Unreadable("formulas_unplaced")  # its value would be taken for something a person typed


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _sheet_names(package: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name by the path of its packed file."""
    try:
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    except ElementTree.ParseError as error:
        raise Unreadable("file_broken") from error
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    found = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            target = targets.get(sheet.get(_RELATION), "")
            found[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = sheet.get("name", "")
    return found


def _sheets(
    book: python_calamine.CalamineWorkbook, formulas: dict[str, dict[int, list[int]]]
) -> Iterator[dict[str, Any]]:
    total = 0
    for meta in book.sheets_metadata:
        hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        yield {"sheet": {"name": meta.name[:100], "hidden": hidden}}
        if hidden:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.start is None:
            continue
        if sheet.width > MOST_COLUMNS:
            raise Unreadable("columns_many", sheet=meta.name[:100], columns=sheet.width, most=MOST_COLUMNS)
        rows = _numbered(sheet, formulas.get(meta.name, {}))
        for chunk in _chunks(rows):
            total = _counted(total, len(chunk))
            yield {"rows": chunk}


def _numbered(sheet: python_calamine.CalamineSheet, formulas: dict[int, list[int]]) -> Iterator[Row]:
    top, left = sheet.start or (0, 0)
    merged = _Merged(sheet.merged_cell_ranges or (), left)
    for offset, cells in enumerate(sheet.to_python(skip_empty_area=True)):
        number = top + offset + 1
        texts = [_plain(one) for one in cells]
        marked = [one - left for one in formulas.get(number, []) if 0 <= one - left < MOST_COLUMNS]
        if any(texts) or marked:
            yield [number, texts, marked, merged.fill(number - 1, texts)]


class _Merged:
    """Cells merged over several rows: what is written stands in the first of them only."""

    def __init__(self, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], left: int) -> None:
        self.begin: dict[int, list[tuple[int, int]]] = {}
        self.open: dict[int, tuple[int, str]] = {}
        for (first, column), (last, _column) in ranges:
            if last > first and 0 <= column - left < MOST_COLUMNS:
                self.begin.setdefault(first, []).append((column - left, last))

    def fill(self, row: int, texts: list[str]) -> list[int]:
        """Write into the empty cells of a row, counted from 0, what is merged down to it; which columns that were."""
        filled = [at for at, (last, text) in self.open.items() if row <= last and text and not texts[at]]
        for at in filled:
            texts[at] = self.open[at][1]
        for at, last in self.begin.get(row, ()):
            if at < len(texts):
                self.open[at] = (last, texts[at])
        return filled


def _plain(value: Any) -> str:
    """A cell as a person would type it: a whole number without “.0”, a date as 2026-07-01."""
    if isinstance(value, str):
        return value[: MOST_CHARACTERS + 1]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time(0) else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[: MOST_CHARACTERS + 1]


# --- CSV ----------------------------------------------------------------------------------------------------------


def _text_file(data: bytes) -> Iterator[dict[str, Any]]:
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if "\0" in first:
        raise Unreadable("file_kind")
    delimiter = max(_DELIMITERS, key=first.count)
    yield {"sheet": {"name": "", "hidden": False}}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    total = 0
    for chunk in _chunks(_records(reader)):
        total = _counted(total, len(chunk))
        yield {"rows": chunk}


def _records(reader: Any) -> Iterator[Row]:
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise Unreadable("columns_many", sheet="CSV", columns=len(cells), most=MOST_COLUMNS)
            if any(one.strip() for one in cells):
                yield [reader.line_num, [one[: MOST_CHARACTERS + 1] for one in cells], [], []]
    except csv.Error as error:
        raise Unreadable("csv_broken", line=reader.line_num, why=str(error)) from error


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _in(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = error
    lines = data.split(b"\n")
    ours = [number for number, line in enumerate(lines, 1) if _is_utf8_chinese(line)]
    if ours:  # some lines are one encoding, some another: nobody can know what the rest means
        raise Unreadable("encoding_mixed", line=data.count(b"\n", 0, wrong.start) + 1, other=ours[0])
    return _in(data, "gb18030")


def _in(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding_unknown", line=data.count(b"\n", 0, error.start) + 1) from error


def _is_utf8_chinese(line: bytes) -> bool:
    try:
        return sum("\u4e00" <= one <= "\u9fff" for one in line.decode("utf-8")) >= 2
    except UnicodeDecodeError:
        return False


# --- both ---------------------------------------------------------------------------------------------------------


def _counted(total: int, more: int) -> int:
    if total + more > MOST_ROWS:
        raise Unreadable("rows_many", most=MOST_ROWS)
    return total + more


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def main() -> int:
    """The program: bounded, and with an answer whatever happens short of being killed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for line in read(sys.stdin.buffer.read(MOST_BYTES + 1)):
            print(json.dumps(line, ensure_ascii=True), flush=False)
    except Unreadable as error:
        print(json.dumps({"refused": {"code": error.code, "params": error.params}}))
    except (MemoryError, RecursionError):
        print(json.dumps({"refused": {"code": "file_intricate", "params": {}}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
