"""The audience of a lift: everyone who stands in what it lifts, in the account that tells them, each number once."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fenghuo.delivery.ledger import columns, store
from fenghuo.delivery.ledger.models import Broadcast

Part = tuple[str, Any, Any]  # account, contact ids, addresses in ascending order


def inherited(lifts: Sequence[str]) -> list[Part]:
    """Blocks as they were frozen, the first broadcast's first; of the later ones whoever is not named yet."""
    numbers = dict(Broadcast.objects.filter(id__in=lifts).values_list("id", "number"))
    parts, named = list[Part](), np.zeros(0, dtype=np.uint64)
    for broadcast in lifts:
        own = list[Any]()
        for account, people, addresses in _blocks(numbers[broadcast]):
            new = ~np.isin(addresses, named)
            if new.any():
                parts.append((account, people[new], addresses[new]))
                own.append(addresses[new])
        named = np.concatenate([named, *own])
    return parts


def _blocks(number: int) -> list[Part]:
    accounts = {block: account for block, _, account, _ in store.block_index(number)}
    return [
        (accounts[block], columns.unpack_contacts(packed, count), columns.unpack_addresses(packed, count))
        for block, count, packed in store.block_columns(number)
    ]
