"""Every shared read of the ledger. Nothing here writes, and nothing counts rows: progress is a tally that moves with the tape."""

import hashlib
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from django.conf import settings

from fenghuo.delivery.gateways.config import in_flight, serving
from fenghuo.delivery.ledger import columns, rules, store, view
from fenghuo.delivery.ledger.models import Broadcast, Inbound
from fenghuo.delivery.ledger.models import Milestone as StoredMilestone
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    CODES,
    DELIVERED,
    DOUBT_SHIFT,
    FAILED,
    IN_DOUBT,
    INTENDED,
    NAMES,
    SHOWN,
    UNSENT,
)
from fenghuo.ground import clock

STALE_MS = 45_000  # a sender reports its sessions every few seconds; silence shows as down well within a minute


def moment(milliseconds: int | None) -> datetime | None:
    """A stored time as UTC; None and 0 mean never."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None


# --- The frozen audience --------------------------------------------------------------------------------------------
def audience_hash(broadcast: str) -> tuple[str, int]:
    """(SHA-256, count) of an audience, computed again from the blocks as they lie on disk. ("", 0) when there is none."""
    audience, total = hashlib.sha256(), 0
    for _, count, packed in store.block_columns(_number(broadcast)):
        audience.update(
            columns.block_hash(columns.unpack_contacts(packed, count), columns.unpack_addresses(packed, count))
        )
        total += count
    return (audience.hexdigest(), total) if total else ("", 0)


def audience(broadcast: str) -> tuple["array[int]", "array[int]"]:
    """(contact ids, addresses) of an audience, parallel `array('Q')` in the order of the blocks."""
    people, numbers = array("Q"), array("Q")
    for _, count, packed in store.block_columns(_number(broadcast)):
        people.frombytes(columns.unpack_contacts(packed, count).tobytes())
        numbers.frombytes(columns.unpack_addresses(packed, count).tobytes())
    return people, numbers


def correction_of(broadcast: str) -> str | None:
    """The id of the correction that followed a broadcast."""
    return Broadcast.objects.filter(parent=broadcast).order_by("number").values_list("id", flat=True).first()


def corrections_of(broadcasts: Collection[str]) -> dict[str, str]:
    """The correction that followed each of some broadcasts, in one query; those without one are left out."""
    found = Broadcast.objects.filter(parent__in=list(broadcasts)).order_by("-number").values_list("parent", "id")
    return {parent: correction for parent, correction in found if parent}


def _number(broadcast: str) -> int:
    return Broadcast.objects.filter(id=broadcast).values_list("number", flat=True).first() or 0


# --- Progress -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Progress:
    """How many recipients are in each state (their worst segment counts); `rate_per_s` recipients a second since the first."""

    count: int
    unsent: int = 0
    intended: int = 0
    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    in_doubt: int = 0
    stopped: int = 0
    expired: int = 0
    released: bool = False
    paused: bool = False
    recalled_at: datetime | None = None
    superseded: bool = False  # stopped by a newer alert, not by a recall
    lift: bool = False  # stopped here means: never told of what is lifted
    first_intent_at: datetime | None = None
    last_accept_at: datetime | None = None
    rate_per_s: float = 0.0
    seconds_left: float | None = None  # None: nothing to wait for, or no way to know

    @property
    def reached(self) -> int:
        """Whoever was ever handed to a gateway, those in doubt included: the people that a correction is for."""
        return self.count - self.unsent - self.stopped - self.expired


def progress(broadcasts: Collection[str]) -> dict[str, Progress]:
    """Progress of broadcasts by id, in four queries whatever their number or size; unknown ids are left out."""
    found = {row.number: row for row in Broadcast.objects.filter(id__in=list(broadcasts))}
    numbers = list(found)
    states: dict[int, dict[str, int]] = {number: {} for number in numbers}
    last_accept: dict[int, int] = {}
    for number, state, n, at in store.tallies(numbers):
        name = NAMES[state]
        states[number][name] = states[number].get(name, 0) + n
        if state in (ACCEPTED, DELIVERED):
            last_accept[number] = max(last_accept.get(number, 0), at)
    first = dict(
        StoredMilestone.objects.filter(broadcast_id__in=numbers, name="first_intent").values_list("broadcast_id", "at")
    )
    accepted = dict(
        StoredMilestone.objects.filter(broadcast_id__in=numbers, name="all_accepted").values_list("broadcast_id", "at")
    )
    brake = store.control()
    return {
        row.id: _progress(
            row,
            states[number],
            first.get(number),
            accepted.get(number) or last_accept.get(number),
            brake.paused or row.organisation in brake.organisations,
        )
        for number, row in found.items()
    }


def _progress(row: Broadcast, n: dict[str, int], first: int | None, last: int | None, paused: bool) -> Progress:
    sent = sum(n.get(name, 0) for name in ("accepted", "delivered", "failed"))
    # The first second counts whole: a window leaves at once, and divided by a moment it would look like more than the contract.
    rate = sent * 1000 / (last - first + 1000) if first and last and sent and last > first else 0.0
    open_ = n.get("unsent", 0) + n.get("intended", 0)
    left = None
    if row.released_at and open_ and not row.recalled_at:
        left = open_ / rate if rate else estimate(open_, row.segments)
    return Progress(
        count=row.count,
        **n,
        released=row.released_at is not None,
        paused=row.paused or paused,
        recalled_at=moment(row.recalled_at),
        superseded=row.superseded,
        lift=bool(row.lifts),
        first_intent_at=moment(first),
        last_accept_at=moment(last) if sent else None,
        rate_per_s=round(rate, 1),
        seconds_left=left,
    )


def estimate(count: int, segments: int) -> float | None:
    """Seconds until the last of `count` recipients has left, at the contracted rates; None without any gateway account."""
    rates = [gateway.rate for gateway in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode)]
    return count * segments / sum(rates) if rates else None


def max_in_doubt() -> int:
    """Recipients that one crash, or one dropped line, may leave in doubt on the account where it is most."""
    return max((in_flight(one) for one in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode)), default=0)


# --- Recipients -----------------------------------------------------------------------------------------------------
class Row(NamedTuple):
    """One recipient; `status` is the last word the gateway or a person said, verbatim; `doubts` how often it was in doubt."""

    contact_id: int
    address: int
    state: str
    at: datetime | None
    status: str
    doubts: int


class Page(NamedTuple):
    """Rows, and how many there are on all pages."""

    rows: list[Row]
    total: int


def recipients(broadcast: str, *, state: str | None = None, page: int = 1, size: int = 50) -> Page:
    """A page of recipients in sending order, of one state or all. Reads the blocks of that page and the unfolded tape only."""
    number, segments = Broadcast.objects.filter(id=broadcast).values_list("number", "segments").first() or (0, 1)
    book = view.read(number, segments)
    wanted = None if state is None else [code for code, name in NAMES.items() if name == state]
    per_block = [(block, book.matching(block, wanted)) for block in book.index]
    total = sum(n for _, n in per_block)
    skip, rows = (max(page, 1) - 1) * size, list[Row]()
    words = store.words()
    for block, n in per_block:
        if len(rows) >= size:
            break
        if skip >= n:
            skip -= n
            continue
        rows += _rows_of(book.sheet(block), wanted, skip, size - len(rows), words)
        skip = 0
    return Page(rows, total)


def _rows_of(one: "view.OneBlock", wanted: list[int] | None, skip: int, most: int, words: dict[int, str]) -> list[Row]:
    shown = one.sheet.shown(slice(None))
    where = np.arange(len(shown)) if wanted is None else np.flatnonzero(np.isin(shown, wanted))
    where = where[skip : skip + most]
    doubts = (one.sheet.state[:, where] >> DOUBT_SHIFT).max(axis=0)
    values = zip(
        one.contacts[where].tolist(),
        one.sheet.addresses(where).tolist(),
        shown[where].tolist(),
        one.sheet.at[where].tolist(),
        one.sheet.word[where].tolist(),
        doubts.tolist(),
        strict=True,
    )
    return [
        Row(contact, address, NAMES[code], moment(at * 1000), words.get(word, ""), doubted)
        for contact, address, code, at, word, doubted in values
    ]


def export(broadcast: str) -> Iterator[Row]:
    """Every recipient of a broadcast in sending order, a block in memory at a time."""
    number, segments = Broadcast.objects.filter(id=broadcast).values_list("number", "segments").first() or (0, 1)
    book, words = view.read(number, segments), store.words()
    for block in book.index:
        yield from _rows_of(book.sheet(block), None, 0, columns.BLOCK, words)


# --- In doubt -------------------------------------------------------------------------------------------------------
class Doubt(NamedTuple):
    """A recipient in doubt: since when, how often already, and what happens next by itself (`resend`) or not (`person`)."""

    broadcast: str
    contact_id: int
    address: int
    since: datetime | None
    tries: int
    next_step: str
    next_at: datetime | None
    policy: str


def in_doubt(*, broadcasts: Sequence[str] | None = None, limit: int = 1000) -> list[Doubt]:
    """Recipients in doubt, newest broadcast first, at most `limit`; of some broadcasts or of all."""
    rows = Broadcast.objects.filter(closed=False) if broadcasts is None else Broadcast.objects.filter(id__in=broadcasts)
    found = {row.number: row for row in rows.order_by("-number")}
    doubtful = {number for number, state, n, _ in store.tallies(list(found)) if n > 0 and state in (IN_DOUBT, AGAIN)}
    doubts: list[Doubt] = []
    for number, row in found.items():
        if number in doubtful and len(doubts) < limit:
            doubts += _doubts_of(row, limit - len(doubts))
    return doubts


def _doubts_of(row: Broadcast, most: int) -> list[Doubt]:
    book, policy = view.read(row.number, row.segments), rules.named(row.policy)
    now_ms = round(clock.now().timestamp() * 1000)
    doubts: list[Doubt] = []
    for block in book.index:
        if len(doubts) >= most:
            break
        if not book.matching(block, [IN_DOUBT, AGAIN]):
            continue
        one = book.sheet(block)
        where = np.flatnonzero(np.isin(one.sheet.shown(slice(None)), (IN_DOUBT, AGAIN)))[: most - len(doubts)]
        for position in where.tolist():
            states = one.sheet.state[:, position]
            tries = int((states >> DOUBT_SHIFT).max())
            again = bool(((states & CODE_MASK) == AGAIN).any())
            since = int(one.sheet.at[position])
            over = bool(row.recalled_at) or now_ms >= row.expires_at
            step, at = rules.next_step(policy, tries=tries, since=since, ordered=again, over=over)
            doubts.append(
                Doubt(
                    row.id,
                    int(one.contacts[position]),
                    int(one.sheet.addresses(position)),
                    moment(since * 1000),
                    tries,
                    step,
                    moment(at * 1000 if at else None),
                    row.policy,
                )
            )
    return doubts


# --- Gateways -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class GatewayHealth:
    """A gateway account as its sender last reported it: bound, connecting, refused, throttled, silent, paused or down."""

    name: str
    protocol: str
    state: str
    since: datetime | None
    last_error: str
    rate: int
    window: int
    in_flight: int
    last_seen: datetime | None


def gateways() -> list[GatewayHealth]:
    """Every configured account of this data folder's mode; one that no sender reports shows as down within a minute."""
    reported = {row[0]: row[1:] for row in store.health()}
    healths = []
    for gateway in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode):
        state, since, error, flying, heard, age = reported.get(gateway.name, ("down", 0, "", 0, 0, STALE_MS + 1))
        if age > STALE_MS:
            state, error, flying = "down", "no_sender", 0
        healths.append(
            GatewayHealth(
                gateway.name,
                gateway.protocol,
                state,
                moment(since),
                error,
                gateway.rate,
                gateway.window,
                flying,
                moment(heard),
            )
        )
    return healths


