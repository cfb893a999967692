"""The face of the delivery floor's tables: one import line per room."""

from fenghuo.delivery.ledger.models import *  # noqa: F403
from fenghuo.delivery.watch.models import *  # noqa: F403
