"""H3, fault A1: a random walk through everything that may happen to recipients in doubt, receipts and recalls, beside an oracle.

Three accounts with real desks, talks and ledger on SQLite; a gateway in plain Python that takes, refuses, throttles and loses
submits, and reports early, late, doubled, in any order, to the contrary or about nothing. A step is one of: a turn (orders, claims,
commit, bytes, acknowledgements), answers, late answers, silence, reports, a broken line, a sender that dies, also between any
commit, byte and acknowledgement of a turn, a look around (second copies, expiry, closing), a fold, a hand-over, and what people do:
release, recall, correction, decisions on those in doubt, the hand brake. Near the end an account leaves the settings. After each
step every cell is what `machine_oracle` says, which is written from the documents and shares no code with the ledger:

    nothing leaves that is not intended on disk, nor anything recalled, expired or paused, nor a second copy that is not due
    a report changes its own recipient or nobody; what is acknowledged had its effect on disk or is listed there
    the first final word stands; no phone has more copies than doubts and one; a correction is for exactly those ever intended
    after a death all is as it was on disk, and what was intended is in doubt; in the end nobody is left over

    python -m benchmarks.machine --steps 100000 --json
    python -m benchmarks.machine --steps 3000 --fault all --json          with what is planted wrong, until each is met

Exit status 1 when something was so that must not be, or a planted fault was not met.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks import children
from benchmarks.memory import place

FAULTS = (
    "send_then_mark", "acknowledge_then_commit", "silent_resend", "deaf_to_recall", "forgets_doubts", "does_not_heed_people",
    "forgets_the_first_word",
)  # fmt: skip
# The folders here are their own: nothing of the operator's reaches them.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}


def walked(steps: int, seed: int, fault: str = "") -> dict[str, Any]:
    """One walk in a fresh house, in memory where there is room: SIGKILL is not what is tested here."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-walk-", dir=place()) as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.machine_end"]
        command += [f"--steps={steps}", f"--seed={seed}", f"--fault={fault}"]
        done = children.run(command, env=CLEAN, stdout=subprocess.PIPE)
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"good"')]
    if not lines:
        return {"good": False, "violation": f"ended with status {done.returncode}", "fault": fault}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def main(arguments: list[str] | None = None) -> int:
    """Prints what the walk came to, or with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.machine", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--fault", default="", choices=["", "all", *FAULTS], help="walk with something that is wrong on purpose"
    )
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.fault == "all":
        walks = [walked(chosen.steps, chosen.seed, fault) for fault in FAULTS]
        caught = [one["fault"] for one in walks if one.get("violation") and "steps" in one]
        found = {"planted_faults": len(FAULTS), "planted_faults_caught": len(caught), "caught": caught}
        good = len(caught) == len(FAULTS)
    else:
        found = walked(chosen.steps, chosen.seed, chosen.fault)
        good = bool(found["good"])
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:22} {value}" for name, value in found.items()))
    return 0 if good else 1


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
