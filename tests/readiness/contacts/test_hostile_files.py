"""Files that are not what they say: each refused with a reason, nothing kept, and the reader bounded whatever is in them."""

import io
import json
import re
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries, reader, tasks
from fenghuo.readiness.contacts.actions import imports
from fenghuo.readiness.contacts.models import Contact, ContactImport, ContactImportPart

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 256  # of resident memory, fault X9


def workbook(rows: Sequence[Sequence[object]], hide: bool = False) -> bytes:
    book = Workbook()
    first = book["Sheet"]
    for row in rows:
        first.append(list(row))
    if hide:
        shown = book.create_sheet("说明")
        shown.append(["请填写名单", "勿改表头"])
        first.sheet_state = "hidden"
        book.active = 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(change: Callable[[dict[str, bytes]], None], rows: Sequence[Sequence[object]] | None = None) -> bytes:
    """A real workbook with something of it replaced."""
    with zipfile.ZipFile(
        io.BytesIO(workbook(rows or [["姓名", "辖区", "手机"], ["甲", "120119111", "10000000001"]]))
    ) as book:
        parts = {one: book.read(one) for one in book.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def sheet(content: bytes) -> Callable[[dict[str, bytes]], None]:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return lambda parts: parts.update({SHEET: head + content + b"</sheetData></worksheet>"})


def bomb() -> bytes:
    """A few hundred kilobytes that unpack to more than is allowed."""
    return repacked(lambda parts: parts.update({SHEET: b"<worksheet>" + b" " * (300 * MEGABYTE) + b"</worksheet>"}))


def lying_bomb() -> bytes:
    """Says in its directory that it unpacks to a hundred bytes."""
    data = bytearray(bomb())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 24 : at + 28] = struct.pack("<L", 100)
        at += 4
    return bytes(data)


def wide() -> bytes:
    """One row that says it reaches to the million-and-first column."""
    cells = "".join(f'<c r="{_letters(at)}1" t="inlineStr"><is><t>x</t></is></c>' for at in range(1, 16_000))
    return repacked(sheet(f'<row r="1">{cells}</row>'.encode()))


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def corners() -> bytes:
    """Two cells, a thousand million empty ones between them."""
    return repacked(
        sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    )


