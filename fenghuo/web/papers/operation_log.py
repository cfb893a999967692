"""运行工作日志 on paper: one day, several days, or one alert from its draft to its last receipt (XC 18, annex 1)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.refusal import CHINESE, Refused
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.queries import LogLine
from fenghuo.web import words
from fenghuo.web.papers import said, setter

MOST_LINES = 3000  # about 300 sheets; whoever needs more prints by month
EMPTY = "当日无发布，无系统事项。"


def of_days(organisation: Organisation, day: date, until: date) -> bytes:
    """From `day` to `until`. A day without entries is printed too, to be signed. Raises Refused for more than fits."""
    lines = queries.operation_log(organisation, day=day, until=until)
    scope = f"日期：{said.day(day)}" if day == until else f"日期：{said.day(day)}至{said.day(until)}"
    return _sheet(organisation, scope, lines, _head(day, until))


def of_alert(organisation: Organisation, alert: Alert) -> bytes:
    """Everything done about one alert."""
    lines = queries.operation_log(organisation, alert=alert)
    return _sheet(organisation, f"事项：{alert.headline}（{alert.code}）", lines)


def _head(day: date, until: date) -> str:
    """Where the journal stood, out of reach of whoever could change it here (fault X17); in groups, to be read and typed."""
    signed = journal.last_signed_head(*whole_days(day, until))
    if signed is None:
        return ""
    groups = " ".join(signed.hash[start : start + 8] for start in range(0, len(signed.hash), 8))
    return f"审计日志链头（{timezone.localtime(signed.at):%Y-%m-%d %H:%M} 签名）：{signed.seq}:{groups}"


def whole_days(day: date, until: date) -> tuple[datetime, datetime]:
    """From the first moment of `day` to that after `until`, by the wall clock here."""
    first, after = (datetime.combine(one, time.min) for one in (day, until + timedelta(days=1)))
    return timezone.make_aware(first), timezone.make_aware(after)


def _sheet(organisation: Organisation, scope: str, lines: Sequence[LogLine], head: str = "") -> bytes:
    if len(lines) > MOST_LINES:
        reason = _("There are %(lines)s entries; one paper holds %(most)s. Choose fewer days.")
        raise Refused("too_many_lines", reason, field="until", params={"lines": len(lines), "most": MOST_LINES})
    data = {
        "organisation": organisation.name,
        "scope": scope,
        "empty": EMPTY,
        "head": head,
        "lines": [_line(one) for one in lines],
    }
    return setter.paper("operation_log.typ", data, tagged=len(lines) < 300)


def _line(line: LogLine) -> dict[str, str]:
    with translation.override(CHINESE):
        act, persons, outcome = words.act(line.act), words.persons(line), words.outcome(line)
    at = timezone.localtime(line.at)
    return {
        "day": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M:%S}",
        "act": act,
        "summary": line.summary,
        "text": "\n".join(part for part in (line.text, line.reason, outcome) if part),
        "count": str(line.count or ""),
        "persons": persons,
        "code": line.code,
    }
