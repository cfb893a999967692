"""A backup in the middle of a warning, and the way back: what writers feel of it, how large it is, how long each takes.

Real processes throughout: `fenghuo up` sends to a simulated centre at a contracted rate while `fenghuo backup` runs beside it; a
group commit is a line of the tape, so the sender's commits are counted from outside. Then `fenghuo restore` on an empty folder.
"""

import argparse
import itertools
import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
django.setup()

from tests.makers.instance import Instance, fenghuo, running_instance  # noqa: E402

LOOK = 0.05  # seconds between two looks at the tape
QUIET = 5.0  # seconds of sending without a backup, before and after


class Commits(threading.Thread):
    """Group commits of the sender over time, and the longest pause between two."""

    def __init__(self, ledger: Path) -> None:
        super().__init__(daemon=True)
        self._ledger, self._over = ledger, threading.Event()
        self.seen: list[tuple[float, int]] = []

    def run(self) -> None:
        """Look until `end`."""
        with closing(sqlite3.connect(f"{self._ledger.as_uri()}?mode=ro", uri=True)) as database:
            while not self._over.wait(LOOK):
                row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'delivery_entry'").fetchone()
                self.seen.append((time.monotonic(), int(row[0]) if row else 0))

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()

    def between(self, begin: float, end: float) -> dict[str, float]:
        """Commits a second, and the longest time in which there was none."""
        seen = [(at, n) for at, n in self.seen if begin <= at <= end]
        if len(seen) < 2:
            return {"per_s": 0.0, "longest_pause_ms": 0.0}
        longest, since = 0.0, seen[0][0]
        for (_, before), (at, now) in itertools.pairwise(seen):
            if now > before:
                longest, since = max(longest, at - since), at
        seconds = seen[-1][0] - seen[0][0]
        return {"per_s": round((seen[-1][1] - seen[0][1]) / seconds, 1), "longest_pause_ms": round(longest * 1000)}


def measure(recipients: int, rate: int) -> dict[str, Any]:
    """One backup and one restore at this size."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-backup-bench-") as folder:
        place = Path(folder)
        archive = place / "bench.zip"
        with running_instance(recipients=recipients, rate=rate) as it:
            it.signed()
            _until(lambda: it.smsc.summary()["recipients"] > rate)
            told = _under_load(it, archive)
        begun = time.monotonic()
        done = fenghuo("restore", str(archive), "--into", str(place / "second"), "--json")
        back = json.loads(done.stdout.splitlines()[-1])
        return {
            "recipients": recipients,
            "rate": rate,
            **told,
            "restore_seconds": round(time.monotonic() - begun, 1),
            "restored_unsent": back["unsent"],
            "restored_rows": back["rows"],
        }


def _under_load(it: Instance, archive: Path) -> dict[str, Any]:
    commits = Commits(it.data / "ledger.db")
    commits.start()
    start = time.monotonic()
    time.sleep(QUIET)
    begun, sent = time.monotonic(), it.smsc.summary()["recipients"]
    made = json.loads(it.fenghuo("backup", "--to", str(archive), "--json").stdout.splitlines()[-1])
    ended, then = time.monotonic(), it.smsc.summary()["recipients"]
    time.sleep(QUIET)
    commits.end()
    return {
        "databases_mb": round(sum((it.data / name).stat().st_size for name in ("main.db", "ledger.db")) / 2**20, 1),
        "archive_mb": round(made["bytes"] / 2**20, 1),
        "backup_seconds": made["seconds"],
        "locked_ms": made["locked_ms"],
        "commits_before": commits.between(start, begun),
        "commits_during": commits.between(begun, ended),
        "commits_after": commits.between(ended, time.monotonic()),
        "sent_per_s_during": round((then - sent) / (ended - begun)),
    }


def _until(done: Any, within: float = 120.0) -> None:
    deadline = time.monotonic() + within
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def main() -> int:
    """Print the figures; `--json` as one line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backup", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=20_000, help="the gateway's numbers a second")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.recipients, args.rate)
    print(json.dumps(found) if args.json else "\n".join(f"{name:22} {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
