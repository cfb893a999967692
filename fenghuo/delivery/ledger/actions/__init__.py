"""Every write of the ledger, one file per verb. `freeze`, `order` and `sweep` are everybody's; the rest is the sender's."""

from fenghuo.delivery.ledger.actions.adopt import adopt
from fenghuo.delivery.ledger.actions.callbacks import forget_nonces, keep_callback, waiting_callbacks
from fenghuo.delivery.ledger.actions.correct import WithoutAlert, write_correction
from fenghuo.delivery.ledger.actions.decide import stop, take_decisions
from fenghuo.delivery.ledger.actions.forget import KEPT_DAYS, forget_heard
from fenghuo.delivery.ledger.actions.freeze import Frozen, freeze
from fenghuo.delivery.ledger.actions.hand_over import Runs, hand_over, movable, movable_in_doubt, share_out, take_handed
from fenghuo.delivery.ledger.actions.lease import (
    connection_lost,
    drop_lease,
    forget_usage,
    keep_link_test,
    report_health,
    take_lease,
    wanted,
)
from fenghuo.delivery.ledger.actions.lift import at_rest, drop_untold
from fenghuo.delivery.ledger.actions.obey import new_orders, obey, obey_alone
from fenghuo.delivery.ledger.actions.open import lately_written, open_book, refresh
from fenghuo.delivery.ledger.actions.orders import order
from fenghuo.delivery.ledger.actions.over import close_forsaken, look_again
from fenghuo.delivery.ledger.actions.pass_on import waiting
from fenghuo.delivery.ledger.actions.restored import stand_still
from fenghuo.delivery.ledger.actions.sweep import sweep
from fenghuo.delivery.ledger.actions.take_over import take_over
from fenghuo.delivery.ledger.actions.tape import Fenced, commit
from fenghuo.delivery.ledger.actions.words import Words
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.sheet import Sheet

__all__ = [
    "KEPT_DAYS",
    "Book",
    "Fenced",
    "Frozen",
    "Runs",
    "Sheet",
    "WithoutAlert",
    "Words",
    "adopt",
    "at_rest",
    "close_forsaken",
    "commit",
    "connection_lost",
    "drop_lease",
    "drop_untold",
    "forget_heard",
    "forget_nonces",
    "forget_usage",
    "freeze",
    "hand_over",
    "keep_callback",
    "keep_link_test",
    "lately_written",
    "look_again",
    "movable",
    "movable_in_doubt",
    "new_orders",
    "obey",
    "obey_alone",
    "open_book",
    "order",
    "refresh",
    "report_health",
    "share_out",
    "stand_still",
    "stop",
    "sweep",
    "take_decisions",
    "take_handed",
    "take_lease",
    "take_over",
    "waiting",
    "waiting_callbacks",
    "wanted",
    "write_correction",
]
