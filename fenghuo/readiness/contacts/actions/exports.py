"""A list of people leaves the system by two hands: one asks, another agrees with a second factor, the first fetches it once."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation, StepUp
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.paging import Page
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries, rules, states
from fenghuo.readiness.contacts.models import ContactExport

CHUNK = 500


def may_ask(*, organisation: Organisation, by: Account) -> Refused | None:
    """None for whoever may export with a second person, else why not."""
    right = rights.right_of(account=by, act="contacts_export")
    refused = rights.may(account=by, act="contacts_export", organisation=organisation)
    return None if right == "second" and refused is not None and refused.code == "second_person_needed" else refused


def may_agree(*, export: ContactExport, by: Account) -> Refused | None:
    """None for whoever may be the second person for this export, else why not."""
    return rights.may(account=export.by, act="contacts_export", organisation=export.organisation, second=by)


def ask_export(
    *, organisation: Organisation, format: str, purpose: str, wanted: dict[str, str], by: Account
) -> ContactExport:
    """Ask for the people that a list shows: `wanted` is its filter {"text", "area", "group"}."""
    refused = may_ask(organisation=organisation, by=by)
    if refused is not None:
        raise refused
    if format not in ("xlsx", "csv"):
        raise Refused("format", _("A list is exported as XLSX or CSV."), field="format")
    purpose = rules.words("purpose", purpose, longest=200, required=True)
    plain = {name: str(wanted.get(name) or "")[:100] for name in ("text", "area", "group")}
    count = _listing(organisation, plain, page=1, size=1).total
    if not count:
        raise Refused("export_empty", _("Nobody is in this list."), field="text")
    with transaction.atomic():
        export = ContactExport.objects.create(
            organisation=organisation,
            by=by,
            format=format,
            purpose=purpose,
            wanted=plain,
            count=count,
            asked_at=clock.now(),
        )
        _journal(export, by, "ask", purpose=purpose, count=count, format=format, filter=_unnumbered(plain))
    return export


def digest(export: ContactExport, by: Account) -> str:
    """What a second factor is bound to: this request, by this person, as it was asked."""
    said = [export.id, export.by_id, by.pk, export.format, export.purpose, export.wanted, export.count, export.state]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"fenghuo:contacts-export:1\0{text}".encode()).hexdigest()


def agree_export(*, export: ContactExport, step_up: StepUp, by: Account) -> ContactExport:
    """The second person agrees, on their own session and with their own second factor."""
    refused = may_agree(export=export, by=by)
    if refused is not None:
        raise refused
    with transaction.atomic():
        accounts.consume_step_up(step_up=step_up, account=by, digest=digest(export, by))
        _move(export, "agree", second=by, decided_at=clock.now())
        _journal(export, by, "agree", count=export.count)
    return export


def decline_export(*, export: ContactExport, by: Account) -> ContactExport:
    """The second person does not agree; or whoever asked no longer wants it."""
    refused = None if by.pk == export.by_id else may_agree(export=export, by=by)
    if refused is not None:
        raise refused
    with transaction.atomic():
        _move(export, "decline", decided_at=clock.now())
        _journal(export, by, "decline")
    return export


def fetch_export(*, export: ContactExport, step_up: StepUp, by: Account) -> bytes:
    """The file, once, to whoever asked for it, within 15 minutes of the agreement, with their own second factor (fault X4)."""
    if by.pk != export.by_id:
        raise Refused("not_yours", _("Only the person who asked for it fetches it."), kind="forbidden")
    refused = may_ask(organisation=export.organisation, by=by)
    if refused is None and export.second is not None:
        refused = may_agree(export=export, by=export.second)  # neither has lost the post meanwhile
    if refused is not None:
        raise refused
    if queries.export_state(export) == "expired":
        raise Refused("export_late", _("It was not fetched within 15 minutes; ask again."), kind="conflict")
    with transaction.atomic():
        accounts.consume_step_up(step_up=step_up, account=by, digest=digest(export, by))
        _move(export, "fetch", fetched_at=clock.now())
        lines = list(_lines(export))
        _journal(export, by, "fetch", count=len(lines) - 2, format=export.format, filter=_unnumbered(export.wanted))
    return queries.table(iter(lines), export.format)


def _listing(organisation: Organisation, wanted: dict[str, str], *, page: int, size: int) -> Page[Any]:
    area, group = wanted["area"] or None, wanted["group"] or None
    return queries.listing(organisation, text=wanted["text"], area=area, group=group, page=page, size=size)


def _lines(export: ContactExport) -> Iterator[list[str]]:
    """The watermark, the headings, the people. Each line ends with the number of the export: an excerpt can be traced too."""
    second = export.second.person.name if export.second else ""
    when = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    marks = (export.organisation.name, export.id, export.by.person.name, second, when, export.purpose)
    yield [" · ".join(marks)]
    yield ["姓名", "辖区", "职务", "手机", "座机", "标签", "风险", "纬度", "经度", "群组", "导出编号"]
    page = 1
    while True:
        found = _listing(export.organisation, export.wanted, page=page, size=CHUNK)
        groups = queries.put_into(one.pk for one in found.rows)
        for one in found.rows:
            numbers = ";".join(str(number.address) for number in one.numbers.all())
            tags = one.tags.strip(",").replace(",", ";")
            yield [
                *(one.name, one.area_id, one.position, numbers, one.landlines, tags, str(one.risk)),
                *(_degrees(one.latitude), _degrees(one.longitude), ";".join(groups.get(one.pk, ())), export.id),
            ]
        if page * CHUNK >= found.total:
            return
        page += 1


def _degrees(value: int | None) -> str:
    return "" if value is None else f"{value / 1_000_000:.6f}"


def _unnumbered(wanted: dict[str, str]) -> dict[str, str]:
    """The filter as the journal may keep it for ever: a number that was searched for is masked."""
    text = wanted["text"]
    masked = queries.mask(int(text)) if text.isascii() and text.isdigit() and len(text) == 11 else text
    return {**wanted, "text": masked}


def _move(export: ContactExport, verb: str, **changed: Any) -> None:
    transition = states.EXPORT.transition(verb)
    from_here = ContactExport.objects.filter(pk=export.pk, state__in=transition.sources)
    if not from_here.update(state=transition.target, **changed):
        reason = _("Somebody has already decided on this export, or fetched it. It is fetched only once.")
        raise Refused("export_state", reason, kind="conflict")
    export.refresh_from_db()


def _journal(export: ContactExport, by: Account, verb: str, **detail: Any) -> None:
    journal.record(
        act=f"contacts.export.{verb}",
        by=by.actor(),
        organisation=export.organisation_id,
        subject=export.id,
        detail=detail,
    )
