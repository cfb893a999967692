"""Acts that are wrong in one way each, for `act_kills`. A harness that does not catch every one of them proves nothing.

Each spoils the act inside the child that is about to die; whoever looks at the disk afterwards is sound.
"""

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

from django.db import connections, transaction

from benchmarks.acts import Act, Fold
from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.sender.desk import Desk
from fenghuo.warning.alerts.models import Alert

ACTIONS = "fenghuo.warning.alerts.actions"
Spoil = Callable[[Act], None]


def _module(name: str) -> ModuleType:
    """The module, not the verb of the same name that its package exports."""
    return importlib.import_module(name)


def in_pieces(name: str) -> Spoil:
    """Each statement is a transaction of its own: the act can be half done."""

    def spoil(act: Act) -> None:
        module: Any = _module(f"{ACTIONS}.{name}")
        module.transaction = SimpleNamespace(atomic=nullcontext, get_connection=transaction.get_connection)
        for helper in (f"{ACTIONS}.kept", "fenghuo.ground.journal.actions"):
            _deaf_to_transactions(_module(helper))

    return spoil


def _deaf_to_transactions(module: Any) -> None:
    """What refuses to write outside a transaction does so no more."""
    inside = SimpleNamespace(in_atomic_block=True, vendor="sqlite")
    if hasattr(module, "connection"):
        module.connection = inside
    if hasattr(module, "transaction"):
        module.transaction = SimpleNamespace(get_connection=lambda: inside)


def says_first(act: Act) -> None:
    """The answer is given while the transaction is still open."""
    perform = act.perform

    def hasty(say: Callable[[], None]) -> None:
        with transaction.atomic():
            perform(say)
            act.alert = str(act.alert)  # a moment passes

    act.perform = hasty  # type: ignore[method-assign]


def names_first(act: Act) -> None:
    """The alert names its audience before that lies in the ledger."""
    submit: Any = _module(f"{ACTIONS}.submit")
    freeze, later = ledger.freeze, list[dict[str, Any]]()

    def promised(**wishes: Any) -> ledger.Frozen:
        later.append(wishes)
        with transaction.atomic(using="ledger"):
            frozen = freeze(**wishes)
            transaction.set_rollback(True, using="ledger")
        return frozen

    submit.ledger = SimpleNamespace(freeze=promised)
    perform = act.perform

    def hasty(say: Callable[[], None]) -> None:
        perform(lambda: None)
        freeze(**later[0])
        say()

    act.perform = hasty  # type: ignore[method-assign]


def hash_first(act: Act) -> None:
    """The broadcast has its hash and its count before its recipients are there."""
    freeze: Any = _module("fenghuo.delivery.ledger.actions.freeze")
    write = freeze._write

    def hasty(number: int, parts: list[Any]) -> Any:
        with transaction.atomic(using="ledger"):
            digest = write(number, parts)
            transaction.set_rollback(True, using="ledger")
        Broadcast.objects.filter(number=number).update(audience_sha256=digest, count=act.count)
        return write(number, parts)

    freeze._write = hasty


class ForgetsFirst(Desk):
    """Empties the tape in a transaction of its own, before the blocks hold what it said."""

    def commit(self, *, idle: bool = False) -> None:
        if idle:
            with connections["ledger"].cursor() as cursor:
                cursor.execute("DELETE FROM delivery_entry")
        super().commit(idle=idle)


def forgets_first(act: Act) -> None:
    """See `ForgetsFirst`."""
    assert isinstance(act, Fold)
    act.desk = ForgetsFirst


def leaves_in_force(act: Act) -> None:
    """Signs the lift, and the public goes on reading what it lifts."""
    sign: Any = _module(f"{ACTIONS}.sign")
    take_place = sign.take_place

    def beside(alert: Alert, by: Any) -> None:
        take_place(alert, by)
        Alert.objects.filter(pk=alert.follows_id).update(superseded_by=None)

    sign.take_place = beside
    perform = act.perform

    def slowly(say: Callable[[], None]) -> None:
        perform(say)
        act.alert = str(act.alert)  # a moment passes

    act.perform = slowly  # type: ignore[method-assign]


FAULTS: dict[str, dict[str, Spoil]] = {
    "submit": {"in_pieces": in_pieces("submit"), "says_first": says_first, "names_first": names_first},
    "sign": {"in_pieces": in_pieces("sign"), "says_first": says_first},
    "recall": {"in_pieces": in_pieces("recall"), "says_first": says_first},
    "lift": {"leaves_in_force": leaves_in_force},
    "fold": {"forgets_first": forgets_first},
}
EVERY: dict[str, dict[str, Spoil]] = {
    **FAULTS,
    "fan_out": {"hash_first": hash_first},
}  # acts that are not among those of `--of acts` too
