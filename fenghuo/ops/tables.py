"""Where things stand in the settings file: lines of keys, and what is left of a file of which one `[[gateway]]` table is broken."""

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"""^\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.]""")
NAME = re.compile(r"""^\s*name\s*=\s*["']([a-z0-9_-]{1,24})["']""")
GATEWAY = "gateway"
SINGLE = (
    "应写作 [[gateway]]，双方括号；此账号未启用",
    "must be written [[gateway]], with two brackets; it is not served",
)


@dataclass
class Chunk:
    """The lines, from `first` to before `end` (counted from 0), of one `[[gateway]]` table with the tables inside it."""

    first: int
    end: int
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    name: str = ""
    single: bool = False  # written [gateway]

    def line(self, path: tuple[str, ...]) -> int:
        """The line of a key, counted from 1; where it is not there, of the first inside it, else of the table around it."""
        while path:
            found = [at for one, at in self.lines.items() if one[: len(path)] == path]
            if found:
                return self.lines.get(path, min(found))
            path = path[:-1]
        return self.first + 1


@dataclass(frozen=True)
class Broken:
    """A `[[gateway]]` table that cannot be read: which one (from 0), its line and why, in both languages."""

    index: int
    line: int
    name: str
    zh: str
    en: str


def chunks(text: str) -> list[Chunk]:
    """The `[[gateway]]` tables of a file, in order, those written `[gateway]` too."""
    found: list[Chunk] = []
    inside, prefix = False, tuple[str, ...]()
    lines = text.splitlines()
    for at, line in enumerate(lines):
        header = HEADER.match(line)
        if header:
            path = tuple(part.strip(" \"'") for part in header[2].split("."))
            inside = path[0] == GATEWAY and (path == (GATEWAY,) or bool(found))
            prefix = path[1:]
            if path == (GATEWAY,):
                found.append(Chunk(at, at + 1, single=header[1] == "["))
        if inside:
            found[-1].end = at + 1
            _note(found[-1], prefix, line, at, bool(header))
    return found


def _note(chunk: Chunk, prefix: tuple[str, ...], line: str, at: int, header: bool) -> None:
    key = KEY.match(line)
    if header:
        chunk.lines.setdefault(prefix, at + 1)
    elif key:
        chunk.lines.setdefault((*prefix, key[1]), at + 1)
    name = NAME.match(line)
    if name and not prefix:
        chunk.name = chunk.name or name[1]


def parse(text: str) -> tuple[dict[str, Any], list[Broken]]:
    """What the file says, and the `[[gateway]]` tables that cannot be read. Raises TOMLDecodeError for a fault elsewhere."""
    try:
        values, fault = tomllib.loads(text), None
    except tomllib.TOMLDecodeError as error:
        values, fault = {}, error
    if fault is None and not isinstance(values.get(GATEWAY), dict):
        return values, []
    lines, broken = text.splitlines(), list[Broken]()
    for index, chunk in enumerate(chunks(text)):
        wrong = _broken(index, chunk, lines)
        if wrong:
            broken.append(wrong)
            lines[chunk.first : chunk.end] = [""] * (chunk.end - chunk.first)
    if broken:
        return tomllib.loads("\n".join(lines)), broken
    if fault:
        raise fault
    return values, []


def _broken(index: int, chunk: Chunk, lines: list[str]) -> Broken | None:
    """What is wrong with a table by itself."""
    if chunk.single:
        return Broken(index, chunk.first + 1, chunk.name, *SINGLE)
    try:
        tomllib.loads("\n" * chunk.first + "\n".join(lines[chunk.first : chunk.end]) + "\n")
    except tomllib.TOMLDecodeError as wrong:
        at = re.search(r"at line (\d+)", str(wrong))
        line = int(at[1]) if at else chunk.first + 1
        return Broken(index, line, chunk.name, "不是有效的 TOML", f"is not valid TOML: {wrong}")
    return None


def first(text: str) -> int:
    """The line, from 1, on which the file first speaks of gateways; 0 where it does not."""
    spoken = re.compile(rf"\s*\[?\s*[\"']?{GATEWAY}\b")
    return next((at for at, line in enumerate(text.splitlines(), 1) if spoken.match(line)), 0)
