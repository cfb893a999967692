"""The arithmetic of the chain: one canonical form per entry and its SHA-256. Pure, so that an outsider can repeat it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64  # what the first entry names as its predecessor


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8. Raises TypeError for a float: two machines may print the same float differently."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("the journal keeps no floats: write whole units, or text")
    if isinstance(value, dict):
        for key, one in value.items():
            if not isinstance(key, str):
                raise TypeError(f"the journal keeps only text keys, not {key!r}")
            _refuse_floats(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _refuse_floats(one)


def time_text(at: datetime) -> str:
    """UTC with six decimals, for example 2026-11-22T07:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def fields_of(
    *,
    seq: int,
    at: datetime,
    organisation: str,
    actor: dict[str, Any],
    act: str,
    subject: str,
    detail: dict[str, Any],
    once: str | None,
    previous: str,
) -> dict[str, Any]:
    """What is hashed: every column but the hash itself."""
    return {
        "seq": seq,
        "at": time_text(at),
        "organisation": organisation,
        "actor": actor,
        "act": act,
        "subject": subject,
        "detail": detail,
        "once": once,
        "previous": previous,
    }


def hash_of(fields: dict[str, Any]) -> str:
    """SHA-256 in hex over the canonical form of `fields_of`."""
    return hashlib.sha256(canonical(fields)).hexdigest()


def statement(*, seq: int, digest: str, at: datetime) -> bytes:
    """What is signed every hour: that the chain stood at this entry at that time."""
    return canonical({"fenghuo": "journal head", "seq": seq, "hash": digest, "at": time_text(at)})
