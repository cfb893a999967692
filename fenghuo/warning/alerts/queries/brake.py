"""The hand brake as it stands: everybody's, pulled by whoever is above all, or an organisation's own."""

from django.db.models import QuerySet

from fenghuo.delivery.ledger.models import Order
from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.alerts.queries.document import digest_of


def paused(organisation: Organisation) -> Order | None:
    """The order that stopped this organisation's sending, everybody's before its own; None while nothing stops it."""
    for whose in ("", organisation.pk):
        newest = _orders(whose).first()
        if newest is not None and newest.kind == "pause":
            return newest
    return None


def resume_digest(organisation: Organisation) -> str:
    """What the step-up of `resume` is bound to: the newest order, so that one proof resumes one pause."""
    newest = max((one.seq for whose in ("", organisation.pk) if (one := _orders(whose).first())), default=0)
    return digest_of({"act": "resume", "after": newest, "organisation": organisation.pk})


def _orders(whose: str) -> QuerySet[Order]:
    return Order.objects.filter(kind__in=("pause", "resume"), broadcast="", organisation=whose).order_by("-seq")
