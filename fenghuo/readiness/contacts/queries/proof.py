"""Before an audience is frozen the columns are compared with the database: a fault in following must not choose people."""

from typing import Any

import numpy as np
import structlog
from django.db.models import BigIntegerField, Count, F, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts.columns import ABSENT, NUMBER_MASK, Columns
from fenghuo.readiness.contacts.models import Contact, ContactNumber, GroupMember
from fenghuo.readiness.contacts.queries.roster import forget, head_of, living

log = structlog.get_logger(__name__)

PRIME = 9_973  # spreads ids, so that two people who swapped places do not cancel out; small, so that sums stay whole numbers
OFFSET = 270_000_000  # makes latitude and longitude together positive
MOST_TRIES = 4


def proved(organisation: Organisation) -> Columns:
    """The living columns, shown to hold what the database holds. A difference is logged, and everybody is read again."""
    for _try in range(MOST_TRIES):
        columns = living(organisation)
        stored = _stored(organisation)
        if head_of(organisation) != columns.head:
            continue  # somebody wrote in between: neither is wrong
        if stored == sums(columns):
            return columns
        log.error("roster columns differ from the database", organisation=organisation.id, revision=columns.head[0])
        forget(organisation)
    reason = _("The contacts could not be read twice alike; nothing was frozen. Try again in a moment.")
    raise Refused("roster_busy", reason, kind="unavailable")


def sums(columns: Columns) -> tuple[int, ...]:
    """What `_stored` asks the database, from the columns."""
    spread = columns.ids % PRIME
    areas = np.array([int(f"1{code}") for code in columns.codes], dtype=np.int64)[columns.area]
    placed = columns.latitude != ABSENT
    members = [one.rows for one in columns.groups.values()]
    rows = np.concatenate(members) if members else np.empty(0, dtype=np.int64)
    owners = columns.ids[columns.owners] % PRIME
    return (
        len(columns),
        _sum(spread * (areas % PRIME)),
        _sum(spread * columns.risk.astype(np.int64)),
        _sum(
            spread[placed] * ((columns.latitude[placed].astype(np.int64) + columns.longitude[placed] + OFFSET) % PRIME)
        ),
        len(columns.keys),
        _sum(owners * ((columns.keys & NUMBER_MASK) % PRIME)),
        len(rows),
        _sum(spread[rows]),
    )


def _sum(values: Any) -> int:
    return int(values.sum(dtype=np.int64)) if len(values) else 0


def _stored(organisation: Organisation) -> tuple[int, ...]:
    whole = BigIntegerField()
    spread, owner = Cast(F("id") % PRIME, whole), Cast(F("contact_id") % PRIME, whole)
    area = Cast(Concat(Value("1"), F("area_id")), whole) % PRIME
    people = Contact.objects.filter(organisation=organisation).aggregate(
        n=Count("id"),
        area=Coalesce(Sum(spread * area, output_field=whole), 0, output_field=whole),
        risk=Coalesce(Sum(spread * F("risk"), output_field=whole), 0, output_field=whole),
        place=Coalesce(
            Sum(spread * ((Cast("latitude", whole) + F("longitude") + OFFSET) % PRIME), output_field=whole),
            0,
            output_field=whole,
        ),
    )
    numbers = ContactNumber.objects.filter(organisation=organisation).aggregate(
        n=Count("id"), sum=Coalesce(Sum(owner * (F("address") % PRIME), output_field=whole), 0, output_field=whole)
    )
    members = GroupMember.objects.filter(group__organisation=organisation).aggregate(
        n=Count("id"), sum=Coalesce(Sum(owner, output_field=whole), 0, output_field=whole)
    )
    return tuple(
        int(one)
        for one in (
            people["n"], people["area"], people["risk"], people["place"],
            numbers["n"], numbers["sum"], members["n"], members["sum"],
        )
    )  # fmt: skip
