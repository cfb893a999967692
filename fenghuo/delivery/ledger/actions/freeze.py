"""Freezing an audience: who will be told, fixed before anybody reviews it."""

import hashlib
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext_noop

from fenghuo.delivery.gateways.config import serving
from fenghuo.delivery.ledger import columns, routing, store
from fenghuo.delivery.ledger.actions.inherit import Part, inherited
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.states import UNSENT
from fenghuo.ground import clock
from fenghuo.ground.refusal import Refused
from fenghuo.wire import text as wire_text

# A freeze shares the disk with a running sender: measured, one large freeze starved it from 612 to 24 commits a second, while
# small transactions with a rest between them left it 515. Nobody rests while no sender writes.
BLOCKS_AT_ONCE = {True: 20, False: 100}
REST_SECONDS = 0.010
BUSY_MS = 1000
NOBODY = array("Q")


@dataclass(frozen=True)
class Frozen:
    """What a signature binds to."""

    broadcast: str
    audience_sha256: str
    count: int


def freeze(
    *,
    broadcast: str,
    mode: str,
    lane: int,
    text: str,
    correction: str,
    src_id: str,
    expires_at: datetime,
    policy: str,
    contact_ids: "array[int]" = NOBODY,
    addresses: "array[int]" = NOBODY,
    organisation: str = "",
    lifts: Sequence[str] = (),
) -> Frozen:
    """Write an audience into blocks; nothing of it is sent before a release order.

    `contact_ids` and `addresses` are parallel `array('Q')`, highest risk first; `lane` 0 correction, 1 red … 4 blue, 5 notice;
    `organisation` is whose pause stops it. Raises Refused for an audience that is empty, names a number twice, holds what is not
    a mobile number or one that no account serves. The blocks go down in small transactions; until the last one the broadcast has
    no audience hash and cannot be released.

    `lifts`: what a lift lifts, the newest first. Its audience is theirs, as it was frozen; contacts and addresses stay empty.
    """
    parts = inherited(lifts) if lifts else _parts(*_checked(contact_ids, addresses), mode)
    count = sum(len(numbers) for _, _, numbers in parts)
    frozen = Broadcast.objects.create(
        id=broadcast,
        organisation=organisation,
        mode=mode,
        lane=lane,
        text=text,
        correction=correction,
        src_id=src_id,
        policy=policy,
        segments=wire_text.segments(text),
        expires_at=int(expires_at.timestamp() * 1000),  # never later than was signed
        created_at=round(clock.now().timestamp() * 1000),
        lifts=list(lifts),
    )
    digest = _write(frozen.number, parts)
    Broadcast.objects.filter(number=frozen.number).update(audience_sha256=digest, count=count)
    return Frozen(broadcast, digest, count)


def _checked(contact_ids: "array[int]", addresses: "array[int]") -> tuple[Any, Any]:
    people = np.array(contact_ids, dtype=np.uint64)
    numbers = np.array(addresses, dtype=np.uint64)
    if len(people) != len(numbers):
        raise ValueError("contact ids and addresses must run side by side")
    if len(numbers) == 0:
        raise Refused("audience_empty", gettext_noop("Nobody would be told: the audience is empty."), "audience")
    low, high = int(numbers.min()), int(numbers.max())
    if low < 10**10 or high >= 2 * 10**10:
        wrong = low if low < 10**10 else high
        raise Refused(
            "not_a_mobile_number",
            gettext_noop("%(number)s is not a mobile number of eleven digits."),
            "audience",
            params={"number": wrong},
        )
    ordered = np.sort(numbers)
    twice = ordered[:-1][ordered[1:] == ordered[:-1]]
    if len(twice):
        raise Refused(
            "number_twice",
            gettext_noop("%(number)s is in the audience twice."),
            "audience",
            params={"number": int(twice[0])},
        )
    return people, numbers


def _parts(people: Any, numbers: Any, mode: str) -> list[Part]:
    """A new audience, shared out to the accounts; refused where one of them is nobody's to send to."""
    accounts, parts = serving(settings.FENGHUO.gateway, mode), []
    nobodys = routing.unserved(numbers, accounts)
    if len(nobodys):
        raise Refused(
            "number_not_served",
            gettext_noop(
                "No gateway account serves %(number)s: its prefix is in none of them (%(count)s numbers of this audience). "
                "Nothing was frozen. Add the prefix to an account, or an account without prefixes, or leave these people out."
            ),
            "audience",
            params={"number": int(nobodys[0]), "count": len(nobodys)},
        )
    for account, where in routing.places(numbers, accounts):
        where = where[np.argsort(numbers[where], kind="stable")]
        parts.append((account, people[where], numbers[where]))
    return parts


def _write(broadcast: int, parts: list[Part]) -> str:
    """Blocks and tallies; returns the audience hash."""
    audience = hashlib.sha256()
    start = 0
    while start < len(parts):
        busy = store.last_append() > clock.now().timestamp() * 1000 - BUSY_MS
        if start and busy:
            time.sleep(REST_SECONDS)
        rows, counts = [], dict[str, int]()
        for ordinal, (account, here, there) in enumerate(parts[start : start + BLOCKS_AT_ONCE[busy]], start):
            sha256 = columns.block_hash(here, there)
            audience.update(sha256)
            packed = columns.pack_recipients(here, there)
            rows.append((broadcast, ordinal, account, len(there), sha256, packed))
            counts[account] = counts.get(account, 0) + len(there)
        with store.writing():
            store.insert_blocks(rows)
            for account, n in counts.items():
                store.move_tally(broadcast, account, [(UNSENT, n)], 0)
        start += len(rows)
    return audience.hexdigest()
