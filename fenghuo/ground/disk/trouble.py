"""What a process has seen its disk do, told to all others by a small file in the data folder; without fsync, which may fail too."""

import json
import threading
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from fenghuo.ground import clock

FILE = "disk-trouble.json"
_met = threading.Event()


def _path() -> Path:
    return Path(settings.DATA) / FILE


def note(kind: str, said: str) -> None:
    """From now on this process is done for, and every other one knows why."""
    _met.set()
    # Where not even this can be written, this process still knows, and its supervisor sees it fall.
    with suppress(OSError):
        _path().write_text(json.dumps({"kind": kind, "said": said, "at": clock.now().isoformat()}), encoding="utf-8")


def met() -> bool:
    """Whether this very process has seen trouble: what it holds in memory may not be what is on disk."""
    return _met.is_set()


def standing() -> str:
    """`io` or `damaged` while trouble is told of, else ""."""
    try:
        told = json.loads(_path().read_text(encoding="utf-8"))
        return str(told["kind"])
    except FileNotFoundError:
        return "io" if met() else ""
    except (OSError, ValueError, KeyError, TypeError):
        return "io"


def age() -> float | None:
    """Seconds since it was told, by the file system's clock; None where nothing is told."""
    try:
        return clock.now().timestamp() - _path().stat().st_mtime
    except OSError:
        return None


def forget() -> None:
    """The trouble is over."""
    _path().unlink(missing_ok=True)
