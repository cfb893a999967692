"""Alerts recalled at random moments of their sending, over two accounts: what still leaves, and how soon the correction does.

Each alert to N new numbers is recalled and corrected, as the web orders it, at a random moment between its release and its end. At
a tenth of them (`--breaks`) an account's line breaks at that moment; `--slow` more meet gateways that answer after four seconds,
with their windows full. Afterwards, against what the two SMS centres wrote down:

    late_per_account   of one alert, the most recipients that one account's centre accepted after the order was given; the promise
                       is a window: window × batch
    not_intended_…     of those, the most whom the ledger did not yet show as intended when the order had been given: what the
                       account's sender was claiming at that very moment
    last_after_s       the longest from the order to an acceptance of what it recalls
    not_exact          whoever is in the correction's audience and was never intended, or was and is not in it
    not_once           corrections that their recipients did not get exactly once
    stopped_told       shown as stopped, and told
    first_pdu_s        from the order to the first submit of the correction at a centre: 50 and 99 in 100, and the longest
    from_line_up       corrections of which every recipient was on one account whose line was down: these are counted from when it
                       was up again, as a line that is down cannot send; all others from the press of the button
    slow_first_pdu_s   the same where every answer takes four seconds

    python -m benchmarks.recall --recalls 500 --json

Exit status 1 when a promise was broken: one of them is 2 seconds to the first submit of the correction.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks import children

SLOW_SHARE = 25
# The folders here are their own: nothing of the operator's reaches them.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}


def measured(fault: str, **wishes: float) -> tuple[int, dict[str, Any]]:
    """(exit status, figures) of one run in a fresh house; raises RuntimeError with the reason where it came to no end."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-recall-") as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.recall_house", f"--fault={fault}"]
        command += [f"--{name}={value}" for name, value in wishes.items()]
        done = children.run(command, env=CLEAN, stdout=subprocess.PIPE)
    if not done.stdout:
        raise RuntimeError(f"ended with status {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, found


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recall", description=__doc__.splitlines()[0])
    parser.add_argument("--recalls", type=int, default=500)
    parser.add_argument("--recipients", type=int, default=2_000, help="of each alert, over both accounts")
    parser.add_argument(
        "--slow", type=int, help="further recalls at gateways that answer late; default a 25th of the others"
    )
    parser.add_argument("--breaks", type=float, default=0.1, help="share of recalls at which a line breaks")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--fault", default="", help="run senders that are wrong on purpose (crash_faults, STOP_FAULTS)")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    slow = chosen.recalls // SLOW_SHARE if chosen.slow is None else chosen.slow
    try:
        status, found = measured(
            chosen.fault,
            recalls=chosen.recalls,
            recipients=chosen.recipients,
            slow=slow,
            breaks=chosen.breaks,
            seed=chosen.seed,
        )
    except RuntimeError as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:20} {value}" for name, value in found.items()))
    return status


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
