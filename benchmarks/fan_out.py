"""Our whole durable path against the bare loop on the same SUBMITs, interleaved in one run.

Durable path: freeze → order → intents durable → SUBMITs → responses and receipts durable → acknowledged → folded. Bare loop:
`bare_loop.py`, which remembers nothing. The SMS centre is a process of its own, fresh for each run. A figure is void, and the
exit status 1, unless every recipient's final state is what the centre's own record says.

    python -m benchmarks.fan_out --recipients 1000000 --json
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import bare_loop
from fenghuo.wire import cmpp
from simulators.smsc import launched

ROOT = Path(__file__).resolve().parents[1]


def durable(recipients: int, batch: int, window: int, database_url: str) -> dict[str, Any]:
    """One run of the whole path in a fresh house; raises RuntimeError with the reason where it is void."""
    with launched() as centre, tempfile.TemporaryDirectory(prefix="fenghuo-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.durable"]
        for name, value in {
            "port": centre.port,
            "control": centre.control,
            "recipients": recipients,
            "batch": batch,
            "window": window,
        }.items():
            command += [f"--{name}", str(value)]
        environment = {**os.environ, "FENGHUO_DATABASE_URL": database_url} if database_url else dict(os.environ)
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured


def bare(recipients: int, batch: int, window: int) -> dict[str, Any]:
    """One run of the bare loop, its counts checked."""
    with launched() as centre:
        figure = bare_loop.run(centre.port, bare_loop.numbers(recipients, cmpp.V30.terminal), batch, window)
        bare_loop.checked(centre, recipients)
        return asdict(figure)


def compare(recipients: int, batch: int, window: int, rounds: int, database_url: str = "") -> dict[str, Any]:
    """Interleaved rounds of both; medians."""
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(bare(recipients, batch, window))
        ours.append(durable(recipients, batch, window, database_url))
    seconds = statistics.median(one["seconds"] for one in ours)
    bare_seconds = statistics.median(one["seconds"] for one in theirs)
    return {
        "batch": batch,
        "window": window,
        "recipients_per_s": round(recipients / seconds),
        "bare_loop_recipients_per_s": round(recipients / bare_seconds),
        "ratio": round(bare_seconds / seconds, 3),
        "freeze_seconds": round(statistics.median(one["freeze_seconds"] for one in ours), 3),
        "bytes_per_recipient": max(one["bytes_per_recipient"] for one in ours),
        "peak_rss_mb": max(one["peak_rss_mb"] for one in ours),
        "rounds": [round(theirs[k]["seconds"] / ours[k]["seconds"], 3) for k in range(rounds)],
    }


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fan_out", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--batch", type=int, default=99, help="destinations per submit of cmpp_multi; the specification's most"
    )
    parser.add_argument("--window", type=int, default=100, help="submits in flight of cmpp_multi")
    parser.add_argument("--all", action="store_true", help="also an account's defaults, and one destination per submit")
    parser.add_argument("--database-url", default="", help="postgres://… with an empty database; default SQLite")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    cases = {"cmpp_multi": (chosen.batch, chosen.window)}
    if chosen.all:
        cases |= {"cmpp_defaults": (50, 16), "cmpp_single": (1, 100)}
    try:
        found = {
            name: compare(chosen.recipients, batch, window, chosen.rounds, chosen.database_url)
            for name, (batch, window) in cases.items()
        }
    except RuntimeError as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    main_case = found["cmpp_multi"]
    result = {
        "recipients": chosen.recipients,
        "ratio_to_bare_loop": {name: one["ratio"] for name, one in found.items()},
        "recipients_per_s": main_case["recipients_per_s"],
        "bytes_per_recipient": main_case["bytes_per_recipient"],
        "peak_rss_mb": main_case["peak_rss_mb"],
        "verified": True,
        "cases": found,
    }
    if chosen.json:
        print(json.dumps(result))
    else:
        for name, one in found.items():
            print(f"{name}: batch {one['batch']}, window {one['window']}")
            print(f"  durable {one['recipients_per_s']:>10,}/s   bare loop {one['bare_loop_recipients_per_s']:>10,}/s")
            print(f"  ratio {one['ratio']}   {one['bytes_per_recipient']} bytes per recipient on disk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