def computed(cell: str, prefix: str = "") -> bytes:
    """A list whose second name is computed, its cell written as `cell`; every element with a prefix where one is given."""
    texts = [
        f'<c r="{at}1" t="inlineStr"><is><t>{text}</t></is></c>'
        for at, text in zip("ABC", ("姓名", "辖区", "手机"), strict=True)
    ]
    rows = f'<row r="1">{"".join(texts)}</row><row r="2">{cell}<f>CONCATENATE("a")</f><v>甲</v></c></row>'
    xml = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    if prefix:
        xml = re.sub(r"<(/?)(\w)", rf"<\1{prefix}:\2", xml).replace("xmlns=", f"xmlns:{prefix}=")
    return repacked(lambda parts: parts.update({SHEET: xml.encode()}))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "file_empty"),
    "only a mark": (lambda: b"\xef\xbb\xbf\r\n", "file_empty"),
    "bomb": (bomb, "file_bomb"),
    "bomb that lies": (lying_bomb, "file_bomb|file_broken"),
    "nested": (lambda: repacked(lambda parts: parts.update({"xl/x.zip": bomb()})), "file_nested"),
    "truncated": (lambda: workbook([["姓名", "辖区", "手机"]] * 50)[:-300], "file_broken"),
    "only the head of a zip": (lambda: b"PK\x03\x04" + b"\0" * 60, "file_broken"),
    "old workbook": (lambda: OLE + b"\0" * 2000, "file_xls"),
    "locked": (lambda: OLE + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"), "file_locked"),
    "web page": (lambda: b"  <html><table><tr><td>\xe5\xa7\x93</td></tr></table></html>", "file_html"),
    "opendocument": (
        lambda: repacked(lambda parts: parts.update({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})),
        "file_ods",
    ),
    "another zip": (lambda: repacked(lambda parts: parts.__delitem__("xl/workbook.xml")), "file_not_xlsx"),
    "macros": (lambda: repacked(lambda parts: parts.update({"xl/vbaProject.bin": b"x"})), "file_macros"),
    "doctype": (
        lambda: repacked(lambda parts: parts.update({SHEET: b'<!DOCTYPE x [<!ENTITY a "b">]>' + parts[SHEET]})),
        "file_doctype",
    ),
    "sixteen thousand columns": (wide, "columns_many|file_intricate"),
    "far corners": (corners, "file_intricate|columns_many"),
    "many columns in a csv": (lambda: b"," * 1_000_000 + b"\n", "columns_many|file_no_people"),
    "formula in no cell in particular": (lambda: computed('<c t="str">'), "formulas_unplaced"),
    "formula behind a comment": (lambda: computed('<c r="A2" t="str"><!-- -->'), "formulas_unplaced"),
    "too many rows": (lambda: b"name,area,phone\n" + b"a,120119111,1\n" * (reader.MOST_ROWS + 1), "rows_many"),
    "too large": (lambda: b"x" * (reader.MOST_BYTES + 1), "file_large"),
    "huge cell in a csv": (lambda: b'name,area,phone\n"' + b"x" * 200_000 + b'",120119111,1\n', "csv_broken"),
    "mixed encodings": (
        lambda: "姓名,辖区,手机\n甲某,大杨各村,1\n".encode() + "乙某,大杨各村,2\n".encode("gb18030"),
        "encoding_mixed",
    ),
    "no encoding": (lambda: b"name,area,phone\n\x81\xff\x81,1,2\n", "encoding_unknown"),
    "nul": (lambda: b"\0\x01\x02\0" * 100, "file_kind"),
    "pdf": (lambda: b"%PDF-1.7 ...", "file_kind"),
    "program": (lambda: b"MZ" + b"\0" * 100, "file_kind"),
    "headings only": (lambda: workbook([["姓名", "辖区", "手机"]]), "file_no_people"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(town: Organisation, name: str) -> None:
    make, codes = HOSTILE[name]
    with pytest.raises(Refused) as caught:
        actions.import_file(organisation=town, name="名单.xlsx", data=make(), by=None)
    assert caught.value.code in codes.split("|"), caught.value
    assert caught.value.in_language("en")
    assert "%(" not in str(caught.value)
    assert not Contact.objects.exists()
    assert not ContactImportPart.objects.exists()


def peak_of_reading(data: bytes) -> float:
    """The most memory, in MB, that the reader ever held of this file, as the kernel counts it."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        program = [sys.executable, "-I", reader.__file__]
        process = subprocess.Popen(program, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
        named = "python" in Path(f"/proc/{process.pid}/cmdline").read_text() if found else False
        peak = max(peak, int(found[1]) / 1024 if found and named else 0.0)
        time.sleep(0.005)
    return peak


@pytest.mark.parametrize(
    "name", ["bomb", "bomb that lies", "far corners", "sixteen thousand columns", "many columns in a csv"]
)
def test_the_reader_stays_small_whatever_it_reads(name: str) -> None:
    assert 0 < peak_of_reading(HOSTILE[name][0]()) <= MOST_MEGABYTES


ROWS = [["姓名", "辖区", "手机", "职务"]]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (["=1+1", "120119111", "10000000001", ""], "name", "formula"),
        (["@SUM(1)", "120119111", "10000000001", ""], "name", "formula_like"),
        (["甲", "120119111", "10000000001", "+cmd|' /C calc'!A0"], "position", "formula_like"),
        (["甲\u202e乙", "120119111", "10000000001", ""], "name", "not_printable"),
        (["长" * 16_000, "120119111", "10000000001", ""], "name", "too_long"),
        (["甲", "310101", "10000000001", ""], "area", "area_unknown"),
        (["甲", "120119111", 1.38e10, ""], "phone", "number_length|not_a_number"),
        (["甲", "120119111", "1.38E+10", ""], "phone", "number_shortened"),
        (["甲", "120119111", "1000000000", ""], "phone", "number_length"),
        (["", "120119111", "10000000001", ""], "name", "required"),
    ],
)
def test_a_hostile_row_is_named_and_the_others_are_kept(
    town: Organisation, row: list[object], field: str, code: str
) -> None:
    good = ["乙", "120119111", 10000000002.0, ""]
    _parent, report = actions.import_file(organisation=town, name="x.xlsx", data=workbook([*ROWS, row, good]), by=None)
    if code == "number_length|not_a_number":  # 13800000000 is a whole number and a mobile number after all
        assert report.added == 2
        return
    assert [(one.field, one.reason.code) for one in report.errors] == [(field, code)]
    assert (report.added, report.refused) == (1, 1)


@pytest.mark.parametrize(
    ("cell", "prefix"), [('<c r="A2" t="str">', ""), ("<c t='str' r='A2'>", ""), ('<c r="A2" t="str">', "longprefix")]
)
def test_a_formula_is_named_however_its_cell_is_written(town: Organisation, cell: str, prefix: str) -> None:
    parent, _ = actions.import_file(
        organisation=town, name="名单.xlsx", data=computed(cell, prefix), apply=False, by=None
    )
    rows = queries.rows(parent, "refused").rows
    assert [one.code for row in rows for one in queries.reasons(row)][:1] == ["formula"]


def test_headings_that_are_no_text_can_be_kept_by_every_database(town: Organisation) -> None:
    data = "名单\n何\0人,何处,何号\n甲,120119111,10000000001\n".encode()
    parent = actions.begin_import(organisation=town, name="x.csv", data=data, by=None)
    assert parent.state == "read"
    assert "\0" not in json.dumps(parent.sheets, ensure_ascii=False)
    assert parent.sheets[0]["headings"][0] == "何\ufffd人"


def test_a_file_that_takes_long_is_left_to_the_worker(town: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "姓名,辖区,手机\n".encode() + b"".join(
        f"人{one},120119111,{10_000_000_000 + one}\n".encode() for one in range(5_000)
    )
    monkeypatch.setattr(imports, "PATIENCE", 0.0)
    parent = actions.begin_import(organisation=town, name="x.csv", data=data, by=None)
    assert (parent.state, parent.lease_until) == ("reading", None)
    while tasks.tick():
        pass
    parent.refresh_from_db()
    assert (parent.state, parent.total, sum(parent.parts.values_list("new", flat=True))) == ("previewed", 5_000, 5_000)


def test_a_hidden_sheet_is_not_read_and_said_to_be(town: Organisation) -> None:
    data = workbook([*ROWS, ["甲", "120119111", "10000000001", ""]], hide=True)
    with pytest.raises(Refused) as caught:
        actions.import_file(organisation=town, name="x.xlsx", data=data, by=None)
    assert caught.value.code == "sheets_hidden"
    assert "Sheet" in caught.value.in_language("en")
    assert not ContactImport.objects.exists()


def test_headings_below_a_merged_title_and_a_merged_group_are_found(town: Organisation) -> None:
    rows: list[list[object]] = [
        ["下仓镇防汛责任人名单（2026年）", None, None, None],
        ["姓名", "所在村", "联系方式", None],
        [None, None, "手机", "座机"],
        ["甲", "120119111", "10000000001", "022-29840001转801"],
    ]
    _parent, report = actions.import_file(organisation=town, name="x.xlsx", data=workbook(rows), by=None)
    assert (report.added, report.errors) == (1, [])
    assert Contact.objects.get().landlines == "022-29840001-801"


def merged(rows: Sequence[Sequence[object]], *areas: str) -> bytes:
    book = Workbook()
    sheet = book["Sheet"]
    for row in rows:
        sheet.append(list(row))
    for area in areas:
        sheet.merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_list_as_an_office_lays_it_out_is_read_whole(town: Organisation) -> None:
    rows: list[list[object]] = [
        ["下仓镇防汛责任人名单（2026年）", None, None, None, None, None],
        ["序号", "行政村", "责任人", None, "职务", "备注"],
        [None, None, "姓名", "联系方式（手机）", None, None],
        [1, "120119111", "甲", "10000000001", "书记", "x"],
        [2, None, "乙", "10000000002", "网格员", None],
        [3, None, "丙", "10000000003", None, None],
        [4, None, None, "10000000004", None, None],
    ]
    data = merged(rows, "A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:F3", "B4:B7", "E5:E6", "C6:C7")
    _parent, report = actions.import_file(organisation=town, name="x.xlsx", data=data, by=None)
    assert sorted(Contact.objects.values_list("name", "area_id", "position")) == [
        ("丙", "120119111", "网格员"),
        ("乙", "120119111", "网格员"),
        ("甲", "120119111", "书记"),
    ]
    # A name over two rows is not guessed to be two people: that row is named.
    assert [(one.line, one.field) for one in report.errors] == [(7, "name")]


@pytest.mark.parametrize("area", ["A1:XFD1048576", "B2:B1048576"])
def test_a_merged_area_as_large_as_the_sheet_costs_nothing(town: Organisation, area: str) -> None:
    rows: list[list[object]] = [
        ["姓名", "辖区", "手机"],
        ["甲", "120119111", "10000000001"],
        ["乙", None, "10000000002"],
    ]

    def stretch(parts: dict[str, bytes]) -> None:
        parts[SHEET] = parts[SHEET].replace(
            b"<pageMargins", b'<mergeCells><mergeCell ref="%s"/></mergeCells><pageMargins' % area.encode()
        )

    began = time.process_time()
    _parent, report = actions.import_file(organisation=town, name="x.xlsx", data=repacked(stretch, rows), by=None)
    assert report.added == (2 if area.startswith("B") else 1)
    assert time.process_time() - began < 30
