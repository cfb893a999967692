"""The two list texts of an alert: references (triples) and addresses or incidents (quoted words); CAP-v1.2 §3.2.1."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fenghuo.wire.cap.errors import CapError
from fenghuo.wire.cap.times import read_time, write_time

NAME = re.compile(r"[^\s,<&]+")
"""What an identifier or a sender may be: no space, comma, "<" or "&"."""

_WORDS = re.compile(r'\s*(?:"([^"]*)"|([^\s"]+))(?=\s|$)')


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of an earlier message: who, which, when."""

    sender: str
    identifier: str
    sent: datetime


def write_references(references: Iterable[Reference]) -> str:
    """`sender,identifier,sent` triples with a space between; CapError `reference` for a name that cannot stand there."""
    written = []
    for reference in references:
        for name in (reference.sender, reference.identifier):
            if not NAME.fullmatch(name):
                raise _unreadable(name)
        written.append(f"{reference.sender},{reference.identifier},{write_time(reference.sent)}")
    return " ".join(written)


def read_references(text: str, path: str = "") -> tuple[Reference, ...]:
    """The triples of a references text; CapError `reference` for a part that is not one."""
    references = []
    for token in text.split():
        parts = token.split(",")
        if len(parts) != 3 or not all(NAME.fullmatch(part) for part in parts[:2]):
            raise _unreadable(token, path)
        try:
            sent = read_time(parts[2], path)
        except CapError as error:
            raise _unreadable(token, path) from error
        references.append(Reference(parts[0], parts[1], sent))
    return tuple(references)


def write_words(words: Iterable[str]) -> str:
    """Words with a space between, those with a space inside in double quotes (addresses, incidents)."""
    written = []
    for word in words:
        if not word or '"' in word:
            raise CapError("words", f"“{word}”为空或含有引号", f"{word!r} is empty or contains a double quote")
        written.append(f'"{word}"' if re.search(r"\s", word) else word)
    return " ".join(written)


def read_words(text: str, path: str = "") -> tuple[str, ...]:
    """The words of an addresses or incidents text; CapError `words` when a quote is left open."""
    words, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _WORDS.match(text, at)
        if match is None:
            raise CapError("words", "引号未配对，或引号后缺少空格", "a double quote is unpaired or runs on", path=path)
        words.append(match[1] if match[1] is not None else match[2])
        at = match.end()
    return tuple(words)


def _unreadable(token: str, path: str = "") -> CapError:
    return CapError(
        "reference",
        f"引用“{token[:80]}”应写作 发送者,标识,发送时间",
        f"reference {token[:80]!r} must be written sender,identifier,sent",
        path=path,
    )
