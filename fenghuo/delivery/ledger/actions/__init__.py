"""Every write of the ledger, one file per verb. The last three are the sender's."""

from fenghuo.delivery.ledger.actions.freeze import Frozen, freeze
from fenghuo.delivery.ledger.actions.orders import order
from fenghuo.delivery.ledger.actions.sweep import sweep

__all__ = ["Frozen", "freeze", "order", "sweep"]
