"""Which broadcasts an organisation's pages look at: those of its newest releases and corrections."""

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.alerts.models import Alert, Release

NEWEST = 200


def broadcasts_of(organisation: Organisation) -> dict[str, Alert]:
    """Broadcast id to alert, newest first; a correction's own broadcast leads to the alert that it corrects."""
    sent = Release.objects.filter(organisation=organisation, kind="release").order_by("-at")
    alerts = {one.broadcast: one.alert for one in sent.select_related("alert__organisation")[:NEWEST]}
    corrections = ledger.corrections_of(alerts)
    return alerts | {correction: alerts[broadcast] for broadcast, correction in corrections.items()}
