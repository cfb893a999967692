"""A capped account: how much of its contracted rate is used, and in how many seconds more than that arrived.

Each rate has an account, a sender and an SMS centre of its own, one after the other; the centre writes down when each submit came.
Utilisation is what left between the first submit and the last, divided by what the contract would have let through in that time. A
second is any second, not only the clock's: every one that begins with a submit is counted. Void unless everybody was told once.

    python -m benchmarks.line_rate --rates 100,300,1000,3000 --seconds 10 --json
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import children
from benchmarks.wishes import many
from simulators.smsc import launched
from simulators.smsc.record import ROW as STRUCT

ROW = np.dtype({"names": ["number", "at"], "formats": ["S32", ">f8"], "offsets": [8, 56], "itemsize": STRUCT.size})
RATES = (100, 300, 1000, 3000)


def judged(at: Any, rate: int) -> dict[str, Any]:
    """`at` is when each number came, seconds, ascending."""
    starts, counts = np.unique(at, return_counts=True)
    before = np.concatenate(([0], np.cumsum(counts)))
    inside = before[np.searchsorted(starts, starts + 1.0, side="left")] - before[:-1]
    # The last submit's own share of time lies after it: what came up to it is what the contract let through until then.
    used = (len(at) - counts[-1]) / (rate * (starts[-1] - starts[0]))
    return {
        "rate": rate,
        "messages": len(at),
        "seconds": round(float(starts[-1] - starts[0]), 3),
        "utilisation": round(float(used), 4),
        "seconds_over": int((inside > rate).sum()),
        "most_in_a_second": int(inside.max()),
    }


def measured(rate: int, seconds: float, batch: int, window: int) -> dict[str, Any]:
    """One account at one rate for about so many seconds."""
    recipients = round(rate * seconds)
    with launched() as centre, tempfile.TemporaryDirectory(prefix="fenghuo-rate-") as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.durable"]
        for name, value in {
            "port": centre.port,
            "control": centre.control,
            "recipients": recipients,
            "batch": batch,
            "window": window,
            "rate": rate,
        }.items():
            command += [f"--{name}", str(value)]
        done = children.run(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        record = np.frombuffer(centre.packed_rows(), dtype=ROW)
    if len(np.unique(record["number"])) != recipients or len(record) != recipients:
        raise RuntimeError("the centre's record is not the audience")
    return judged(np.sort(record["at"]), rate)


def compare(rates: Sequence[int], seconds: float, batch: int = 50, window: int = 16) -> dict[str, Any]:
    """Every rate; the least that was used, and every second that was too full."""
    load = os.getloadavg()[0]
    found = [measured(rate, seconds, batch, window) for rate in rates]
    return {
        "utilisation": min(one["utilisation"] for one in found),
        "seconds_over": sum(one["seconds_over"] for one in found),
        "rates": found,
        "load_before": round(load, 1),
        "verified": True,
    }


def _rates(text: str) -> list[int]:
    return [many(rate) for rate in text.split(",")]


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.line_rate", description=__doc__.splitlines()[0])
    parser.add_argument("--rates", type=_rates, default=RATES, help="messages a second, separated by commas")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each lasts")
    parser.add_argument("--batch", type=many, default=50)
    parser.add_argument("--window", type=many, default=16)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        found = compare(chosen.rates, chosen.seconds, chosen.batch, chosen.window)
    except RuntimeError as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps(found))
        return 0
    for one in found["rates"]:
        print(
            f"{one['rate']:>6}/s  used {one['utilisation']:.4f}  seconds over {one['seconds_over']}  "
            f"most in a second {one['most_in_a_second']}"
        )
    return 0


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
