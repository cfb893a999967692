"""A benchmark that is stopped: nothing of it runs on beside the next figure, and nothing of it stays on the disk."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.memory import MEMORY

ROOT = Path(__file__).resolve().parents[2]
MARK = "TEST_OF_ENDING"
# Each has a simulated centre, folders where it runs and in memory, and what is named last, by which it is seen to be at work.
STARTED = {
    "line_rate.py": (["--rates", "100", "--seconds", "60"], "benchmarks.house"),
    "crash.py": (["--kills", "all"], "benchmarks.house"),
    "kannel.py": (["--recipients", "1000000"], "smsbox"),
}
NAMES = ["line_rate.py", "crash.py", pytest.param("kannel.py", marks=pytest.mark.peer)]


def of_this(mark):
    """The processes that were started with the mark in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                mark.encode() in (folder / "environ").read_bytes()
                and b"\nState:\tZ" not in (folder / "status").read_bytes()
            ):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it has ended meanwhile
    return found


def started(name, tmp_path, memory, mark):
    """The process, at work; what it keeps in memory lies in `memory`."""
    environment = {**os.environ, MARK: mark, "TMPDIR": str(tmp_path), MEMORY: str(memory)}
    quiet, (words, seen) = subprocess.DEVNULL, STARTED[name]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "benchmarks" / name), *words],
        env=environment, cwd=tmp_path, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (any(seen in one for one in of_this(mark)) and (name != "crash.py" or any(memory.glob("*/*")))):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    return process


def ended(mark):
    deadline = time.monotonic() + 40
    while of_this(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    return of_this(mark)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_whoever_stops_a_benchmark_finds_nothing_of_it_afterwards(name, tmp_path, tmp_path_factory):
    mark, memory = f"stopped-{os.getpid()}-{name}", tmp_path_factory.mktemp("memory")
    process = started(name, tmp_path, memory, mark)
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 128 + signal.SIGTERM
    assert not ended(mark)
    assert not list(tmp_path.iterdir())
    assert not list(memory.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_killed_benchmark_leaves_no_process_to_disturb_the_next(name, tmp_path, tmp_path_factory):
    mark = f"killed-{os.getpid()}-{name}"
    process = started(name, tmp_path, tmp_path_factory.mktemp("memory"), mark)
    process.kill()
    process.wait()
    assert not ended(mark)


@pytest.mark.parametrize(
    "words",
    [
        ["receipts.py", "--recipients", "0"], ["fan_out.py", "--recipients", "-1"], ["line_rate.py", "--rates", "100,,1"],
        ["line_rate.py", "--rates", "0"], ["crash.py", "--kills", "0", "--recipients", "10"],
        ["crash.py", "--kills", "1", "--recipients", "10", "--batch", "100"],
    ],
)  # fmt: skip
def test_a_size_that_cannot_be_measured_is_wrong_usage(words, tmp_path):
    command = [sys.executable, str(ROOT / "benchmarks" / words[0]), *words[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "usage:" in done.stderr
    assert "Traceback" not in done.stderr
