"""Alerts that came back from a backup: nothing leaves until a person says so (fault B6)."""

from typing import Any

from django.db import transaction

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger.models import Order
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.journal import actions as journal

SYSTEM = {"system": True, "name": ""}


@transaction.atomic
def pause_after_restore(*, told: dict[str, Any]) -> list[Order]:
    """Stop everybody's sending where somebody stands above all and can let it go on, else each organisation's own.

    `told`: what was restored (file, sha256, made_at, journal_head and figures); kept with each order and in the journal.
    """
    journal.record(act="system.restored", by=None, detail=told)
    everybody = list(Organisation.objects.order_by("area_id", "id"))
    above = [one for one in everybody if people.above_all(one)]
    return [
        _pause(about, "" if above else about.pk, {"reason": "", "restored": told}) for about in above[:1] or everybody
    ]


def _pause(about: Organisation, whose: str, detail: dict[str, Any]) -> Order:
    order = ledger.order(kind="pause", broadcast=None, organisation=whose, by=SYSTEM, detail=detail)
    journal.record(
        act="alert.pause",
        by=None,
        organisation=about.pk,
        subject=f"order.{order.seq}",
        detail=detail | {"everybody": not whose},
    )
    return order
