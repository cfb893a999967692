"""What the flows' doors take and give."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from fenghuo.api.schemas import TEXT, AlertOut, Digest, Given, Reason, Whole
from fenghuo.warning.alerts.queries import UrgentNow, Written

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]
BlankName = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=TEXT)]
BlankValue = Annotated[str, StringConstraints(max_length=200, pattern=TEXT, strip_whitespace=True)]
Area = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")]


class UrgentIn(Given):
    """An approved life-safety template (the id of its version), its blanks by name, and the areas whose people are told.

    With `totp` or one printed `code` it leaves at once; `people`, when given, must equal the number who will be told.
    """

    template: Id
    blanks: Annotated[dict[BlankName, BlankValue], Field(max_length=60)] = {}
    areas: Annotated[list[Area], Field(min_length=1, max_length=500)]
    people: Whole | None = None
    totp: str = Field(default="", max_length=10)
    code: str = Field(default="", max_length=40)


class ReleaseUrgentIn(Given):
    """The digest of what was prepared, the number of people, and a fresh second factor."""

    digest: Digest
    people: Whole
    totp: str = Field(default="", max_length=10)
    code: str = Field(default="", max_length=40)


class ConfirmIn(Given):
    """The digest of what was released; a note of whom was spoken with."""

    digest: Digest
    note: Annotated[str, StringConstraints(max_length=500, pattern=TEXT)] = ""


class ReviewUrgentIn(Given):
    """The written reason that closes an urgent release."""

    digest: Digest
    reason: Reason


class AskIn(Given):
    """Which leader is asked (user name), about which version."""

    digest: Digest
    leader: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=TEXT)]


class NetworkIn(Given):
    """The second approval: the digest and the number of people, typed."""

    digest: Digest
    people: Whole


class UrgentClock(Schema):
    """After an urgent release: who must still do what, by when. `unverified` is the mark 待核实."""

    at: datetime
    signer: str
    confirm_by: datetime
    review_by: datetime
    confirmed_at: datetime | None
    confirmed_by: str
    reviewed_at: datetime | None
    reviewed_by: str
    unverified: bool
    overdue: bool
    limits: list[Literal["person", "month"]]


class UrgentOut(AlertOut):
    """An urgent release; `urgent` is null while it is only prepared."""

    urgent: UrgentClock | None


class ReplyOut(Schema):
    """A message from a phone. `outcome`: part, kept, approved, refused or rejected (`why` says why); `alert` what it was about."""

    id: int
    at: datetime
    number: str
    sender: str
    known: bool
    to: str
    text: str
    outcome: str
    why: str
    alert: str | None


class ReplyList(Schema):
    """One page of replies."""

    total: int
    page: int
    size: int
    items: list[ReplyOut]


def clock_of(found: UrgentNow) -> UrgentClock:
    """The clocks of an urgent release."""
    urgent = found.urgent
    return UrgentClock(
        at=urgent.at,
        signer=urgent.signer_person.name,
        confirm_by=urgent.confirm_by,
        review_by=urgent.review_by,
        confirmed_at=urgent.confirmed_at,
        confirmed_by=urgent.confirmed_person.name if urgent.confirmed_person else "",
        reviewed_at=urgent.reviewed_at,
        reviewed_by=urgent.reviewed_person.name if urgent.reviewed_person else "",
        unverified=found.unverified,
        overdue=found.overdue,
        limits=urgent.limits,
    )


def reply_of(one: Written, number: str) -> ReplyOut:
    """A reply with its number masked."""
    reply = one.reply
    return ReplyOut(
        id=reply.pk,
        at=reply.at,
        number=number,
        sender=one.sender,
        known=bool(one.sender),
        to=reply.destination,
        text=reply.text,
        outcome=reply.outcome,
        why=reply.why,
        alert=reply.request.alert_id if reply.request else None,
    )
