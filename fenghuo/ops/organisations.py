"""Which organisation a command means."""

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused


def chosen(name: str | None) -> Organisation:
    """The organisation of that name; without a name the only one there is. Raises Refused."""
    found = list(Organisation.objects.filter(**({"name": name} if name else {}))[:2])
    if len(found) == 1:
        return found[0]
    if name or not found:
        raise Refused(
            "organisation_unknown", _("there is no such organisation"), field="--organisation", kind="missing"
        )
    raise Refused("organisation_unnamed", _("there are several organisations: say which"), field="--organisation")
