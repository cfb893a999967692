"""Forgetting audiences that were frozen and never released."""

from collections.abc import Callable, Collection
from datetime import timedelta

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.ground import clock

AT_ONCE = 10


def sweep(*, keep: Collection[str] | Callable[[str], bool], older_than: timedelta) -> int:
    """Delete frozen audiences that were never released, that `keep` does not name and that are older; returns how many."""
    until = round((clock.now() - older_than).timestamp() * 1000)
    frozen = Broadcast.objects.filter(released_at=None, recalled_at=None, parent="", created_at__lt=until)
    wanted = keep if callable(keep) else frozenset(keep).__contains__
    numbers = [number for number, name in frozen.values_list("number", "id") if not wanted(name)]
    for start in range(0, len(numbers), AT_ONCE):
        with store.writing():
            store.delete_broadcasts(numbers[start : start + AT_ONCE])
    return len(numbers)
