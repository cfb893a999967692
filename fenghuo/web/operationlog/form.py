"""The town's form as an A4 PDF. A missing glyph or font only warns in typst, so a warning is an error here."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import typst
from django.conf import settings
from django.utils import timezone, translation
from pylopdf_fonts_zh_cn import sans_path

from fenghuo.ground.refusal import CHINESE
from fenghuo.warning.alerts.queries import LogLine
from fenghuo.web import words

FORM = Path(__file__).parent / "form.typ"


class PaperError(Exception):
    """The sheet could not be set as it must be; the message is typst's own."""


def sheet(organisation: str, day: date, lines: Sequence[LogLine], printed_at: datetime, paper: Path = FORM) -> bytes:
    """One day's log as PDF bytes; raises PaperError when typst warns, for a sheet with boxes instead of names is no record."""
    data = {
        "organisation": organisation,
        "exercise": settings.FENGHUO.mode == "exercise",
        "day": f"{day.year}年{day.month}月{day.day}日",
        "printed": timezone.localtime(printed_at).strftime("%Y-%m-%d %H:%M:%S"),
        "lines": [_line(one) for one in lines],
    }
    pdf, warnings = typst.compile_with_warnings(
        str(paper),
        font_paths=[str(sans_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    if warnings:
        raise PaperError("; ".join(str(one) for one in warnings))
    return bytes(pdf)


def _line(line: LogLine) -> dict[str, str]:
    with translation.override(CHINESE):
        act, persons, outcome = words.act(line.act), words.persons(line), words.outcome(line)
    return {
        "time": timezone.localtime(line.at).strftime("%H:%M:%S"),
        "act": act,
        "summary": line.summary,
        "text": "\n".join(part for part in (line.text, line.reason, outcome) if part),
        "count": str(line.count or ""),
        "persons": persons,
        "code": line.code,
    }
