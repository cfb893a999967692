"""CAP times: whole seconds with a numeric offset, never Z, never a fraction (OASIS CAP-v1.2 §3.3.2)."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone, tzinfo

from fenghuo.wire.cap.errors import CapError

CHINA = timezone(timedelta(hours=8))
"""The one civil time of China; what `build` writes unless told otherwise."""

_FORM = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}:[0-9]{2})([+-])([0-9]{2}):([0-9]{2})")


def whole_second(moment: datetime, path: str) -> datetime:
    """The moment without its fraction; CapError `time` for a naive time, which could mean any zone."""
    if moment.utcoffset() is None:
        raise CapError("time", f"时间 {moment} 缺少时区", f"time {moment} has no zone", path=path)
    return moment.replace(microsecond=0)


def write_time(moment: datetime, zone: tzinfo | None = CHINA, path: str = "") -> str:
    """`2024-07-19T04:30:00+08:00`; with `zone=None` the moment's own offset is kept. UTC is written `-00:00`."""
    try:
        local = whole_second(moment, path) if zone is None else whole_second(moment, path).astimezone(zone)
        offset = local.utcoffset() or timedelta(0)
    except (OverflowError, ValueError) as error:
        raise CapError("time", f"时间 {moment} 超出范围", f"time {moment} is out of range", path=path) from error
    minutes, rest = divmod(abs(int(offset.total_seconds())), 60)
    if rest or minutes > 14 * 60:
        raise CapError("time", f"时区 {offset} 无法写入 CAP", f"CAP cannot write the offset {offset}", path=path)
    sign = "+" if offset > timedelta(0) else "-"
    return f"{local.replace(tzinfo=None).isoformat(timespec='seconds')}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def read_time(text: str, path: str = "") -> datetime:
    """The aware datetime of a CAP time; midnight may be written 24:00:00 of the day before. CapError `time` else."""
    match = _FORM.fullmatch(text.strip(" \t\r\n"))
    if match is None:
        raise CapError(
            "time",
            f"时间“{text[:40]}”应写作 2024-07-19T04:30:00+08:00（不用 Z、空格和小数）",
            f"time {text[:40]!r} must be written 2024-07-19T04:30:00+08:00 (no Z, no space, no fraction)",
            path=path,
        )
    day, hour, rest, sign, offset_hours, offset_minutes = match.groups()
    midnight = hour == "24" and rest == "00:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{'00' if midnight else hour}:{rest}")
        moment += timedelta(days=1) if midnight else timedelta(0)
        if int(offset_minutes) > 59 or int(offset_hours) * 60 + int(offset_minutes) > 14 * 60:
            raise ValueError("offset")
        if not MINYEAR < moment.year < MAXYEAR:
            raise ValueError("year")  # in another zone, UTC for one, it would be no time at all
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    except (ValueError, OverflowError) as error:
        raise CapError(
            "time", f"没有“{text[:40]}”这一时刻", f"there is no such time as {text[:40]!r}", path=path
        ) from error
    zone = UTC if not offset else timezone(offset if sign == "+" else -offset)
    return moment.replace(tzinfo=zone)
