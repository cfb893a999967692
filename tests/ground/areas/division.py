"""The package's files in small: what this repository ships of the tree, written in the package's own shape."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

from fenghuo.ground.areas.queries import DEMO_CSV
from fenghuo.ground.areas.rules.division import DATABASE, LEVELS

LENGTHS = (2, 4, 6, 9, 12)
# The columns of the package, from its own files.
COLUMNS = (
    ("code", "name"),
    ("code", "name", "provinceCode"),
    ("code", "name", "cityCode", "provinceCode"),
    ("code", "name", "areaCode", "provinceCode", "cityCode"),
    ("code", "name", "streetCode", "provinceCode", "cityCode", "areaCode"),
)
_DIGITS = {"provinceCode": 2, "cityCode": 4, "areaCode": 6, "streetCode": 9}


def rows() -> list[list[list[str]]]:
    """Rows per level, as the package writes them."""
    levels: list[list[list[str]]] = [[], [], [], [], []]
    with DEMO_CSV.open(encoding="utf-8", newline="") as file:
        for area in csv.DictReader(file):
            depth = LENGTHS.index(len(area["code"]))
            above = [area["code"][: _DIGITS[column]] for column in COLUMNS[depth][2:]]
            levels[depth].append([area["code"], area["name"], *above])
    return levels


def write(folder: Path, levels: list[list[list[str]]] | None = None) -> Path:
    """The five CSV files."""
    folder.mkdir(exist_ok=True)
    for (name, _table, _parent), columns, lines in zip(LEVELS, COLUMNS, levels or rows(), strict=True):
        text = ",".join(columns) + "\n" + "".join(f'{line[0]},"{line[1]}",{",".join(line[2:])}\n' for line in lines)
        (folder / name).write_text(text.replace('",\n', '"\n'), encoding="utf-8")
    return folder


def write_database(folder: Path) -> Path:
    """The same as the package's one database."""
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        for (_name, table, _parent), columns, lines in zip(LEVELS, COLUMNS, rows(), strict=True):
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)
        connection.commit()
    return folder
