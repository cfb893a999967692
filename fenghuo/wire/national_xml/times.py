"""Times of the national XML: `2020-02-05 10:45:00+08:00`, with a space where CAP has a T."""

import re
from datetime import datetime, tzinfo

from fenghuo.wire.cap import Problem
from fenghuo.wire.cap import times as cap
from fenghuo.wire.cap.errors import warning

CHINA = cap.CHINA
_BARE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")
_COMPACT = re.compile(r"[0-9]{14}")


def write_time(moment: datetime, path: str = "", zone: tzinfo = CHINA) -> str:
    """`2020-02-05 10:45:00+08:00`. CapError `time` for what cannot be written."""
    return cap.write_time(moment, zone, path).replace("T", " ", 1)


def read_time(text: str, path: str, remarks: list[Problem]) -> datetime:
    """The aware datetime; a T instead of the space is read, and a missing zone is China's (remarked). CapError `time` else."""
    written = text.strip(" \t\r\n")
    if _BARE.fullmatch(written):
        zh, en = f"时间“{written}”未写时区，按北京时间读取", f"{written!r} has no zone and was read as China time"
        remarks.append(warning("zone", path, zh, en))
        written += "+08:00"
    return cap.read_time(written.replace(" ", "T", 1), path)


def read_compact(text: str) -> datetime | None:
    """The time inside an identifier, YYYYMMDDhhmmss in China; None when it is none."""
    if not _COMPACT.fullmatch(text):
        return None
    try:
        return datetime.strptime(f"{text}+0800", "%Y%m%d%H%M%S%z").astimezone(CHINA)
    except (ValueError, OverflowError):
        return None
