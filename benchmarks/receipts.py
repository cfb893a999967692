"""Receipts in random order, durable, from the gateway's words to the fold: how many a second, and what is left on disk.

Every recipient has been accepted, `--batch` to a submit; then each one's report comes, in an order that has nothing to do with how
they were sent. A group of them is matched, entered, committed (fsync) and only then acknowledged, as the sender does it; at the
end the tape is folded. Void, and exit status 1, unless every recipient's state, word and time are what was reported.

    python -m benchmarks.receipts --recipients 1000000 --json
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks import children
from benchmarks.wishes import many

GROUP = 5_000  # about what one turn takes from the socket while a gateway floods: a megabyte


def measured(recipients: int, batch: int, group: int, database_url: str = "") -> dict[str, Any]:
    """One run in a fresh house; raises RuntimeError with the reason where it is void."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-receipts-") as folder:
        command = [sys.executable, "-m", "benchmarks.house", folder, "benchmarks.receipts_desk"]
        command += ["--recipients", str(recipients), "--batch", str(batch), "--group", str(group)]
        environment = {**os.environ, "FENGHUO_DATABASE_URL": database_url} if database_url else dict(os.environ)
        done = children.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receipts", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=many, default=1_000_000)
    parser.add_argument("--batch", type=many, default=50, help="recipients to a submit")
    parser.add_argument("--group", type=many, default=GROUP, help="receipts to a commit")
    parser.add_argument("--database-url", default="", help="postgres://… with an empty database; default SQLite")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        found = measured(chosen.recipients, chosen.batch, chosen.group, chosen.database_url)
    except RuntimeError as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:22} {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
