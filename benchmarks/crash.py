"""Fenghuo killed, at random or at every line of its code, and what that cost: the crash score.

    .venv/bin/python benchmarks/crash.py --kills 200 --recipients 10000 --json     the real sender process, kill -9 at random
    .venv/bin/python benchmarks/crash.py --kills lines|all|N [--of ACT]            H1: at each line of its own code: the sender, or
                                                                                   submit, sign, recall, fold; acts: these four
    .venv/bin/python benchmarks/crash.py --power 200                               H2: the power goes instead

The first prints what `process_kills` says, the second what `line_kills` or `act_kills` say. Exit status 1 when a promise was
broken.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import children
from benchmarks.wishes import many
from fenghuo.ops import folder
from simulators.smsc import Remote, launched

ROOT = Path(__file__).resolve().parents[1]
ACCOUNT, SECRET = "900001", "exercise"
# Every answer takes a moment, as over a real line: so a whole window is on it whenever the sender is killed.
CENTRE = {"response_delay": [0.01, 0.03], "report_delay": [0.02, 0.2], "failing_ratio": {"UNDELIV": 0.01}}
LATE = 0.05  # share of receipts that come only after a doubt has been resolved by a second copy
NO_DOUBT = 1.0  # seconds; as late as that where nobody is left in doubt for long: acts and power cuts
POLICY_WAIT = 30.0  # seconds in doubt of the policy `urgent`
UNLIMITED = 1_000_000
# The folders here are their own: nothing of the operator's reaches them.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}


def real_processes(chosen: argparse.Namespace) -> int:
    """`kill -9` of the real sender, at random."""
    with installation(chosen) as (data, centre):
        wishes = {
            "port": centre.port, "control": centre.control, "kills": chosen.kills, "recipients": chosen.recipients,
            "batch": chosen.batch, "seed": chosen.seed, "wait": chosen.wait, "fault": chosen.fault,
        }  # fmt: skip
        return _in_house(data, "benchmarks.process_kills", wishes)


def acts(chosen: argparse.Namespace) -> int:
    """H1 over what people do."""
    with installation(chosen) as (data, _):
        wishes = {"of": chosen.of, "kills": chosen.kills, "fault": chosen.fault, "people": chosen.people}
        return _in_house(data, "benchmarks.act_kills", wishes)


def power(chosen: argparse.Namespace) -> int:
    """H2: power cuts."""
    with installation(chosen) as (data, _):
        return _in_house(
            data, "benchmarks.power_cuts", {"cuts": chosen.power, "seed": chosen.seed, "fault": chosen.fault}
        )


@contextmanager
def installation(chosen: argparse.Namespace) -> Iterator[tuple[Path, Remote]]:
    """An exercise folder as `fenghuo init` makes it, with one account at a simulated gateway."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-crash-") as name, launched(_centre(chosen)) as centre:
        data = Path(name) / "data"
        gateway = {
            "name": "crash", "protocol": "cmpp3", "mode": "exercise", "host": "127.0.0.1", "port": centre.port,
            "source_addr": ACCOUNT, "secret_file": "crash.secret", "rate": UNLIMITED, "batch": chosen.batch,
        }  # fmt: skip
        folder.make(data, mode="exercise", gateways=[folder.GatewayPlan(gateway, SECRET)])
        if chosen.template:
            for one in ("main.db", "ledger.db", "signing.key", "signing.pem"):
                shutil.copy(Path(chosen.template) / one, data / one)
        made = subprocess.run(
            [sys.executable, "-m", "fenghuo", "init", "--data", str(data)],
            cwd=ROOT, env=CLEAN, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise SystemExit(made.stdout + made.stderr)
        yield data, centre


def _centre(chosen: argparse.Namespace) -> dict[str, object]:
    late = (chosen.wait or POLICY_WAIT) + 5.0 if chosen.recipients else NO_DOUBT
    return {**CENTRE, "late_reports": LATE, "late_by": late}


def at_lines(chosen: argparse.Namespace) -> int:
    """H1 over the sender, in a house with the ledger's tables alone."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-crash-") as name:
        return _in_house(Path(name), f"benchmarks.{chosen.of}_kills", {"kills": chosen.kills, "fault": chosen.fault})


def _in_house(data: Path, module: str, wishes: dict[str, object]) -> int:
    command = [sys.executable, "-m", "benchmarks.house", str(data), module]
    command += [f"--{name}={value}" for name, value in wishes.items()]
    return children.run(command, env=CLEAN).returncode


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="benchmarks/crash.py", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", default="lines", help="a number; for the line-kill also: lines, all")
    parser.add_argument(
        "--of",
        default="line",
        choices=("line", "stop", "submit", "fan_out", "sign", "recall", "lift", "fold", "acts"),
        help="the line-kill of what",
    )
    parser.add_argument("--power", type=int, default=0, metavar="CUTS", help="so many power cuts instead of kills")
    parser.add_argument("--recipients", type=many, default=0, help="of each release; not given: the line-kill")
    parser.add_argument("--people", type=int, default=0, help="recipients of the alert in --of submit, fan_out, sign …")
    parser.add_argument(
        "--batch", type=many, default=50, choices=range(1, 100), metavar="N", help="numbers in one submit"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which the sender is killed")
    parser.add_argument(
        "--wait", type=float, default=0.0, help="seconds in doubt before a second copy; default the policy's 30"
    )
    parser.add_argument("--fault", default="", help="run a sender that is wrong on purpose (see crash_faults)")
    parser.add_argument(
        "--template", default="", help="an exercise folder that `fenghuo init` made, to begin from a copy of it"
    )
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: JSON is what is printed")
    chosen = parser.parse_args(arguments)
    if chosen.recipients and not (chosen.kills.isdigit() and int(chosen.kills)):
        parser.error("--kills must be a number from 1 where --recipients is given")
    if chosen.power:
        return power(chosen)
    if chosen.recipients:
        return real_processes(chosen)
    return at_lines(chosen) if chosen.of in ("line", "stop") else acts(chosen)


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
