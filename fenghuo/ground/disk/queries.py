"""How the data folder's disk is: how much room there is, and whether it has failed (faults B3, B4, B5)."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from fenghuo.ground.disk import trouble

MB = 2**20
RESERVE_FILE = "reserve"
RESERVE_BYTES = 64 * MB


@dataclass(frozen=True)
class Disk:
    """`free` and `least` in bytes; `trouble` is `io`, `damaged` or ""."""

    free: int
    least: int
    trouble: str
    reserve: bool

    @property
    def free_mb(self) -> int:
        """Free megabytes, for people."""
        return self.free // MB

    @property
    def least_mb(self) -> int:
        """Megabytes that must be free, for people."""
        return self.least // MB

    @property
    def low(self) -> bool:
        """Too full to take on anything new."""
        return self.free < self.least

    @property
    def state(self) -> str:
        """`well`, `low`, `io` or `damaged`."""
        return self.trouble or ("low" if self.low else "well")


def disk() -> Disk:
    """Asked anew each time: a look at the file system costs microseconds."""
    found = os.statvfs(settings.DATA)
    return Disk(
        free=found.f_bavail * found.f_frsize,
        least=settings.FENGHUO.least_free_mb * MB,
        trouble=trouble.standing(),
        reserve=reserve_path().exists(),
    )


def reserve_path() -> Path:
    """The file that is given up when the disk is really full."""
    return Path(settings.DATA) / RESERVE_FILE


def failed() -> bool:
    """Whether this process has met a fault of the disk: it must end and read the disk again."""
    return trouble.met()
