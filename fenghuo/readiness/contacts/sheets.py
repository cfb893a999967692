"""Runs the reader of spreadsheets as a process of its own and hands on what it found, piece by piece."""

import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import reader

SECONDS = 60.0  # of real time, however busy the machine is
SILENCE = 0.2  # seconds
LONGEST_LINE = 64 * 1024 * 1024
REASONS = {
    "file_large": _("The file is larger than %(most)s MB. Split it into several."),
    "file_empty": _("The file is empty."),
    "file_xls": _("This is a workbook of the old kind (.xls). Open it and save it as .xlsx, then choose it again."),
    "file_locked": _("The workbook is protected by a password. Save it without one, then choose it again."),
    "file_html": _("This is a web page, not a workbook. Open it, save it as .xlsx, then choose it again."),
    "file_ods": _("This is an OpenDocument sheet (.ods). Save it as .xlsx or CSV, then choose it again."),
    "file_kind": _("The file is neither an XLSX workbook nor a CSV."),
    "file_not_xlsx": _("The file is packed like a workbook but holds none. Save it as .xlsx again."),
    "file_macros": _("The workbook holds macros (.xlsm). Save it as .xlsx, then choose it again."),
    "file_broken": _("The workbook is damaged or incomplete. Save it again, then choose it again."),
    "file_bomb": _("Unpacked, the file would be larger than %(most)s MB. It was not opened any further."),
    "file_nested": _("The workbook holds another packed file. It was not opened."),
    "file_doctype": _(
        "The workbook holds a document type declaration, which no spreadsheet program writes. It was not opened."
    ),
    "file_intricate": _("The file is too large or too intricate to be read. Copy the people into a new, plain sheet."),
    "formulas_unplaced": _(
        "The workbook holds formulas without saying in which cells. Copy the columns, paste them as values into a new workbook."
    ),
    "sheets_many": _("The workbook has more than %(most)s sheets."),
    "columns_many": _(
        "The sheet “%(sheet)s” has %(columns)s columns; at most %(most)s are read. Delete those that are not needed."
    ),
    "rows_many": _("The file has more than %(most)s rows. Split it into several."),
    "csv_broken": _("The file is not a CSV from line %(line)s on: %(why)s"),
    "encoding_mixed": _("Line %(line)s is written in another encoding than line %(other)s. Save the file as UTF-8."),
    "encoding_unknown": _("Line %(line)s is neither UTF-8 nor GB 18030. Save the file as UTF-8."),
}


def read(data: bytes) -> Iterator[dict[str, Any]]:
    """{"sheet": {"name", "hidden"}} and {"rows": [[number, cells, formula columns, filled columns] …]} in order.

    {} whenever the reader has had nothing to say for a while, so that whoever reads a long or hostile file can do something else.
    Raises Refused, field `file`.
    """
    program = [sys.executable, "-I", str(Path(reader.__file__))]
    with tempfile.TemporaryFile() as file:
        file.write(data[: reader.MOST_BYTES + 1])
        file.seek(0)
        process = subprocess.Popen(program, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={})
    watch = threading.Timer(SECONDS, process.kill)
    watch.start()
    try:
        yield from _answers(process)
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _answers(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    for line in _lines(process):
        if line is None:
            yield {}
            continue
        try:
            said = json.loads(line)
        except ValueError:  # cut off in the middle: the process was ended
            break
        if "end" in said:
            return
        if "refused" in said:
            raise _refused(said["refused"]["code"], said["refused"]["params"])
        yield said
    raise _refused("file_intricate", {})


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[bytes | None]:
    """What the process writes, line by line; None after every moment of silence."""
    assert process.stdout is not None
    pipe, begun = process.stdout.fileno(), [b""]
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while sum(map(len, begun)) <= LONGEST_LINE:
            if not waiting.select(SILENCE):
                yield None
                continue
            piece = os.read(pipe, 1 << 16)
            if not piece:
                break
            *whole, rest = piece.split(b"\n")
            for end in whole:
                yield b"".join([*begun, end])
                begun = []
            begun.append(rest)
    yield b"".join(begun)


def _refused(code: str, params: dict[str, Any]) -> Refused:
    return Refused(code, REASONS[code], field="file", params=params, kept="nothing")
