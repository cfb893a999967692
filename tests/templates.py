"""What takes long to make and is the same for all tests is made once in a run, by whoever asks first, and copied by everybody.

A run may have several test processes: xdist's workers, the groups of `make test`, and test processes that a test starts.
They find each other by TEMPLATES_FOR_TESTS, a folder that the first of them makes and removes.
"""

import atexit
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = {"default": "main.db", "ledger": "ledger.db"}


def shared() -> Path:
    """The run's folder of templates; whoever finds none makes it, for those it starts as well."""
    if "TEMPLATES_FOR_TESTS" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="fenghuo-templates-")
        atexit.register(folder.cleanup)
        os.environ["TEMPLATES_FOR_TESTS"] = folder.name
    return Path(os.environ["TEMPLATES_FOR_TESTS"])


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder of that name, made by `make`; never to be changed. Others wait meanwhile."""
    found, unfinished = shared() / name, shared() / f"{name}.unfinished"
    with (shared() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            if unfinished.exists():  # whoever made it was killed
                shutil.rmtree(unfinished)
            make(unfinished)
            unfinished.rename(found)
    return found


def tables() -> Path:
    """A folder with both databases as `fenghuo init` makes their tables, and nothing in them."""
    return once("tables", _make_tables)


def _make_tables(folder: Path) -> None:
    folder.mkdir()
    migrate(folder)
    for name in FILES.values():  # one file each, which may be copied and read from memory
        with closing(sqlite3.connect(folder / name)) as database:
            database.execute("PRAGMA journal_mode = DELETE")


def migrate(folder: Path, **environment: str) -> None:
    """What `fenghuo init` does to the databases of a data folder before it puts anything into them."""
    program = "import django; django.setup(); from fenghuo.ops import installation; installation.migrate()"
    where = {"DJANGO_SETTINGS_MODULE": "fenghuo.ops.settings", "FENGHUO_DATA": str(folder)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **where, **environment}, check=True)