def holder_of(account: str) -> str:
    """Who held an account's lease last, "" for nobody."""
    return store.holder_of(account)


# --- For the worker and for auditors --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Milestone:
    """A moment in a broadcast's life, once: first_intent all_accepted all_final in_doubt recalled superseded expired."""

    seq: int
    broadcast: str
    name: str
    at: datetime
    counts: dict[str, int] = field(default_factory=dict)


def milestones(after: int, limit: int = 500) -> list[Milestone]:
    """Milestones in the order they were written, beginning behind `after`."""
    rows = StoredMilestone.objects.filter(seq__gt=after).order_by("seq").select_related("broadcast")[:limit]
    return [
        Milestone(row.seq, row.broadcast.id, row.name, datetime.fromtimestamp(row.at / 1000, UTC), row.counts)
        for row in rows
    ]


def inbound(*, kind: str | None = None, limit: int = 200) -> list[Inbound]:
    """What came in unasked, newest first: `orphan` and `conflict` receipts, `message` from phones."""
    rows = Inbound.objects.all() if kind is None else Inbound.objects.filter(kind=kind)
    return list(rows.order_by("-id")[:limit])


def messages(after: int, limit: int = 500) -> list[Inbound]:
    """What phones wrote, in the order in which it was kept, beginning behind the number `after`."""
    return list(Inbound.objects.filter(kind="message", id__gt=after).order_by("id")[:limit])


__all__ = [
    "CODES",
    "FAILED",
    "INTENDED",
    "SHOWN",
    "UNSENT",
    "Doubt",
    "GatewayHealth",
    "Milestone",
    "Page",
    "Progress",
    "Row",
    "audience",
    "audience_hash",
    "correction_of",
    "estimate",
    "export",
    "gateways",
    "holder_of",
    "in_doubt",
    "inbound",
    "max_in_doubt",
    "messages",
    "milestones",
    "progress",
    "recipients",
]
