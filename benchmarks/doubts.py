"""Responses get lost after the gateway took the message (G3): who is told twice, who never, and whether all of it is listed.

One release for each policy and number of segments, one recipient to a SUBMIT. The SMS centre takes every SUBMIT and loses a share
of its responses (`--loss`), and a share of its status reports as well, so that not every doubt resolves itself. The waits of the
policies are shortened, their order is not. When nothing more happens by itself, cell by cell (a segment to a number):

    lost          never accepted by the centre, or shown as something that the centre's record contradicts, or open for ever
    duplicates    acceptances beyond the first
    doubts        times that a cell was in doubt, as the ledger lists them
    unlisted      duplicates beyond the doubts listed of that very cell
    third_copies  cells accepted more than twice: a second doubt is a person's
    not_listed    people still in doubt who are not on the list for a person

    python -m benchmarks.doubts --messages 10000 --json

Exit status 1 unless all but `duplicates` and `doubts` are 0, there were doubts, and duplicates ≤ doubts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks import children

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}


def measured(messages: int, loss: float, fault: str) -> tuple[int, dict[str, Any]]:
    """(exit status, figures) in a fresh house; raises RuntimeError with the reason where it came to no end."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-doubts-") as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.doubts_house"]
        command += [f"--messages={messages}", f"--loss={loss}", f"--fault={fault}"]
        done = children.run(command, env=CLEAN, stdout=subprocess.PIPE)
    if not done.stdout:
        raise RuntimeError(f"ended with status {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, found


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doubts", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000, help="recipients of each release")
    parser.add_argument("--loss", type=float, default=0.05, help="share of responses lost")
    parser.add_argument("--fault", default="", help="run a sender that is wrong on purpose (crash_faults, FAULTS)")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        status, found = measured(chosen.messages, chosen.loss, chosen.fault)
    except RuntimeError as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps(found))
    else:
        for one in found["releases"]:
            print("  ".join(f"{name} {value}" for name, value in one.items()))
    return status


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
