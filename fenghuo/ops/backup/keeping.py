"""Which backups a folder keeps: the newest, the last of each of the last days, and the first of every month."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fenghuo.ground import clock
from fenghuo.ops.config import Mode

_NAME = re.compile(r"fenghuo-(live|exercise)-([0-9]{8}T[0-9]{6}Z)\.zip")
_TIME = "%Y%m%dT%H%M%SZ"
_UNFINISHED = (".fenghuo-backup-*", ".fenghuo-*.partial")
_DEAD = timedelta(hours=6)  # whoever began that long ago has been killed


def name(mode: Mode, at: datetime) -> str:
    """What an archive is called."""
    return f"fenghuo-{mode}-{at.astimezone(UTC).strftime(_TIME)}.zip"


def archives(folder: Path, mode: Mode) -> list[tuple[datetime, Path]]:
    """The archives of a folder that carry our names, newest first. Others are none of our business."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        said = _NAME.fullmatch(path.name)
        if said and said[1] == mode and path.is_file():
            found.append((datetime.strptime(said[2], _TIME).replace(tzinfo=UTC), path))
    return sorted(found, reverse=True)


def superfluous(found: list[tuple[datetime, Path]], keep: int) -> list[Path]:
    """Those that may go. `found`: newest first."""
    stay = {path for _, path in found[:keep]}
    days: dict[str, Path] = {}
    months: dict[str, Path] = {}
    for at, path in found:
        days.setdefault(at.strftime("%Y-%m-%d"), path)  # the last of its day
        months[at.strftime("%Y-%m")] = path  # the first of its month
    stay |= set(list(days.values())[:keep]) | set(months.values())
    return [path for _, path in found if path not in stay]


def prune(folder: Path, mode: Mode, keep: int) -> list[Path]:
    """Remove what is superfluous; what went."""
    gone = superfluous(archives(folder, mode), keep)
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def sweep(folder: Path) -> None:
    """Remove what a killed backup left."""
    old = (clock.now() - _DEAD).timestamp()
    for pattern in _UNFINISHED:
        for path in folder.glob(pattern):
            if path.stat().st_mtime < old:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
