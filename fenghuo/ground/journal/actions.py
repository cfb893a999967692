"""The one way into the journal."""

import base64
import json
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError, atomic

from fenghuo.ground import clock
from fenghuo.ground.journal import chain, heads
from fenghuo.ground.journal.models import JournalEntry, SignedHead
from fenghuo.ground.keyring import actions as keyring

SYSTEM: dict[str, Any] = {"system": True}
_LOCK = 0x66656E67  # PostgreSQL advisory lock: one writer at the head of the chain


def record(
    *,
    act: str,
    by: dict[str, Any] | None,
    organisation: str = "",
    subject: str = "",
    detail: dict[str, Any] | None = None,
    once: str | None = None,
) -> JournalEntry:
    """Append one act to the chain, in the transaction of the act itself (fault L1).

    `by` is a frozen fact, made by `Account.actor()`; None is the system. `organisation` is an organisation's id. `detail`
    holds text, whole numbers, booleans, null, lists and dictionaries; a float raises TypeError. `once` makes the call
    idempotent: the entry already kept under that key is returned and nothing is written. Outside `atomic()` raises
    TransactionManagementError.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("an act and its journal entry belong in one transaction")
    _hold_the_head()
    if once is not None:
        kept = JournalEntry.objects.filter(once=once).first()
        if kept is not None:
            return kept
    head = JournalEntry.objects.order_by("-seq").values_list("seq", "hash").first() or (0, chain.GENESIS)
    fields: dict[str, Any] = {
        "seq": head[0] + 1,
        "at": clock.now(),
        "organisation": organisation,
        "actor": _plain(SYSTEM if by is None else by),
        "act": act,
        "subject": subject,
        "detail": _plain(detail or {}),
        "once": once,
        "previous": head[1],
    }
    return JournalEntry.objects.create(**fields, hash=chain.hash_of(chain.fields_of(**fields)))


def sign_head() -> SignedHead | None:
    """Sign where the chain stands now (fault X17): a row, and a line of the list in the data folder.

    None where nothing was added since the last. Refused (unavailable) when the installation's key is not fit to sign.
    """
    newest = JournalEntry.objects.order_by("-seq").values_list("seq", "hash").first()
    if newest is None or SignedHead.objects.filter(seq=newest[0]).exists():
        return None
    at = clock.now()
    fingerprint, signature = keyring.sign_bytes(chain.statement(seq=newest[0], digest=newest[1], at=at))
    signed = SignedHead(
        seq=newest[0], hash=newest[1], at=at, key=fingerprint, signature=base64.b64encode(signature).decode("ascii")
    )
    with atomic():
        signed.save(force_insert=True)
    kept = {"seq": signed.seq, "hash": signed.hash, "at": chain.time_text(at), "key": signed.key}
    heads.append(kept | {"signature": signed.signature})
    return signed


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """The value as the database will give it back (tuples become lists), so that its hash can be computed again."""
    plain: dict[str, Any] = json.loads(chain.canonical(value))
    return plain


def _hold_the_head() -> None:
    """Two writers must not build on the same predecessor. SQLite's IMMEDIATE transactions already stand in line."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
