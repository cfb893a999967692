"""Who is in doubt, since when, and what happens next."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from fenghuo.delivery.ledger import rules, store, view
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.queries.times import moment
from fenghuo.delivery.ledger.states import (
    ACCEPTED,
    AGAIN,
    CODE_MASK,
    DOUBT_SHIFT,
    IN_DOUBT,
    INTENDED,
    UNSENT,
)
from fenghuo.ground import clock

CODES = [IN_DOUBT, AGAIN]
MOVING = [UNSENT, INTENDED, ACCEPTED, IN_DOUBT, AGAIN]


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


class Doubtful(NamedTuple):
    """A broadcast of which somebody is in doubt: how many, and when that number last moved (milliseconds)."""

    broadcast: str
    parent: str  # a correction names its alert's broadcast
    n: int
    at: int


def doubtful(organisation: str) -> list[Doubtful]:
    """Everything of an organisation of which somebody is in doubt, the newest first, whatever its age. One query.

    Broadcasts of before they said whose they are stand among them: the caller knows its own.
    """
    return [Doubtful(*row) for row in store.standing(organisation, CODES)]


def unfinished(organisation: str) -> list[tuple[str, str]]:
    """(id, parent) of everything an organisation released of which somebody is not settled yet, as `doubtful`."""
    return [(id, parent) for id, parent, _n, _at in store.standing(organisation, MOVING)]


def count_in_doubt(broadcasts: Sequence[str]) -> tuple[int, int]:
    """(how many are in doubt, when that last moved in milliseconds) over some broadcasts."""
    numbers = list(Broadcast.objects.filter(id__in=broadcasts).values_list("number", flat=True))
    found = [(n, at) for _number, state, n, at in store.tallies(numbers) if state in CODES and n > 0]
    return sum(n for n, _ in found), max((at for _, at in found), default=0)


def in_doubt(*, broadcasts: Sequence[str] | None = None, limit: int = 1000, skip: int = 0) -> list[Doubt]:
    """Recipients in doubt, newest broadcast first, `limit` of them behind the first `skip`; of some broadcasts or of all.

    A few reads for each broadcast whose people are listed, however many those are.
    """
    found: list[Doubt] = []
    with store.snapshot():
        for row, n in _with_doubts(broadcasts):
            if len(found) >= limit:
                break
            if n > skip:
                found += _doubts_of(row, skip, limit - len(found))
            skip = max(0, skip - n)
    return found


def still_in_doubt(broadcasts: Sequence[str], recipients: Collection[Sequence[int]]) -> dict[str, list[list[int]]]:
    """Of some [contact id, address] those who are in doubt, by broadcast; compared as columns, whatever the number in doubt."""
    wanted = {(int(one[0]), int(one[1])) for one in recipients}
    numbers = np.array(sorted({address for _, address in wanted}), dtype=np.uint64)
    found = _pairs(broadcasts, lambda _contacts, addresses: np.isin(addresses, numbers))
    chosen = {broadcast: [list(one) for one in pairs if one in wanted] for broadcast, pairs in found.items()}
    return {broadcast: whom for broadcast, whom in chosen.items() if whom}


def in_doubt_of(broadcasts: Sequence[str], people: Collection[int]) -> list[list[int]]:
    """[contact id, address] of those of some contacts who are in doubt, each once; compared as columns."""
    wanted = np.array(sorted(set(people)), dtype=np.uint64)
    found = _pairs(broadcasts, lambda contacts, _addresses: np.isin(contacts, wanted))
    return [list(pair) for pair in dict.fromkeys(pair for pairs in found.values() for pair in pairs)]


def _pairs(broadcasts: Sequence[str], chosen: Callable[[Any, Any], Any]) -> dict[str, list[tuple[int, int]]]:
    """(contact id, address) of the people in doubt whom `chosen` takes of their columns, by broadcast."""
    found: dict[str, list[tuple[int, int]]] = {}
    with store.snapshot():
        for row, _n in _with_doubts(broadcasts):
            book = view.read(row.number, row.segments)
            for one in book.sheets(_doubtful_blocks(book)):
                where = np.flatnonzero(np.isin(one.sheet.shown(slice(None)), CODES))
                people, addresses = one.contacts[where], one.sheet.addresses(where)
                mine = chosen(people, addresses)
                pairs = zip(people[mine].tolist(), addresses[mine].tolist(), strict=True)
                found.setdefault(row.id, []).extend(pairs)
    return found


def _doubtful_blocks(book: view.Reading) -> list[view.Place]:
    return [block for block in book.index if book.matching(block, CODES)]


def _with_doubts(broadcasts: Sequence[str] | None) -> list[tuple[Broadcast, int]]:
    """(broadcast, how many of it are in doubt), newest first; those of whom nobody is are left out."""
    rows = Broadcast.objects.filter(closed=False) if broadcasts is None else Broadcast.objects.filter(id__in=broadcasts)
    known = {row.number: row for row in rows.order_by("-number")}
    sums = dict.fromkeys(known, 0)
    for number, state, n, _at in store.tallies(list(known)):
        if state in CODES and n > 0:
            sums[number] += n
    return [(known[number], n) for number, n in sums.items() if n]


def _doubts_of(row: Broadcast, skip: int, most: int) -> list[Doubt]:
    stretch, _total = view.read(row.number, row.segments).stretch(CODES, skip, most)
    policy, now_ms = rules.named(row.policy), round(clock.now().timestamp() * 1000)
    over = bool(row.recalled_at) or now_ms >= row.expires_at
    doubts: list[Doubt] = []
    for one, first in stretch:
        where = np.flatnonzero(np.isin(one.sheet.shown(slice(None)), CODES))[first:][: most - len(doubts)]
        for position in where.tolist():
            states = one.sheet.state[:, position]
            tries, since = int((states >> DOUBT_SHIFT).max()), int(one.sheet.at[position])
            again = bool(((states & CODE_MASK) == AGAIN).any())
            step, at = rules.next_step(policy, tries=tries, since=since, ordered=again, over=over)
            contact, address = int(one.contacts[position]), int(one.sheet.addresses(position))
            due = moment(at * 1000 if at else None)
            doubts.append(Doubt(row.id, contact, address, moment(since * 1000), tries, step, due, row.policy))
    return doubts
