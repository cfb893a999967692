"""The face of the warning floor's tables: one import line per room."""

from fenghuo.warning.alerts.models import *  # noqa: F403
from fenghuo.warning.linktests.models import *  # noqa: F403
from fenghuo.warning.relay.models import *  # noqa: F403
from fenghuo.warning.templates.models import *  # noqa: F403
