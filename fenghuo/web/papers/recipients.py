"""发布对象名单 and 叫应名单: who is told, those first whom no message reached; in volumes, so that any number of people prints."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.papers import said, setter

VOLUME = 2000  # people in one file
# Those first who must be called on; of them the last two only until a receipt comes.
UNREACHED = ("failed", "in_doubt", "expired", "stopped", "unsent", "intended", "accepted")
ORDER = (*UNREACHED, "delivered")
UNTOLD = "untold"


@dataclass(frozen=True)
class Part:
    """How many people are in one state; `untold` have no number and so are in the ledger nowhere."""

    state: str
    count: int


def parts(alert: Alert, *, wake_up: bool) -> list[Part]:
    """The list's parts in order. Raises Refused where nobody is frozen yet."""
    if not alert.broadcast:
        reason = _("Submit it first: who is told is decided then.")
        raise Refused("not_submitted", reason, kind="conflict")
    found = [Part(UNTOLD, len(_untold(alert)))]
    for state in UNREACHED if wake_up else ORDER:
        found.append(Part(state, ledger.recipients(alert.broadcast, state=state, size=1).total))
    return [one for one in found if one.count]


def volumes(found: list[Part]) -> int:
    """How many files the list fills; one even when it is empty."""
    return max(1, -(-sum(one.count for one in found) // VOLUME))


def paper(alert: Alert, account: Account, *, volume: int, wake_up: bool) -> bytes:
    """One volume, from 1. Numbers are whole only for a post that sees them whole elsewhere."""
    found = parts(alert, wake_up=wake_up)
    most = volumes(found)
    if not 1 <= volume <= most:
        raise Refused("no_such_volume", _("There is no such volume."), kind="missing")
    whole = rights.right_of(account=account, act="contacts_view") == "may"
    first = (volume - 1) * VOLUME
    rows = list(_rows(alert, found, first, VOLUME))
    names = contacts.names([contact for contact, _address, _state in rows])
    data = {
        "organisation": alert.organisation.name,
        "wake_up": wake_up,
        "headline": alert.headline,
        "code": alert.code,
        "scope": "未送达和无号码的人员在前" if not wake_up else "按未送达程度排列，逐人叫应并签字",
        "total": str(sum(one.count for one in found)),
        "volume": volume,
        "volumes": most,
        "rows": [
            _row(number, names.get(contact), _number(address, whole), state)
            for number, (contact, address, state) in enumerate(rows, first + 1)
        ],
    }
    return setter.paper("recipients.typ", data, tagged=len(rows) <= 200)


def _rows(alert: Alert, found: list[Part], skip: int, most: int) -> Iterator[tuple[int, int, str]]:
    """(contact, number, state) of one volume: whole parts are skipped unread."""
    for part in found:
        if most <= 0:
            return
        if skip >= part.count:
            skip -= part.count
            continue
        taken = 0
        for row in _of_part(alert, part.state, skip, most):
            yield row
            taken += 1
        skip, most = 0, most - taken


def _of_part(alert: Alert, state: str, skip: int, most: int) -> list[tuple[int, int, str]]:
    if state == UNTOLD:
        return [(contact, 0, state) for contact in _untold(alert)[skip : skip + most]]
    page, inside = divmod(skip, VOLUME)
    rows: list[ledger.Row] = []
    while len(rows) < inside + most:
        page += 1
        got = ledger.recipients(alert.broadcast or "", state=state, page=page, size=VOLUME).rows
        rows += got
        if len(got) < VOLUME:
            break
    return [(one.contact_id, one.address, state) for one in rows[inside : inside + most]]


def _untold(alert: Alert) -> list[int]:
    release = alert.releases.filter(kind="release").first()
    return list(release.snapshot.get("untold", [])) if release else queries.untold(alert)


def _row(number: int, name: contacts.Name | None, phone: str, state: str) -> list[str]:
    if name is None:
        return [str(number), "（已不在通讯录）", "", "", phone, said.STATES[state]]
    return [str(number), name.name, name.area, name.position, phone, said.STATES[state]]


def _number(address: int, whole: bool) -> str:
    if not address:
        return "—"
    return str(address) if whole else contacts.mask(address)
