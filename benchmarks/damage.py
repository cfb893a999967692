"""B5: random bytes over a page of a database file, again and again: whatever is started on it must refuse.

Each time a copy of one of the two files is damaged, and what every process asks before it serves (`installation.whole`) is asked:

    served             damaged copies that were taken for whole; the promise is 0
    said_badly         refusals without the file's name or without the way out
    page heads         64 random bytes at the head of a page in use (`--where head`)
    anywhere           one byte anywhere (`--where byte`): in the midst of a text no structure can tell, but what is signed has its
                       hash. For comparison, not for the promise

    .venv/bin/python -m fenghuo init --data FOLDER
    .venv/bin/python -m benchmarks.house FOLDER benchmarks.damage --flips 200

Prints one line of JSON; exit status 1 when damage at the head of a page was served.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connections

from benchmarks.memory import place
from fenghuo.ops import installation
from fenghuo.ops.config import ConfigError

FILES = {"default": "main.db", "ledger": "ledger.db"}
PAGE, HEAD = 4096, 64


def page_head(content: bytearray, chance: random.Random) -> None:
    """Random bytes over the head of a page that is in use."""
    page = chance.randrange(1, len(content) // PAGE) * PAGE
    content[page : page + HEAD] = chance.randbytes(HEAD)


def one_byte(content: bytearray, chance: random.Random) -> None:
    """One byte is another."""
    content[chance.randrange(len(content))] ^= chance.randrange(1, 256)


WAYS: dict[str, Callable[[bytearray, random.Random], None]] = {"head": page_head, "byte": one_byte}


def refusal(alias: str, file: Path) -> str:
    """What is said instead of serving with this file; empty where it is taken for whole."""
    connections[alias].close()
    connections[alias].settings_dict["NAME"] = file
    try:
        installation.whole()
    except ConfigError as refused:
        return str(refused)
    return ""


def damaged(flips: int, where: str, folder: Path) -> dict[str, object]:
    """What came of so many damaged copies."""
    began, served, badly = time.monotonic(), 0, 0
    for seed in range(flips):
        chance = random.Random(seed)
        alias = "default" if seed % 2 == 0 else "ledger"
        name, other = FILES[alias], next(one for one in FILES if one != alias)
        content = bytearray((settings.DATA / name).read_bytes())
        WAYS[where](content, chance)
        (folder / name).write_bytes(content)
        connections[other].close()
        connections[other].settings_dict["NAME"] = settings.DATA / FILES[other]
        said = refusal(alias, folder / name)
        served += not said
        badly += bool(said) and not (name in said and "fenghuo restore" in said)
    return {
        "good": not badly and (where == "byte" or not served), "flips": flips, "where": where, "served": served,
        "said_badly": badly, "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.damage", description=__doc__.splitlines()[0])
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--where", choices=tuple(WAYS), default="head")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: JSON is what is printed")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fenghuo-damage-", dir=place()) as folder:
        found = damaged(chosen.flips, chosen.where, Path(folder))
        connections.close_all()
    print(json.dumps(found))
    return 0 if found["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
