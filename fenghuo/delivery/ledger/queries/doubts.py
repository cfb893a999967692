"""Who is in doubt, since when, and what happens next."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from fenghuo.delivery.ledger import rules, store, view
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.queries.times import moment
from fenghuo.delivery.ledger.states import (
    AGAIN,
    CODE_MASK,
    DOUBT_SHIFT,
    IN_DOUBT,
)
from fenghuo.ground import clock


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
