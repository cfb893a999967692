"""Which broadcasts an organisation's pages look at: those of its newest releases and corrections."""

from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.alerts.models import Alert, Release

NEWEST = 200


def broadcasts_of(organisation: Organisation) -> dict[str, Alert]:
    """Broadcast id to alert, newest first, in one query."""
    sent = Release.objects.filter(organisation=organisation, kind__in=("release", "correct")).order_by("-at")
    return {one.broadcast: one.alert for one in sent.select_related("alert__organisation")[:NEWEST]}
