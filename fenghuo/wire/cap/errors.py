"""What can be wrong with a CAP message, said in Chinese and English with the place where it is wrong."""

from dataclasses import dataclass
from typing import Literal

CapSeverity = Literal["error", "warning"]


class CapError(ValueError):
    """A document or model that is refused; the only exception this package raises for bad input.

    `code` is stable and machine-readable; `zh` and `en` say what is wrong and what would be right; `path` is the
    element path such as ``alert/info[2]/sent`` ("" when the document has no readable tree); `line` and `column`
    count from 1, 0 when unknown.
    """

    def __init__(self, code: str, zh: str, en: str, *, path: str = "", line: int = 0, column: int = 0) -> None:
        super().__init__(code, zh, en, path, line, column)
        self.code = code
        self.zh = zh
        self.en = en
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        where = self.path or (f"line {self.line}, column {self.column}" if self.line else "")
        return f"{self.code}{f' at {where}' if where else ''}: {self.en} / {self.zh}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a readable message: `error` breaks the standard or the law, `warning` misleads somebody."""

    code: str
    path: str
    zh: str
    en: str
    severity: CapSeverity = "error"
    line: int = 0


def place(parent: str, tag: str, number: int, count: int) -> str:
    """`parent/tag`, with `[number]` when the element is one of several."""
    return f"{parent}/{tag}[{number}]" if count > 1 else f"{parent}/{tag}"


def warning(code: str, path: str, zh: str, en: str) -> Problem:
    """A Problem that misleads somebody but breaks no rule."""
    return Problem(code, path, zh, en, "warning")
