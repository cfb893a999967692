"""Taking in what comes from above: kept byte for byte, judged once, and never twice."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.keyring import queries as keyring
from fenghuo.ground.refusal import Refused
from fenghuo.warning.relay import queries, rules
from fenghuo.warning.relay.models import Arrival
from fenghuo.warning.relay.values import Told
from fenghuo.wire.cap import CapError
from fenghuo.wire.cap.signature import Verdict, verify

MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class _Read:
    how: str
    told: Told
    verdict: Verdict | None = None
    refusal: Refused | None = None
    words: tuple[str, str] | None = None  # what the wire said, in both languages
    secret: bool = False


def receive(*, raw: bytes, source: str, by: Account, only_trusted: bool = False) -> Arrival:
    """A CAP or national document, given in by a person or a machine, for that account's organisation.

    What may not be relayed is kept too, with the reason in `refusal`; the same message again gives the arrival that is there.
    """
    rights.require(account=by, act="arrivals")
    return take_in(organisation=accounts.organisation_of(by), raw=raw, source=source, by=by, only_trusted=only_trusted)


def take_in(
    *, organisation: Organisation, raw: bytes, source: str, by: Account | None, only_trusted: bool = False
) -> Arrival:
    """As `receive`, for whoever was asked already; `by` is None for a feed."""
    if len(raw) > MOST_BYTES:
        raise Refused("arrival_too_big", _("The message is larger than 1 MiB; nothing was kept."), kept="nothing")
    return _keep(organisation, _read(raw, organisation, only_trusted), raw, source, by)


def take_down(
    *,
    how: str,
    text: str,
    headline: str = "",
    issuer: str,
    reference: str = "",
    issued_at: Any = None,
    source: str,
    by: Account,
) -> Arrival:
    """A warning pasted, or taken down from telephone or fax. A pasted CAP or national document is read as what it is."""
    rights.require(account=by, act="arrivals")
    organisation, raw = accounts.organisation_of(by), text.encode()
    if how == "paste" and text.lstrip("\ufeff \t\r\n").startswith("<"):
        return take_in(organisation=organisation, raw=text.strip("\ufeff \t\r\n").encode(), source=source, by=by)
    for name, value in (("text", text), ("issuer", issuer)):
        if not value.strip():
            raise Refused("missing", _("it is missing"), field=name)
    told = rules.typed(
        headline=headline.strip(), text=text, issuer=issuer.strip(), reference=reference.strip(), issued_at=issued_at
    )
    refused = rules.misdated(told, clock.now())
    if refused is not None:
        refused.field = "issued_at"
        raise refused
    return _keep(organisation, _Read(how, told), raw, source, by)


def _read(raw: bytes, organisation: Organisation, only_trusted: bool) -> _Read:
    now = clock.now()
    try:
        how, told = rules.read(raw)
        verdict = verify(raw, trusted=[one.certificate for one in keyring.trusted()], at=now)
        if verdict.signed is not None:  # only what was signed counts
            told = rules.read(verdict.signed)[1]
    except CapError as error:
        how = "national" if b"sendTime" in raw or b"senderCode" in raw else "cap"
        return _Read(
            how,
            Told(),
            words=(error.zh, error.en),
            refusal=Refused(error.code, error.en),
            secret=error.code == "classified",
        )
    known = keyring.find(verdict.fingerprint) if verdict.trusted else None
    home = organisation.area_id
    refusal = rules.judge_signature(verdict, told, home=home, trusted=known, only_trusted=only_trusted)
    return _Read(how, told, verdict, refusal or rules.judge(told, home=home, now=now))


def _keep(organisation: Organisation, read: _Read, raw: bytes, source: str, by: Account | None) -> Arrival:
    told = read.told
    earlier = _earlier(organisation, told)
    if earlier is not None and read.refusal is None:
        if queries.kept(told) == earlier.told:
            return earlier
        reason = _(
            "A message with this name and time has arrived before, with other content. Ask its issuer which one is right."
        )
        read = replace(read, refusal=Refused("arrival_altered", reason))
    arrival = Arrival(
        organisation=organisation,
        how=read.how,
        source=source,
        raw=b"" if read.secret else raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        sender=told.sender,
        identifier=told.identifier,
        sent=told.sent,
        msg_type=told.msg_type,
        status=told.status,
        answers=queries.referred(organisation, told.references),
        verdict=read.verdict.code if read.verdict else "",
        signer=read.verdict.signer[:200] if read.verdict else "",
        told=queries.kept(told),
        refusal=_said(read),
        silent=told.status == "Test",
        received_at=clock.now(),
        received_by=by,
    )
    try:
        with transaction.atomic():
            arrival.save(force_insert=True)
            _journal(arrival, by)
    except IntegrityError:
        return _same(arrival)
    return arrival


def _earlier(organisation: Organisation, told: Told) -> Arrival | None:
    """What has been accepted already under this name and time."""
    if not told.identifier or told.sent is None:
        return None
    same = {"sender": told.sender, "identifier": told.identifier, "sent": told.sent}
    return queries.arrivals(organisation).filter(refusal__isnull=True, **same).first()


def _same(arrival: Arrival) -> Arrival:
    """These very bytes came before, refused then as they would be now."""
    return queries.arrivals(arrival.organisation).get(
        sender=arrival.sender, identifier=arrival.identifier, sent=arrival.sent, sha256=arrival.sha256
    )


def _said(read: _Read) -> dict[str, Any] | None:
    if read.refusal is None:
        return None
    if read.words is not None:
        return {"code": read.refusal.code, "zh": read.words[0], "en": read.words[1]}
    params = {
        name: [value.zh, value.en] if hasattr(value, "zh") else str(value)
        for name, value in read.refusal.params.items()
    }
    return {"code": read.refusal.code, "reason": read.refusal.reason, "params": params}


def _journal(arrival: Arrival, by: Account | None) -> None:
    detail = {
        "how": arrival.how, "source": arrival.source, "sha256": arrival.sha256, "identifier": arrival.identifier,
        "verdict": arrival.verdict, "refused": (arrival.refusal or {}).get("code", ""),
    }  # fmt: skip
    journal.record(
        act="arrival.receive",
        by=by.actor() if by else None,
        organisation=arrival.organisation_id,
        subject=arrival.id,
        detail=detail,
    )
