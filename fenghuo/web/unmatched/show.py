"""Whose eyes a receipt is for that belongs to nothing, and how many are new.

Whoever stands above all others here answers for the gateway accounts and sees everything. Any other organisation sees what is about
a number of its own contacts, and nothing of its neighbours'.
"""

from collections.abc import Iterable
from typing import NamedTuple

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import queries as watch
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts.queries import whose

AT_ONCE = 500  # rows looked through at a time for an organisation that sees its own alone
LOOKS = 4
MOST_NEW = 100


class Found(NamedTuple):
    """A page: its rows, the names of those of its numbers that are our contacts', and where the next page begins."""

    rows: list[ledger.Unmatched]
    names: dict[int, str]
    older: int | None


def page(organisation: Organisation, *, kind: str, account: str, before: int | None, size: int) -> Found:
    """What this organisation may see, newest first. At most `LOOKS` pairs of queries, whatever there is."""
    kinds = [kind] if kind else list(ledger.UNMATCHED)
    if accounts.above_all(organisation):
        rows = ledger.unmatched(kinds=kinds, account=account, before=before, limit=size + 1)
        shown = rows[:size]
        return Found(shown, _names(organisation, shown), shown[-1].id if len(rows) > size else None)
    mine: list[ledger.Unmatched] = []
    names: dict[int, str] = {}
    for _look in range(LOOKS):
        rows = ledger.unmatched(kinds=kinds, account=account, before=before, limit=AT_ONCE)
        known = _names(organisation, rows)
        names |= known
        mine += [one for one in rows if number_of(one.address) in known]
        if len(mine) > size:
            return Found(mine[:size], names, mine[size - 1].id)
        if len(rows) < AT_ONCE:
            return Found(mine, names, None)
        before = rows[-1].id
    return Found(mine, names, before)


def new(organisation: Organisation) -> int:
    """How many came since somebody of the organisation looked; no more than MOST_NEW are counted."""
    rows = ledger.unmatched_since(watch.unmatched_seen(organisation), MOST_NEW)
    if not rows or accounts.above_all(organisation):
        return len(rows)
    known = whose.names_of(organisation, _numbers(address for _, address in rows))
    return sum(number_of(address) in known for _, address in rows)


def number_of(address: str) -> int:
    """The mobile number in it, however it is written; 0 where there is none."""
    digits = address[-11:]
    return int(digits) if len(digits) == 11 and digits.isascii() and digits.isdigit() else 0


def _names(organisation: Organisation, rows: Iterable[ledger.Unmatched]) -> dict[int, str]:
    return whose.names_of(organisation, _numbers(one.address for one in rows))


def _numbers(addresses: Iterable[str]) -> set[int]:
    return {number_of(one) for one in addresses} - {0}
