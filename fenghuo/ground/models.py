"""The face of the ground floor's tables: one import line per room."""

from fenghuo.ground.accounts.models import *  # noqa: F403
from fenghuo.ground.areas.models import *  # noqa: F403
from fenghuo.ground.files.models import *  # noqa: F403
from fenghuo.ground.journal.models import *  # noqa: F403
from fenghuo.ground.pulse.models import *  # noqa: F403
from fenghuo.ground.upkeep.models import *  # noqa: F403
