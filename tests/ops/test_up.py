"""`fenghuo up`: three processes that start together, start again when they fall, and never outlive it."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.makers.instance import ROOT, fenghuo, initialised

WITHIN = 20.0


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised data folder, to be copied."""
    found = tmp_path_factory.mktemp("template") / "data"
    initialised(found)
    return found


@pytest.fixture
def up(tmp_path: Path, template: Path) -> Iterator["subprocess.Popen[str]"]:
    data = tmp_path / "data"
    shutil.copytree(template, data)
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "fenghuo", "up", "--data", str(data), "--bind", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")},
        )
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def children_of(pid: int) -> dict[str, int]:
    """The commands that run below a process: name → pid."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid and b"fenghuo" in words:
            found[words[words.index(b"fenghuo") + 1].decode()] = int(folder.name)
    return found


def until(what, within: float = WITHIN):
    """What `what` answers once it is true."""
    deadline = time.monotonic() + within
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def address(up: "subprocess.Popen[str]") -> str:
    assert up.stdout
    line = up.stdout.readline()
    return line.split()[-1]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_it_prints_an_address_that_answers_and_ends_in_good_order(up: "subprocess.Popen[str]") -> None:
    assert address(up).startswith("http://localhost:")
    running = until(lambda: found if len(found := children_of(up.pid)) == 3 else None)
    assert set(running) == {"web", "worker", "sender"}
    up.send_signal(signal.SIGTERM)
    assert up.wait(WITHIN) == 0
    assert [pid for pid in running.values() if alive(pid)] == []


def test_kill_9_leaves_no_process_behind(up: "subprocess.Popen[str]") -> None:
    address(up)
    running = until(lambda: found if len(found := children_of(up.pid)) == 3 else None)
    below = [pid for child in running.values() for pid in children_of(child).values()]
    up.kill()
    up.wait()
    until(lambda: not [pid for pid in [*running.values(), *below] if alive(pid)])


@pytest.mark.parametrize("name", ["web", "worker", "sender"])
def test_a_fallen_child_is_started_again(up: "subprocess.Popen[str]", name: str) -> None:
    address(up)
    running = until(lambda: found if len(found := children_of(up.pid)) == 3 else None)
    os.kill(running[name], signal.SIGKILL)
    again = until(lambda: found.get(name) if (found := children_of(up.pid)).get(name) != running[name] else None)
    assert again != running[name]
    assert up.poll() is None


def test_two_on_one_data_folder_are_refused(up: "subprocess.Popen[str]", tmp_path: Path) -> None:
    address(up)
    done = fenghuo("up", "--bind", "127.0.0.1:0", data=tmp_path / "data", check=False)
    assert done.returncode == 3
    assert "already running" in done.stderr


def test_a_taken_port_is_a_sentence(up: "subprocess.Popen[str]", tmp_path: Path, template: Path) -> None:
    port = address(up).rsplit(":", 1)[1]
    other = tmp_path / "other"
    shutil.copytree(template, other)
    done = fenghuo("up", "--bind", f"127.0.0.1:{port}", data=other, check=False)
    assert done.returncode == 3
    assert "--bind" in done.stderr
    assert "Traceback" not in done.stderr


def test_logs_are_json_lines(up: "subprocess.Popen[str]", tmp_path: Path) -> None:
    address(up)
    lines = until(lambda: (tmp_path / "log").read_text().splitlines())
    assert all("event" in json.loads(line) for line in lines)


def test_clients_that_fall_silent_do_not_keep_everybody_out(up: "subprocess.Popen[str]") -> None:
    """More half requests than threads: they are let go, and the desk answers."""
    port = urlsplit(address(up)).port
    silent = []
    for begun in (
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na",
    ):
        for _ in range(12):
            line = socket.create_connection(("127.0.0.1", port), timeout=5)
            line.sendall(begun)
            silent.append(line)
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)
    asked.request("GET", "/healthz", headers={"Host": "localhost"})
    assert asked.getresponse().status in (200, 503)
    asked.close()
    for line in silent:
        line.close()
