"""What phones wrote back (来信): taken from the ledger exactly once, joined where it came in parts, understood where it answers.

Everything is found again from the rows at each tick, so that a worker may die between any two statements: the reply, and the
approval it gives, are one transaction; the answering text is owed by the reply until it has been ordered.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from fenghuo.delivery.ledger import queries as frozen
from fenghuo.delivery.ledger.models import Inbound
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation, Person
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules as contacts
from fenghuo.readiness.contacts.queries import whose
from fenghuo.warning.alerts.actions.answering import understand
from fenghuo.warning.alerts.models import Reply

# Senders of several accounts write at once, so a smaller number may become visible after a larger one.
LATE = 500
PARTS_WITHIN = timedelta(hours=1)


def take_replies() -> int:
    """Take in every message the ledger knows and we do not; returns how many. Safe to repeat after any crash."""
    # A ledger that was restored numbers anew: its newest may lie below the last that was taken.
    newest = Reply.objects.order_by("-inbound").values_list("inbound", flat=True).first() or 0
    there = Inbound.objects.order_by("-id").values_list("id", flat=True).first() or 0
    after, taken = max(0, min(newest, there) - LATE), 0
    while found := frozen.messages(after):
        keys = {_key(one): one for one in found}
        known = set(Reply.objects.filter(key__in=keys).values_list("key", flat=True))
        taken += sum(_take(one, key) for key, one in keys.items() if key not in known)
        after = found[-1].id
    return taken


def _key(one: Inbound) -> str:
    """The gateway's own name of a message. Its ids repeat after a year, so what was said counts too."""
    named = "\0".join((one.account, one.message_id, one.address, one.part, one.text, str(one.at)))
    return hashlib.sha256(named.encode()).hexdigest()


def _take(one: Inbound, key: str) -> bool:
    """One message and all that follows from it, in one transaction. False when another worker was faster."""
    address = number_of(one.address)
    try:
        with transaction.atomic():
            reply = Reply.objects.create(
                key=key,
                inbound=one.id,
                gateway=one.account,
                message_id=one.message_id,
                address=one.address,
                number=address,
                destination=one.destination,
                part=one.part,
                text=one.text,
                at=datetime.fromtimestamp(one.at / 1000, UTC),
                outcome="part" if one.part else "kept",
            )
            _show_to(reply)
            if not one.part or _whole(reply):
                understand(reply)
    except IntegrityError:
        if not Reply.objects.filter(key=key).exists():
            raise
        return False
    return True


def number_of(address: str) -> int | None:
    """A gateway's way of writing a mobile number as eleven digits; None for what is none."""
    try:
        return contacts.normalise(address)
    except Refused:
        return None


def _show_to(reply: Reply) -> None:
    """Who reads it: organisations that know the number; else whose number was written to; else whoever stands above all."""
    knowing = set()
    if reply.number is not None:
        forms = (f"{reply.number}", f"86{reply.number}", f"+86{reply.number}")
        knowing |= set(Person.objects.filter(phone__in=forms).values_list("organisation_id", flat=True))
        knowing |= set(whose.organisations_of(reply.number))
    reply.known = bool(knowing)
    reply.save(update_fields=["known"])
    reply.readers.set(Organisation.objects.filter(pk__in=knowing or _of_strangers(reply.destination)))


def _of_strangers(destination: str) -> list[str]:
    everyone = list(Organisation.objects.all())
    asked = [one for one in everyone if profiles.profile(one.profile).sms.src_id.value == destination]
    if len(asked) == 1:
        return [asked[0].pk]
    return [one.pk for one in everyone if not accounts.has_upper(one)]


def _whole(reply: Reply) -> bool:
    """Whether this part completes its message; it then carries the whole text."""
    reference, total, _number = reply.part.split("/")
    others = Reply.objects.filter(
        gateway=reply.gateway,
        address=reply.address,
        destination=reply.destination,
        part__startswith=f"{reference}/{total}/",
        whole=None,
        outcome="part",
        at__gte=reply.at - PARTS_WITHIN,
    )
    parts = {one.part: one for one in others.order_by("id")}
    if len(parts) < int(total):
        return False
    inside = [parts[f"{reference}/{total}/{number}"] for number in range(1, int(total) + 1)]
    Reply.objects.filter(pk__in=[one.pk for one in inside if one.pk != reply.pk]).update(whole=reply)
    reply.text, reply.outcome = "".join(one.text for one in inside), "kept"
    reply.save(update_fields=["text", "outcome"])
    return True
