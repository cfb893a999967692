"""Reading the journal, and proving that it is whole."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import DataError, OperationalError, connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from fenghuo.ground.journal import chain
from fenghuo.ground.journal.models import JournalEntry

_COLUMNS = ("seq", "at", "organisation", "actor", "act", "subject", "detail", "once", "previous")


@dataclass(frozen=True)
class Verdict:
    """Whether the chain is whole. `head` is `<seq>:<hash>`: printed and kept elsewhere, it also finds a cut tail (fault X17)."""

    ok: bool
    count: int
    head: str
    first_broken_seq: int | None = None
    reason: str = ""  # gap edited relinked unreadable head_missing head_differs head_unreadable; empty when whole

    def as_dict(self) -> dict[str, Any]:
        """For `fenghuo journal verify --json`."""
        return asdict(self)


def entries(
    organisation: str | None = None, *, subject: str | None = None, act: str | None = None
) -> QuerySet[JournalEntry]:
    """Entries in their order, narrowed by what is given."""
    found = JournalEntry.objects.all()
    if organisation is not None:
        found = found.filter(organisation=organisation)
    if subject is not None:
        found = found.filter(subject=subject)
    if act is not None:
        found = found.filter(act=act)
    return found


def head() -> str:
    """`<seq>:<hash>` of the newest entry; `0:` and 64 zeros while there is none."""
    seq, digest = JournalEntry.objects.order_by("-seq").values_list("seq", "hash").first() or (0, chain.GENESIS)
    return f"{seq}:{digest}"


def verify(*, head: str | None = None) -> Verdict:
    """Walk the whole chain. With `head`, as an earlier verdict gave it, also prove that nothing up to it was rewritten."""
    anchor = _anchor(head)
    if anchor is None:
        return Verdict(False, 0, "", None, "head_unreadable")
    count, previous, reason = 0, chain.GENESIS, ""
    try:
        for row in _rows():
            reason = _fault(row, count + 1, previous, anchor)
            if reason:
                break
            count, previous = count + 1, row["hash"]
    except (ValueError, DataError, OperationalError):
        reason = "unreadable"  # a value that is no time or no text at all
    if not reason and count < anchor[0]:
        reason = "head_missing"
    # Whatever is wrong, it is with the entry that should stand after the last good one.
    return Verdict(not reason, count, f"{count}:{previous}", count + 1 if reason else None, reason)


def export() -> Iterator[str]:
    """Each entry as one line of canonical JSON with its hash, for an auditor who trusts no one's program but his own."""
    for row in _rows():
        fields = chain.fields_of(**{name: row[name] for name in _COLUMNS})
        yield chain.canonical(fields | {"hash": row["hash"]}).decode("utf-8")


def _anchor(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return (0, chain.GENESIS)
    seq, colon, digest = head.strip().partition(":")
    if not colon or not seq.isdecimal() or len(digest) != len(chain.GENESIS):
        return None
    return (int(seq), digest.lower())


def _rows() -> Iterator[dict[str, Any]]:
    """Rows with the stored text of each JSON column beside its value: two texts may mean one value, and only one was written."""
    found = JournalEntry.objects.order_by("seq").annotate(
        actor_text=Cast("actor", TextField()), detail_text=Cast("detail", TextField()), at_text=Cast("at", TextField())
    )
    rows: Iterator[dict[str, Any]] = found.values(*_COLUMNS, "hash", "actor_text", "detail_text", "at_text").iterator(
        chunk_size=2000
    )
    return rows


def _fault(row: dict[str, Any], seq: int, previous: str, anchor: tuple[int, str]) -> str:
    if row["seq"] != seq:
        return "gap"
    if row["previous"] != previous:
        return "relinked"
    fields = {name: row[name] for name in _COLUMNS}
    try:
        intact = bool(chain.hash_of(chain.fields_of(**fields)) == row["hash"])
    except (TypeError, ValueError, AttributeError):  # a value of another kind than was ever written
        return "edited"
    if not (intact and _as_written(row)):
        return "edited"
    return "head_differs" if row["seq"] == anchor[0] and row["hash"] != anchor[1] else ""


def _as_written(row: dict[str, Any]) -> bool:
    """SQLite keeps text as it was given, so a change without a change of meaning shows; PostgreSQL keeps values."""
    if connection.vendor != "sqlite":
        return True
    texts = row["actor_text"] == json.dumps(row["actor"]) and row["detail_text"] == json.dumps(row["detail"])
    return bool(texts and row["at_text"] == str(row["at"].replace(tzinfo=None)))
