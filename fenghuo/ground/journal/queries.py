"""Reading the journal, and proving that it is whole."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, OperationalError, connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from fenghuo.ground.journal import chain, heads, triggers
from fenghuo.ground.journal.models import JournalEntry, SignedHead
from fenghuo.ground.keyring import queries as keyring

_HEAD = re.compile(r"([0-9]{1,18}):([0-9A-Fa-f]{64})")
_COLUMNS = ("seq", "at", "organisation", "actor", "act", "subject", "detail", "once", "previous")


@dataclass(frozen=True)
class Verdict:
    """Whether the chain is whole. `head` is `<seq>:<hash>`: printed and kept elsewhere, it also finds a cut tail (fault X17)."""

    ok: bool
    count: int
    head: str
    first_broken_seq: int | None = None
    # gap edited relinked unreadable head_missing head_differs head_unreadable signed_head_missing signed_head_differs
    # signed_head_forged; empty when whole
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For `fenghuo journal verify --json`."""
        return asdict(self)


@dataclass(frozen=True)
class Head:
    """A signed head. `proven`: our certificate says so; False: it says otherwise; None: the certificate is not here."""

    seq: int
    hash: str
    at: datetime
    key: str
    proven: bool | None

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


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
    """Walk the whole chain, against the newest signed head too: a tail cut off since then is found by this machine alone.

    With `head`, as an earlier verdict gave it, also prove that nothing up to it was rewritten.
    """
    anchor = _anchor(head)
    if anchor is None:
        return Verdict(False, 0, "", None, "head_unreadable")
    signed = newest_signed()
    anchors = [(*anchor, "head"), *((one.seq, one.hash, "signed_head") for one in signed)]
    count, previous, reason = 0, chain.GENESIS, ""
    try:
        for row in _rows():
            reason = _fault(row, count + 1, previous, anchors)
            if reason:
                break
            count, previous = count + 1, row["hash"]
    except (ValueError, DataError, OperationalError):
        reason = "unreadable"  # a value that is no time or no text at all
    if not reason:
        reason = next((f"{name}_missing" for seq, _, name in anchors if count < seq), "")
    if not reason and any(one.proven is False for one in signed):
        return Verdict(False, count, f"{count}:{previous}", None, "signed_head_forged")
    # Whatever is wrong, it is with the entry that should stand after the last good one.
    return Verdict(not reason, count, f"{count}:{previous}", count + 1 if reason else None, reason)


def newest_signed() -> list[Head]:
    """The newest signed head of the table and that of the list in the data folder, where there are any."""
    row = SignedHead.objects.order_by("-seq").first()
    found = [] if row is None else [_head(row.seq, row.hash, row.at, row.key, row.signature)]
    line = max((one for one in map(_line, heads.lines()) if one is not None), key=lambda one: one.seq, default=None)
    return found if line is None else [*found, line]


def signed_heads(since: datetime | None = None, until: datetime | None = None) -> list[Head]:
    """The signed heads of the table, oldest first; only those of a time, where one is given."""
    found = SignedHead.objects.all()
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return [_head(one.seq, one.hash, one.at, one.key, one.signature) for one in found]


def vouches_for(fingerprint: str) -> bool:
    """Whether the installation's certificate with this SHA-256 is the one the journal knows.

    The newest signed head must be proved by a certificate in the data folder, and this one must have signed it, or have been
    made, or taken its place, by an act that the chain holds.
    """
    signed = newest_signed()
    if not all(one.proven for one in signed):
        return False
    made = JournalEntry.objects.filter(act__in=("keys.make", "keys.renew"), subject=fingerprint)
    return fingerprint in {one.key for one in signed} or made.exists()


def last_signed_head(since: datetime, until: datetime) -> Head | None:
    """The last head that was signed in a time: what is printed below a day's log."""
    one = SignedHead.objects.filter(at__gte=since, at__lt=until).order_by("-seq").first()
    return None if one is None else _head(one.seq, one.hash, one.at, one.key, one.signature)


def guards() -> list[str]:
    """The triggers of the journal that are missing, say something else than they were given, or are switched off."""
    return [*triggers.TRIGGERS.faults(connection), *triggers.HEADS.faults(connection)]


def _line(entry: dict[str, Any]) -> Head | None:
    """A line of the list; None for one that says nothing."""
    try:
        at = datetime.strptime(entry["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        return _head(int(entry["seq"]), str(entry["hash"]), at, str(entry["key"]), str(entry["signature"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _head(seq: int, digest: str, at: datetime, key: str, signature: str) -> Head:
    try:
        signed = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return Head(seq, digest, at, key, False)
    return Head(seq, digest, at, key, keyring.signed_by_us(chain.statement(seq=seq, digest=digest, at=at), signed, key))


def export() -> Iterator[str]:
    """Each entry as one line of canonical JSON with its hash, for an auditor who trusts no one's program but his own."""
    for row in _rows():
        fields = chain.fields_of(**{name: row[name] for name in _COLUMNS})
        yield chain.canonical(fields | {"hash": row["hash"]}).decode("utf-8")


def _anchor(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return (0, chain.GENESIS)
    # Typed from paper, a head comes in groups.
    found = _HEAD.fullmatch("".join(head.split()))
    return (int(found[1]), found[2].lower()) if found else None


def _rows() -> Iterator[dict[str, Any]]:
    """Rows with the stored text of each JSON column beside its value: two texts may mean one value, and only one was written."""
    found = JournalEntry.objects.order_by("seq").annotate(
        actor_text=Cast("actor", TextField()), detail_text=Cast("detail", TextField()), at_text=Cast("at", TextField())
    )
    rows: Iterator[dict[str, Any]] = found.values(*_COLUMNS, "hash", "actor_text", "detail_text", "at_text").iterator(
        chunk_size=2000
    )
    return rows


def _fault(row: dict[str, Any], seq: int, previous: str, anchors: Sequence[tuple[int, str, str]]) -> str:
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
    return next((f"{name}_differs" for at, digest, name in anchors if row["seq"] == at and row["hash"] != digest), "")


def _as_written(row: dict[str, Any]) -> bool:
    """SQLite keeps text as it was given, so a change without a change of meaning shows; PostgreSQL keeps values."""
    if connection.vendor != "sqlite":
        return True
    texts = row["actor_text"] == json.dumps(row["actor"]) and row["detail_text"] == json.dumps(row["detail"])
    return bool(texts and row["at_text"] == str(row["at"].replace(tzinfo=None)))
