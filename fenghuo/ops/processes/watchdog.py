"""Tells systemd that a process still gets on with its work; where it says so no more, systemd starts it again (WatchdogSec)."""

import os
import socket

import structlog

log = structlog.get_logger("fenghuo.watchdog")


def beat() -> None:
    """One sign of life; nothing where no systemd listens."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name  # @ is how systemd writes an abstract socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(b"WATCHDOG=1", address)
        except OSError as wrong:
            log.warning("watchdog_unheard", reason=str(wrong))
