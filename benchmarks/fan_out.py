"""Our whole durable path against the bare loop on the same SUBMITs, and against what others do, interleaved in one run.

Durable path: freeze → order → intents durable → SUBMITs → responses and receipts durable → acknowledged → folded. Bare loop:
`bare_loop.py`, which remembers nothing. Others: kannel (`kannel.py`), a task and an UPDATE per recipient (`per_recipient.py`).
The SMS centre is a process of its own, fresh for each run. A figure is void, and the exit status 1, unless every recipient's final
state is what the centre's own record says. What of the others is not installed is named, and its figure is null.

    python -m benchmarks.fan_out --recipients 1000000 --json
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import bare_loop, bare_smpp, children, kannel
from benchmarks.wishes import many
from fenghuo.wire import cmpp
from simulators.smsc import Remote, launched

Measured = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One way in which an account sends."""

    protocol: str
    batch: int
    window: int
    recipients: int

    @property
    def plan(self) -> dict[str, str]:
        """What the simulated centre is told."""
        return {"protocol": self.protocol} if self.protocol == "smpp" else {}


def durable(case: Case, database_url: str = "", rate: int = 0) -> Measured:
    """One run of the whole path in a fresh house; raises RuntimeError with the reason where it is void."""
    with launched(case.plan) as centre:
        return durable_at(centre, case, database_url, rate)


