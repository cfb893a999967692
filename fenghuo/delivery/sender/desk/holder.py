"""Who holds a lease: this process, named so that a later one on the same machine can tell that it has ended."""

import os
import socket
from pathlib import Path

from fenghuo.delivery.ledger import queries


def _place() -> str:
    """This machine since its last start, and this process's view of process numbers."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    name = boot.read_text(encoding="ascii").strip()[:13] if boot.exists() else socket.gethostname()
    return f"{name}:{os.stat('/proc/self/ns/pid').st_ino if boot.exists() else 0}"


def holder() -> str:
    """This process as a holder of leases."""
    return f"{_place()}:{os.getpid()}:{_started(os.getpid())}"


def dead_holder(account: str) -> str:
    """The account's last holder when it was a process of this machine that has ended; "" when nobody can tell.

    So a sender that was killed is replaced at once, without waiting for its lease to run out.
    """
    name = queries.holder_of(account)
    place, _, rest = name.rpartition(":")[0].rpartition(":")
    started = name.rpartition(":")[2]
    if place != _place() or not rest.isdigit():
        return ""
    return "" if _started(int(rest)) == started else name


def _started(process: int) -> str:
    """When a process began, in clock ticks since boot; "" when there is none of that number (a zombie has ended too)."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
