"""The reserve that lets a running send be recorded to its end on a full disk, and what happens after a fault of the disk."""

import os
import sqlite3

import structlog
from django.conf import settings

from fenghuo.ground.disk import trouble
from fenghuo.ground.disk.queries import RESERVE_BYTES, disk, reserve_path

log = structlog.get_logger(__name__)

STANDS = 30.0  # seconds that trouble is shown at least
PROBE = "disk-probe"
FULL, IO, CORRUPT, NOT_A_DATABASE = 13, 10, 11, 26  # SQLite's primary result codes
SHM_SIZE = 4874  # SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log, which is a full disk too


def met(error: BaseException) -> None:
    """A database error was seen. After a failed read, write or fsync nobody knows what is on disk: this process must end (B4)."""
    code = int(getattr(error, "sqlite_errorcode", 0) or 0)
    kind = {IO: "io", CORRUPT: "damaged", NOT_A_DATABASE: "damaged"}.get(code & 0xFF, "")
    if kind and code != SHM_SIZE and isinstance(error, sqlite3.Error):
        log.critical("disk_fault", kind=kind, code=getattr(error, "sqlite_errorname", ""), error=str(error))
        trouble.note(kind, str(error))


def is_full(error: BaseException) -> bool:
    """Whether a database error means that there is no room left."""
    code = int(getattr(error.__cause__, "sqlite_errorcode", 0) or 0)
    return code & 0xFF == FULL or code == SHM_SIZE


def spend_reserve() -> bool:
    """Give the reserve up, so that what has left can be recorded; True when there was one."""
    try:
        reserve_path().unlink()
    except FileNotFoundError:
        return False
    log.critical("reserve_spent", bytes=RESERVE_BYTES)
    return True


def lay_reserve() -> bool:
    """Put the reserve there while there is plenty of room; True when it is there."""
    path, found = reserve_path(), disk()
    if found.reserve:
        return True
    if found.free < found.least + 2 * RESERVE_BYTES:
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        log.warning("reserve_not_laid", error=str(error))
        return False
    return True


def look_again() -> None:
    """Once trouble has stood for a while and the disk takes a durable write again, it is over. Called by the worker."""
    age = trouble.age()
    if age is None or 0 <= age < STANDS or trouble.met():
        return
    path = settings.DATA / PROBE
    try:
        with path.open("wb") as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        log.error("disk_probe_failed", error=str(error))
        return
    trouble.forget()
    log.warning("disk_well_again")
