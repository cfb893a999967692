"""`python -m tests.hosts`: one installation on three hosts, and what becomes of everybody when the one that sends goes wrong.

Prints a line per fault, with --json one line of JSON last. Exit status 1 when a promise was not kept, 2 where this machine cannot
make networks of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.hosts import laying, network


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__.splitlines()[0])
    parser.add_argument("--faults", default="all", help="names with commas, or all")
    parser.add_argument("--recipients", type=int, default=3000)
    parser.add_argument("--lease", type=int, default=10, help="seconds")
    parser.add_argument("--rate", type=int, default=1000, help="messages per second of the account")
    parser.add_argument("--planted", choices=["", "no_fence"], default="", help="senders that are wrong on purpose")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(given)
    refused = network.possible()
    if refused:
        print(f"This machine cannot make networks of its own: {refused}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="fenghuo-hosts-") as folder:
        first = Path(folder) / "a"
        laying.lay(first, lease=chosen.lease, rate=chosen.rate)
        words = [one for name, value in vars(chosen).items() if value for one in _option(name, value)]
        inside = [*network.UNSHARED, sys.executable, "-m", "tests.hosts.playing", folder, *words]
        ours = {"FENGHUO_DATA": str(first), "DJANGO_SETTINGS_MODULE": "fenghuo.ops.settings"}
        # However this ends, nothing stays: the parent's death kills unshare, and that everything within.
        return subprocess.run(
            ["setpriv", "--pdeathsig", "KILL", *inside], cwd=network.ROOT, env={**os.environ, **ours}, check=False
        ).returncode


def _option(name: str, value: object) -> list[str]:
    return [f"--{name}"] if value is True else [f"--{name}", str(value)]


if __name__ == "__main__":
    sys.exit(main())
