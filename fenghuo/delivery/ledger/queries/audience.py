"""Who a broadcast is for, as the blocks on disk say, and the correction that followed it."""

import hashlib
from array import array
from collections.abc import Collection

from fenghuo.delivery.ledger import columns, store
from fenghuo.delivery.ledger.models import Broadcast


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
