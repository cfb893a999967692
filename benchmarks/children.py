"""Programs that a benchmark starts, and the end of both.

A child hangs on a pipe whose other end only its parent holds: it ends in good order, and takes its folders with it, when the parent
is gone, however that went. Without this a killed benchmark leaves a house that goes on killing senders beside the next figure.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fenghuo.ops.processes import leash

ROOT = Path(__file__).resolve().parents[1]
LEASH = "BENCHMARK_LEASH"  # names the child's end of the pipe
GRACE = 15.0  # seconds in which a child may put its things away
# Before the words of a program that knows nothing of us: the system kills it when the thread that started it is gone.
TETHERED = ("setpriv", "--pdeathsig", "KILL", "--")
Done = subprocess.CompletedProcess[str]


def tidy() -> None:
    """SIGTERM ends this program as Ctrl-C does: children stop, folders go. And it ends when its parent is gone.

    So does every copy of it that `os.fork` makes, which has none of its threads: a sender to be killed runs on without a centre.
    """
    signal.signal(signal.SIGTERM, _leave)
    if held := os.environ.pop(LEASH, ""):
        leash.hold(int(held))
        os.register_at_fork(after_in_child=partial(leash.hold, int(held)))


def _leave(_number: int, _frame: Any) -> None:
    sys.exit(128 + signal.SIGTERM)


def run(command: list[str], *, env: Mapping[str, str], **wishes: Any) -> Done:
    """As `subprocess.run` in the repository's root, but the child calls `tidy`, and is asked to end before it is made to."""
    held, end = os.pipe()
    process = subprocess.Popen(
        command, cwd=ROOT, env={**env, LEASH: str(held)}, pass_fds=(held,), text=True, **wishes
    )  # fmt: skip
    os.close(held)
    try:
        out, err = process.communicate()
    except BaseException:
        os.close(end)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    os.close(end)
    return Done(command, process.returncode, out, err)
