"""Both SQLite databases at one moment, without keeping anybody waiting for longer than it takes to open two snapshots.

Both write locks are held together for that moment, so no act falls between the two; what was opened then is copied at leisure while
people and senders go on writing. In WAL mode a reader stops nobody; the log grows until the copy is done.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from fenghuo.ground import clock
from fenghuo.ops.backup.archive import Progress
from fenghuo.ops.config import ConfigError

PATIENCE = 60.0  # seconds to wait for a moment in which nobody writes
TOGETHER = 1.0  # seconds that one lock may be held while the other is waited for: a page waits five
LOOK = 0.001
PAGES = 256  # of 4 KiB, copied in one step: a reader that lets others at the disk in between
SCRUB = "django_session"  # cookies of people signed in: of no use to a restore, and of use to a thief


@dataclass
class Snapshot:
    """Read transactions on both databases that began at one moment; `locked`: seconds for which writers waited."""

    connections: dict[str, sqlite3.Connection]
    locked: float


@contextmanager
def taken(files: dict[str, Path]) -> Iterator[Snapshot]:
    """A snapshot of each file, by alias; the first is locked first, as everybody else does. Raises ConfigError."""
    with ExitStack() as stack:
        writers = [stack.enter_context(closing(_open(file))) for file in files.values()]
        readers = {alias: stack.enter_context(closing(_open(file))) for alias, file in files.items()}
        _lock(writers)
        begun = clock.monotonic()
        for reader in readers.values():
            reader.execute("BEGIN")
            reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # only a read opens the snapshot
        for writer in writers:
            writer.execute("ROLLBACK")
        yield Snapshot(readers, clock.monotonic() - begun)


def _open(file: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)
    except sqlite3.Error as error:
        raise ConfigError(f"{file}：数据库无法打开 / the database cannot be opened: {error}") from None


def _lock(writers: list[sqlite3.Connection]) -> None:
    """Both write locks, or neither for longer than `TOGETHER`: nobody else takes the two in another order for good."""
    deadline = clock.monotonic() + PATIENCE
    first, second = writers
    while _begin(first, deadline):
        if _begin(second, clock.monotonic() + TOGETHER):
            return
        first.execute("ROLLBACK")
    raise ConfigError(
        f"数据库一直被占用（{PATIENCE:.0f} 秒），未做备份，请稍后再试 / a database was kept busy for {PATIENCE:.0f} s; "
        "no backup was made: try again later"
    )


def _begin(connection: sqlite3.Connection, deadline: float) -> bool:
    """Take the write lock; False where others had it until the deadline."""
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise ConfigError(f"数据库无法读取 / a database cannot be read: {error}") from None
            if clock.monotonic() > deadline:
                return False
            Event().wait(LOOK)
        else:
            return True


def copy(source: sqlite3.Connection, to: Path, progress: Progress, *, scrub: bool) -> None:
    """The snapshot as a file of its own, proved whole. `scrub`: without anybody's session. Raises ConfigError for damage."""
    page = int(source.execute("PRAGMA page_size").fetchone()[0])
    left = [int(source.execute("PRAGMA page_count").fetchone()[0])]

    def said(_status: int, remaining: int, _total: int) -> None:
        progress((left[0] - remaining) * page)
        left[0] = remaining

    with closing(sqlite3.connect(to, isolation_level=None)) as target:
        # The copy is made again where it is cut short; what must be durable is the archive.
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target, pages=PAGES, progress=said, sleep=0)
        target.execute("PRAGMA journal_mode=DELETE")
        if scrub:
            target.execute("PRAGMA secure_delete=ON")
            target.execute(f"DELETE FROM {SCRUB}")
        answer = str(target.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if answer != "ok":
        raise ConfigError(
            f"{to.name}：数据库已损坏，未做备份，请从较早的备份恢复 / the database is damaged, so no backup was made; "
            f"restore an earlier one: {answer}"
        )


def counts(file: Path) -> dict[str, int]:
    """Rows of every table."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {
            name: int(connection.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0])
            for name in names
            if not name.startswith("sqlite_")
        }
