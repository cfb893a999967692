"""Both databases at one moment, while others write without a pause."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fenghuo.ops.backup import snapshot
from fenghuo.ops.config import ConfigError

ROWS = 3000
ROUNDS = 8


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Two databases of some megabytes each, as an installation has them."""
    found = {"default": tmp_path / "main.db", "ledger": tmp_path / "ledger.db"}
    for path in found.values():
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE django_session (x TEXT)")
            database.execute("CREATE TABLE counter (n INTEGER, filling BLOB)")
            database.execute("BEGIN")
            database.executemany("INSERT INTO counter VALUES (0, randomblob(1000))", [()] * ROWS)
            database.execute("COMMIT")
    return found


@pytest.fixture
def writing(files: dict[str, Path]) -> Iterator[list[int]]:
    """Somebody who writes the same number first into the one, then into the other, again and again; how often."""
    stop, done = threading.Event(), [0]

    def work() -> None:
        with (
            closing(sqlite3.connect(files["default"], timeout=20, isolation_level=None)) as main,
            closing(sqlite3.connect(files["ledger"], timeout=20, isolation_level=None)) as ledger,
        ):
            while not stop.is_set():
                done[0] += 1
                for database in (main, ledger):
                    database.execute("UPDATE counter SET n = ? WHERE rowid % 50 = 0", (done[0],))

    thread = threading.Thread(target=work)
    thread.start()
    yield done
    stop.set()
    thread.join()


def number(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        (found,) = database.execute("SELECT DISTINCT n FROM counter WHERE rowid % 50 = 0").fetchall()
    return int(found[0])


def test_no_act_falls_between_the_two(files: dict[str, Path], writing: list[int], tmp_path: Path) -> None:
    seen = []
    for turn in range(ROUNDS):
        before = writing[0]
        with snapshot.taken(files) as taken:
            while writing[0] < before + 3:  # whoever writes goes on while the copies are made
                time.sleep(0.001)
            copies = [tmp_path / f"{turn}-{alias}" for alias in files]
            for (alias, source), copy in zip(taken.connections.items(), copies, strict=True):
                snapshot.copy(source, copy, lambda _: None, scrub=alias == "default")
        first, second = map(number, copies)
        assert first - second in (0, 1), "the second database is of another moment than the first"
        assert first < writing[0]
        seen.append(first)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_the_control_a_copy_one_after_the_other_is_of_two_moments(
    files: dict[str, Path], writing: list[int], tmp_path: Path
) -> None:
    """The harness would notice: this is how a backup must not be made."""
    for turn in range(50):
        found = []
        for alias, path in files.items():
            before, copy = writing[0], tmp_path / f"{turn}-{alias}"
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            found.append(number(copy))
            while writing[0] < before + 2:
                time.sleep(0.001)
        if found[0] - found[1] not in (0, 1):
            return
    raise AssertionError("fifty naive copies were all of one moment: this test proves nothing")


def test_nobodys_session_is_in_the_copy(files: dict[str, Path], tmp_path: Path) -> None:
    with closing(sqlite3.connect(files["default"])) as database:
        database.execute("INSERT INTO django_session VALUES ('cookie-of-a-signer')")
        database.commit()
    with snapshot.taken(files) as taken:
        snapshot.copy(taken.connections["default"], tmp_path / "copy", lambda _: None, scrub=True)
    assert b"cookie-of-a-signer" not in (tmp_path / "copy").read_bytes()


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(files: dict[str, Path], tmp_path: Path) -> None:
    with closing(sqlite3.connect(files["ledger"])) as database:
        database.execute("CREATE INDEX by_n ON counter (n)")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = bytearray(files["ledger"].read_bytes())
    for at in range(4096 * 8, len(pages) // 2, 4096):
        pages[at : at + 64] = b"\xff" * 64
    files["ledger"].write_bytes(pages)
    with pytest.raises((ConfigError, sqlite3.DatabaseError)), snapshot.taken(files) as taken:
        snapshot.copy(taken.connections["ledger"], tmp_path / "copy", lambda _: None, scrub=False)
