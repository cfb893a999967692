"""The list of signed heads in the data folder: one line of JSON each, beside and apart from the table that says the same.

Whoever can write the database cannot, by that alone, write here; and the printed daily log is out of reach of both.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

FILE = "journal-heads.jsonl"
LONGEST = 4096  # bytes of a line


def path() -> Path:
    """Where the list lies."""
    return Path(settings.DATA) / FILE


def append(entry: dict[str, Any]) -> None:
    """One more line, on the disk when this returns."""
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(json.dumps(entry, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def lines() -> Iterator[dict[str, Any]]:
    """Every line that can be read, oldest first; none where there is no list. A power cut may have torn the last one."""
    try:
        with path().open("rb") as file:
            for line in file:
                try:
                    entry = json.loads(line[:LONGEST])
                except ValueError:
                    continue
                if isinstance(entry, dict):
                    yield entry
    except OSError:
        return
