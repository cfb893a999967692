"""One SMS from the house to one of its own people, by the ordinary way: frozen, ordered, journalled, proved.

The ledger is written first and by itself (DESIGN §2): `prepare` before the transaction, `send` inside it. What was prepared and
never sent is swept after a day like any audience that nobody names.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import actions as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.ground.ids import new_id
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import rules as contacts
from fenghuo.warning.alerts import rules
from fenghuo.warning.alerts.models import Alert, ServiceText
from fenghuo.wire.text import TextError

AHEAD = 0  # with corrections before everything else: one recipient delays nobody, and somebody waits for it
POLICY = "urgent"
LONGEST_SUBJECT = 60
# Names come from people and may hold what no text message may; letters, digits and these are kept.
KEPT = " 《》（）()“”·、，。：:；;-—~+/%℃"


@dataclass(frozen=True)
class Prepared:
    """A text that lies in the ledger and is not ordered yet."""

    broadcast: str
    address: int


def mobile(person: Person) -> int | None:
    """The person's mobile number, None without one that this installation may send to."""
    try:
        return contacts.normalise(person.phone) if person.phone else None
    except Refused:
        return None


def prepare(*, organisation: Organisation, address: int, words: Callable[[int], str], expires_at: datetime) -> Prepared:
    """Freeze a text for one number. `words(n)` is the text with its subject cut to n characters; as much as fits is sent.

    Raises Refused (unavailable) where this organisation's texts cannot be sent at all.
    """
    broadcast, frame = new_id(), rules.frame_of(organisation)
    ledger.freeze(
        broadcast=broadcast,
        mode=settings.FENGHUO.mode,
        lane=AHEAD,
        text=_fitting(frame, words),
        correction="",
        src_id=frame.profile.sms.src_id.value,
        expires_at=max(expires_at, clock.now() + timedelta(seconds=1)),
        policy=POLICY,
        contact_ids=array("Q", [0]),
        addresses=array("Q", [address]),
        organisation=organisation.pk,
    )
    return Prepared(broadcast, address)


def send(
    *,
    prepared: Prepared,
    organisation: Organisation,
    alert: Alert | None,
    person: Person,
    purpose: str,
    by: Account | None,
) -> ServiceText:
    """Order what was prepared, in the transaction of the act that it belongs to."""
    text = ServiceText.objects.create(
        organisation=organisation,
        alert=alert,
        person=person,
        address=prepared.address,
        purpose=purpose,
        broadcast=prepared.broadcast,
        at=clock.now(),
    )
    actor = by.actor() if by else {"system": True}
    ledger.order(kind="release", broadcast=prepared.broadcast, by=actor, detail={"service_text": text.id})
    return text


def plain(text: str) -> str:
    """Somebody's words as a text message can carry them."""
    return "".join(one for one in text if one.isalnum() or one in KEPT).strip()


def _fitting(frame: rules.Frame, words: Callable[[int], str]) -> str:
    for longest in (LONGEST_SUBJECT, 40, 20, 10):
        try:
            return frame.sms(words(longest))
        except TextError:
            continue
    try:
        return frame.sms(words(0))
    except TextError as error:
        reason = _("No SMS can be sent for this organisation: %(why)s")
        raise Refused("service_text", reason, params={"why": str(error)}, kind="unavailable") from error
