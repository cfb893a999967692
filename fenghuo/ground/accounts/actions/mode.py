"""What exists in an exercise data folder only."""

from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.ground.refusal import Refused


def only_in_exercise() -> None:
    """Raises Refused in a live installation: there a person comes in by password and second factor, and a post takes two."""
    if settings.FENGHUO.mode != "exercise":
        reason = _(
            "This exists in an exercise only. In a live installation people come in by password and second factor."
        )
        raise Refused("exercise_only", reason, kind="forbidden")