def durable_at(centre: Remote, case: Case, database_url: str = "", rate: int = 0) -> Measured:
    """The same, against a centre that is asked more afterwards."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.durable"]
        wishes = asdict(case) | {"port": centre.port, "control": centre.control} | ({"rate": rate} if rate else {})
        for name, value in wishes.items():
            command += [f"--{name}", str(value)]
        return json_of(command, {"FENGHUO_DATABASE_URL": database_url} if database_url else {})


def json_of(command: list[str], environment: dict[str, str] | None = None) -> Measured:
    """The last line that a program prints; RuntimeError with what it says when it fails."""
    everything = {**os.environ, **(environment or {})}
    done = children.run(command, env=everything, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:] or f"{command[-1]}: exit status {done.returncode}")
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


def bare(case: Case) -> Measured:
    """One run of the bare loop, its counts checked."""
    with launched(case.plan) as centre:
        if case.protocol == "smpp":
            figure = bare_smpp.run(centre.port, bare_smpp.numbers(case.recipients), case.window)
        else:
            block = bare_loop.numbers(case.recipients, cmpp.V30.terminal)
            figure = bare_loop.run(centre.port, block, case.batch, case.window)
        bare_loop.checked(centre, case.recipients)
        return asdict(figure)


def per_recipient(recipients: int) -> Measured:
    """One run of a task and an UPDATE per recipient, in a process of its own."""
    return json_of([sys.executable, "-m", "benchmarks.per_recipient", "--recipients", str(recipients), "--json"])


def rivals(receipts: int, best: int, tasks: int) -> dict[str, tuple[str, Callable[[], Measured]]]:
    """What others do, each with the case of ours that it is compared with: one destination to a submit against one, a fan-out to
    many against ours."""
    found: dict[str, tuple[str, Callable[[], Measured]]] = {
        "per_recipient_task": ("cmpp_multi", lambda: per_recipient(tasks))
    }
    if not kannel.missing():
        found["kannel_receipts"] = ("smpp_single", lambda: kannel.run(receipts, each=1, receipts=True))
        found["kannel_best"] = ("smpp_single", lambda: kannel.run(best, each=100, receipts=False))
    return found


def interleaved(runs: dict[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """Every run once in each round, so that what else the machine does falls on all alike."""
    found: dict[str, list[Measured]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(run())
    return found


def median(runs: list[Measured], key: str = "seconds") -> float:
    """The median of one figure."""
    return float(statistics.median(one[key] for one in runs))


def summed(case: Case, ours: list[Measured], theirs: list[Measured]) -> Measured:
    """One case: medians of its rounds."""
    seconds, bare_seconds = median(ours), median(theirs)
    return {
        **asdict(case),
        "recipients_per_s": round(case.recipients / seconds),
        "bare_loop_recipients_per_s": round(case.recipients / bare_seconds),
        "ratio": round(bare_seconds / seconds, 3),
        "us_per_recipient": round(seconds / case.recipients * 1e6, 3),
        "cpu_us_per_recipient": round(median(ours, "cpu_seconds") / case.recipients * 1e6, 3),
        "freeze_seconds": round(median(ours, "freeze_seconds"), 3),
        "order_to_first_pdu_ms": round(median(ours, "order_to_first_pdu_ms"), 1),
        "bytes_per_recipient": max(one["bytes_per_recipient"] for one in ours),
        "peak_rss_mb": max(one["peak_rss_mb"] for one in ours),
        "rounds": [round(one["seconds"] / our["seconds"], 3) for our, one in zip(ours, theirs, strict=True)],
    }


def compare(
    cases: dict[str, Case], others: dict[str, tuple[str, Callable[[], Measured]]], rounds: int, database_url: str = ""
) -> Measured:
    """All of it; raises RuntimeError or kannel.Void where a run is void."""
    runs: dict[str, Callable[[], Measured]] = {}
    for name, case in cases.items():
        runs[f"bare {name}"] = lambda case=case: bare(case)  # type: ignore[misc]
        runs[f"ours {name}"] = lambda case=case: durable(case, database_url)  # type: ignore[misc]
    runs |= {name: run for name, (_, run) in others.items()}
    load = os.getloadavg()[0]
    measured = interleaved(runs, rounds)
    found = {name: summed(case, measured[f"ours {name}"], measured[f"bare {name}"]) for name, case in cases.items()}
    rates = {
        name: 1 / median([{"each": one["seconds"] / one["recipients"]} for one in measured[name]], "each")
        for name in others
    }
    first = next(iter(found.values()))
    return {
        "recipients": first["recipients"],
        "ratio_to_bare_loop": {name: one["ratio"] for name, one in found.items()},
        "ratio_to": {
            name: round(found[against]["recipients_per_s"] / rates[name], 1)
            for name, (against, _) in others.items()
            if against in found
        },
        "recipients_per_s": first["recipients_per_s"],
        "bytes_per_recipient": first["bytes_per_recipient"],
        "peak_rss_mb": first["peak_rss_mb"],
        "verified": True,
        "load_before": round(load, 1),
        "rivals_per_s": {name: round(rate) for name, rate in rates.items()},
        "cases": found,
    }


def shown(result: Measured) -> str:
    """The same for people."""
    lines = []
    for name, one in result["cases"].items():
        lines += [
            f"{name}: {one['recipients']:,} recipients, {one['batch']} to a submit, window {one['window']}",
            f"  durable {one['recipients_per_s']:>10,}/s   bare loop {one['bare_loop_recipients_per_s']:>10,}/s   "
            f"ratio {one['ratio']}",
            f"  {one['bytes_per_recipient']} bytes per recipient on disk, sender at most {one['peak_rss_mb']} MB",
        ]
    for name, ratio in result["ratio_to"].items():
        told = "not installed" if ratio is None else f"{result['rivals_per_s'][name]:,}/s; ours is {ratio} times that"
        lines.append(f"{name}: {told}")
    return "\n".join(lines)


def arguments_of(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fan_out", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=many, default=1_000_000, help="of cmpp_multi")
    parser.add_argument("--single", type=many, help="recipients of the cases with one to a submit; default a tenth")
    parser.add_argument("--rounds", type=many, default=3)
    parser.add_argument("--batch", type=many, default=99, help="destinations per submit; the specification's most")
    parser.add_argument("--window", type=many, default=100, help="submits in flight")
    parser.add_argument(
        "--defaults", action="store_true", help="also an account's own defaults, batch 50 and window 16"
    )
    parser.add_argument(
        "--kannel", type=many, default=3_000, help="recipients of kannel with receipts; ten times that without"
    )
    parser.add_argument("--tasks", type=many, default=1_000, help="recipients of a task per recipient")
    parser.add_argument("--only", default="", help="names of cases and others, separated by commas; default all")
    parser.add_argument("--database-url", default="", help="postgres://… with an empty database; default SQLite")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one line of JSON, last."""
    chosen = arguments_of(arguments)
    single = chosen.single or min(chosen.recipients, max(20_000, chosen.recipients // 10))
    cases = {
        "cmpp_multi": Case("cmpp3", chosen.batch, chosen.window, chosen.recipients),
        "cmpp_single": Case("cmpp3", 1, chosen.window, single),
        "smpp_single": Case("smpp", 1, chosen.window, single),
    }
    if chosen.defaults:
        cases["cmpp_defaults"] = Case("cmpp3", 50, 16, chosen.recipients)
    others = rivals(chosen.kannel, 10 * chosen.kannel, chosen.tasks)
    if chosen.only:
        only = set(chosen.only.split(","))
        cases = {name: case for name, case in cases.items() if name in only} or {"cmpp_multi": cases["cmpp_multi"]}
        others = {name: other for name, other in others.items() if name in only}
    elif kannel.missing():
        print(kannel.missing(), file=sys.stderr)
    try:
        result = compare(cases, others, chosen.rounds, chosen.database_url)
    except (RuntimeError, kannel.Void) as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    if not chosen.only:
        for name in ("kannel_receipts", "kannel_best", "per_recipient_task"):
            result["ratio_to"].setdefault(name, None)
    print(json.dumps(result) if chosen.json else shown(result))
    return 0


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
