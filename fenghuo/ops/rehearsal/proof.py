"""Every recipient, compared: what our ledger says against what the gateway wrote down. A figure counts only if both agree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.apps import apps
from django.db import connections

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ops.router import alias_of
from simulators.smsc.record import shown

# One number of one accepted submit, as the simulator's control door packs it.
RECORD = np.dtype(
    {
        "names": ["id", "number", "stat", "segment", "segments", "line", "model", "at"],
        "formats": [">u8", "S32", "S8", "u1", "u1", ">u2", ">u4", ">f8"],
        "offsets": [0, 8, 40, 48, 49, 50, 52, 56],
        "itemsize": 64,
    }
)

FINAL = ("delivered", "failed")
# Tables whose rows are people or numbers by their nature.
CONTACTS = "readiness"
FEW = 500  # rows that any broadcast may add to a table (steps, journal, tape)
PER_ROW = 20  # beyond that, a table may add one row for so many recipients


@dataclass(frozen=True)
class Comparison:
    """`lost`: neither accepted by the gateway nor shown as failed, in doubt, stopped, expired or unsent. `wrong`: shown state
    differs from the gateway's record. `duplicates`: acceptances beyond one per recipient and segment."""

    accepted: int
    lost: int
    duplicates: int
    wrong: int
    first_at: float
    last_at: float


def compare(broadcast: str, segments: int, packed: bytes) -> Comparison:
    """`packed` is the simulator's record; its times are wall time, which all processes of one machine share."""
    rows = np.frombuffer(packed, dtype=RECORD)
    numbers = rows["number"].astype("S11").astype(np.int64)
    key = numbers * 256 + rows["segment"]
    _once, times = np.unique(key, return_counts=True)
    failing = set(numbers[rows["stat"] != b"DELIVRD"].tolist())
    found, counts = np.unique(np.unique(key) // 256, return_counts=True)
    accepted = set(found[counts == segments].tolist())
    lost = wrong = 0
    for row in ledger.export(broadcast):
        taken = row.address in accepted
        if not taken and row.state in ("accepted", "delivered", "intended"):
            lost += 1
        expected = ("failed" if row.address in failing else "delivered") if taken else row.state
        wrong += row.state in FINAL and row.state != expected
    at = rows["at"] if len(rows) else np.zeros(1)
    return Comparison(len(accepted), lost, int((times - 1).sum()), wrong, float(at.min()), float(at.max()))


def row_counts() -> dict[str, int]:
    """Rows of every table of ours in both databases, contacts left out."""
    counts = {}
    for model in apps.get_models():
        if model._meta.app_label == CONTACTS or not model._meta.managed:
            continue
        with connections[alias_of(model)].cursor() as cursor:
            cursor.execute(f'SELECT COUNT(*) FROM "{model._meta.db_table}"')
            counts[model._meta.db_table] = int(cursor.fetchone()[0])
    return counts


def grown(before: dict[str, int], after: dict[str, int], recipients: int) -> dict[str, int]:
    """Tables that grew as if they kept a row per recipient."""
    most = max(FEW, recipients // PER_ROW)
    growth = {table: after[table] - before.get(table, 0) for table in after}
    return {table: rows for table, rows in growth.items() if rows > most}


def text_sent(models: list[dict[str, Any]]) -> str | None:
    """The one text that every phone was sent, its segments joined; None where there was more than one, or none."""
    parts: dict[int, set[str]] = {}
    for model in models:
        content = bytes.fromhex(model["content"])
        parts.setdefault(model["pk_number"], set()).add(shown(content, bool(model["tp_udhi"])))
    if not parts or any(len(texts) != 1 for texts in parts.values()):
        return None
    return "".join(parts[number].pop() for number in sorted(parts))
