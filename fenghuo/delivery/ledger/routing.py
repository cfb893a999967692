"""Which account sends to which number: the longest prefix wins, and among equals the share follows the contracted rate."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import columns

NOT_SERVED = -1
# Several accounts finish together only if none has a last block that the others have no match for: a fortieth of what they share
# is a block, as long as a block is worth its row.
SHARES, LEAST = 40, 50


def matching(account: Gateway, numbers: Any) -> Any:
    """Length of the longest prefix of each number that an account names; 0 where it takes all, NOT_SERVED where it takes it not."""
    longest = np.full(len(numbers), NOT_SERVED if account.prefixes else 0, dtype=np.int8)
    for prefix in sorted(account.prefixes, key=len):
        longest[numbers // np.uint64(10 ** (11 - len(prefix))) == int(prefix)] = len(prefix)
    return longest


def unserved(numbers: Any, accounts: Sequence[Gateway]) -> Any:
    """The numbers that none of the accounts serves."""
    if not accounts or not all(account.prefixes for account in accounts):
        return numbers[:0]
    longest = np.stack([matching(account, numbers) for account in accounts]).max(axis=0)
    return numbers[longest == NOT_SERVED]


def places(numbers: Any, accounts: Sequence[Gateway]) -> list[tuple[str, Any]]:
    """(account, indices of its recipients) of each block, in the order in which the numbers come: highest risk first.

    Without any account everything is one account's without a name, until there is one.
    """
    if len(accounts) < 2:
        name = accounts[0].name if accounts else ""
        return [(name, part) for part in _parts(np.arange(len(numbers)), columns.BLOCK)]
    lengths = np.stack([matching(account, numbers) for account in accounts])
    able = (lengths == lengths.max(axis=0)) & (lengths != NOT_SERVED)
    groups, group_of = np.unique(able, axis=1, return_inverse=True)
    load = [0.0] * len(accounts)
    found: list[tuple[int, str, Any]] = []
    for group in sorted(range(groups.shape[1]), key=lambda one: int(groups[:, one].sum())):
        members = np.flatnonzero(groups[:, group]).tolist()
        where = np.flatnonzero(group_of.ravel() == group)
        for part in _parts(where, _size(len(where)) if len(members) > 1 else columns.BLOCK):
            chosen = min(members, key=lambda one: (load[one] + len(part)) / accounts[one].rate)
            load[chosen] += len(part)
            found.append((int(part[0]), accounts[chosen].name, part))
    return [(name, part) for _, name, part in sorted(found, key=lambda place: place[0])]


def _size(count: int) -> int:
    return min(columns.BLOCK, max(LEAST, count // SHARES // LEAST * LEAST))


def _parts(where: Any, size: int) -> list[Any]:
    return [where[start : start + size] for start in range(0, len(where), size)]
