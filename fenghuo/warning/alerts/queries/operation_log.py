"""The operation log (运行工作日志): a view of the journal, in the columns of the town's form (XC 18, annex 1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.warning.alerts.models import Alert, Release

PREFIX = "alert."
# Autosaves of a draft are in the journal; the town's form lists what was done with the system, not every keystroke.
LEFT_OUT = ("alert.edit",)


@dataclass(frozen=True)
class LogLine:
    """One line: what was done, by whom, when and how proved; for a release and a correction also the text sent, to how many,
    and how it went. `persons` are the hands a release passed through, `by` who did this, `confirmed_by` who agreed.
    """

    at: datetime
    act: str
    summary: str
    text: str
    count: int
    persons: dict[str, str]
    factor: str
    code: str
    by: str
    confirmed_by: str
    reason: str
    progress: ledger.Progress | None


def operation_log(
    organisation: Organisation, *, day: date | None = None, until: date | None = None, alert: Alert | None = None
) -> list[LogLine]:
    """Lines in order of time, of a local day (or of the days from `day` to `until`), or of one alert."""
    entries = journal.entries(organisation.id).filter(act__startswith=PREFIX).exclude(act__in=LEFT_OUT)
    if day is not None:
        first = timezone.make_aware(datetime.combine(day, time.min))
        after = (until or day) + timedelta(days=1)
        entries = entries.filter(at__gte=first, at__lt=timezone.make_aware(datetime.combine(after, time.min)))
    if alert is not None:
        entries = entries.filter(subject=alert.id)
    rows = list(entries)
    alerts = Alert.objects.filter(organisation=organisation).in_bulk({row.subject for row in rows})
    releases = {(one.alert_id, f"{PREFIX}{_verb(one.kind)}"): one for one in Release.objects.filter(alert__in=alerts)}
    sent = _sent(releases.values())
    progress = ledger.progress(sent.values())
    return [
        _line(row, alerts.get(row.subject), release, progress.get(sent.get(release.pk, "")) if release else None)
        for row in rows
        for release in [releases.get((row.subject, row.act))]
    ]


def _sent(releases: Collection[Release]) -> dict[str, str]:
    """What each release sent: itself its own broadcast, a correction the one that the sender made for it, a recall nothing."""
    corrections = ledger.corrections_of([one.broadcast for one in releases if one.kind == "correct"])
    broadcasts = {one.pk: one.broadcast for one in releases if one.kind == "release"}
    corrected = {one.pk: corrections.get(one.broadcast, "") for one in releases if one.kind == "correct"}
    return broadcasts | {pk: broadcast for pk, broadcast in corrected.items() if broadcast}


def _verb(kind: str) -> str:
    return "sign" if kind == "release" else kind


def _line(row: JournalEntry, alert: Alert | None, release: Release | None, progress: ledger.Progress | None) -> LogLine:
    snapshot: dict[str, Any] = release.snapshot if release else {}
    evidence: dict[str, Any] = row.detail.get("evidence") or {}
    signed = release is not None and release.kind == "release"
    return LogLine(
        at=row.at,
        act=row.act.removeprefix(PREFIX),
        summary=alert.headline if alert else "",
        text=snapshot.get("text", ""),
        count=snapshot["document"]["audience"]["count"] if signed else progress.count if progress else 0,
        persons=snapshot.get("persons", {}) if signed else {},
        factor=str(row.detail.get("factor", "")),
        code=snapshot.get("code", ""),
        by=str(row.actor.get("name", "")),
        confirmed_by=str(evidence.get("name", "")) if row.act in (f"{PREFIX}recall", f"{PREFIX}correct") else "",
        reason=str(row.detail.get("reason", "")),
        progress=progress,
    )
