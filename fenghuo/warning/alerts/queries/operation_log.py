"""The operation log (运行工作日志): a view of the journal, in the columns of the town's form (XC 18, annex 1)."""

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
    """One line: what was done, by whom, when and how proved; for a release also the text sent, to how many, and how it went."""

    at: datetime
    act: str
    summary: str
    text: str
    count: int
    persons: dict[str, str]
    factor: str
    code: str
    by: str
    reason: str
    progress: ledger.Progress | None


def operation_log(organisation: Organisation, *, day: date | None = None, alert: Alert | None = None) -> list[LogLine]:
    """Lines in order of time, of a local day or of one alert."""
    entries = journal.entries(organisation.id).filter(act__startswith=PREFIX).exclude(act__in=LEFT_OUT)
    if day is not None:
        first = timezone.make_aware(datetime.combine(day, time.min))
        entries = entries.filter(
            at__gte=first, at__lt=timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
        )
    if alert is not None:
        entries = entries.filter(subject=alert.id)
    rows = list(entries)
    alerts = Alert.objects.filter(organisation=organisation).in_bulk({row.subject for row in rows})
    releases = {(one.alert_id, f"{PREFIX}{_verb(one.kind)}"): one for one in Release.objects.filter(alert__in=alerts)}
    progress = ledger.progress({one.broadcast for one in releases.values()})
    return [_line(row, alerts.get(row.subject), releases.get((row.subject, row.act)), progress) for row in rows]


def _verb(kind: str) -> str:
    return "sign" if kind == "release" else kind


def _line(
    row: JournalEntry, alert: Alert | None, release: Release | None, progress: dict[str, ledger.Progress]
) -> LogLine:
    snapshot: dict[str, Any] = release.snapshot if release else {}
    return LogLine(
        at=row.at,
        act=row.act.removeprefix(PREFIX),
        summary=alert.headline if alert else "",
        text=snapshot.get("text", ""),
        count=snapshot["document"]["audience"]["count"] if release else 0,
        persons=snapshot.get("persons", {}),
        factor=str(row.detail.get("factor", "")),
        code=snapshot.get("code", ""),
        by=str(row.actor.get("name", "")),
        reason=str(row.detail.get("reason", "")),
        progress=progress.get(release.broadcast) if release and release.kind == "release" else None,
    )
