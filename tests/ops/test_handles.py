"""Where the system lets a process open too few files it says so in a sentence and starts nothing; with just enough it works."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers.instance import ROOT, initialised

pytestmark = pytest.mark.slow

WITHIN = 60.0
CROWD = 260  # connections that are opened, more than the limit of the web process


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("handles") / "data"
    initialised(found)
    return found


def limited(most: int, *arguments: str, data: Path, log: Path) -> "subprocess.Popen[str]":
    """A command that the system lets open `most` files and no more."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}
    with log.open("w") as written:
        return subprocess.Popen(
            ["sh", "-c", f'ulimit -n {most} && exec "$@"', "sh", sys.executable, "-m", "fenghuo", *arguments],
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
            cwd=ROOT,
            env={**environment, "FENGHUO_DATA": str(data)},
        )


@pytest.mark.parametrize("most", [20, 64])
def test_too_few_are_one_sentence_and_nothing_is_started(data: Path, tmp_path: Path, most: int) -> None:
    log = tmp_path / "log"
    process = limited(most, "up", "--bind", "127.0.0.1:0", data=data, log=log)
    said, _ = process.communicate(timeout=WITHIN)
    assert (process.returncode, said) == (3, "")
    (line,) = log.read_text().splitlines()
    assert f"may have {most} files and connections open" in line
    assert "LimitNOFILE" in line


@pytest.mark.parametrize("command", ["worker", "backup", "init"])
def test_every_command_says_the_same(data: Path, tmp_path: Path, command: str) -> None:
    log = tmp_path / "log"
    process = limited(20, command, data=data, log=log)
    process.communicate(timeout=WITHIN)
    assert process.returncode == 3
    (line,) = log.read_text().splitlines()
    assert "may have 20 files and connections open" in line


def test_a_sender_with_more_accounts_needs_more(data: Path, tmp_path: Path) -> None:
    many, log = tmp_path / "data", tmp_path / "log"
    shutil.copytree(data, many)
    (many / "gateway.secret").write_text("exercise\n")
    (many / "gateway.secret").chmod(0o600)
    table = '[[gateway]]\nname = "g{n}"\nprotocol = "cmpp3"\nmode = "exercise"\nhost = "127.0.0.1"\nport = 9\nsource_addr = "9"\n'
    with (many / "fenghuo.toml").open("a") as settings:
        settings.writelines(table.format(n=n) + 'secret_file = "gateway.secret"\n' for n in range(20))
    process = limited(128, "sender", data=many, log=log)
    process.communicate(timeout=WITHIN)
    assert process.returncode == 3
    (line,) = log.read_text().splitlines()
    assert "sender" in line


@pytest.fixture
def web(data: Path, tmp_path: Path) -> Iterator[int]:
    """The port of a web process that may have few more connections than it needs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = tmp_path / "log"
    process = limited(160, "web", "--bind", f"127.0.0.1:{port}", data=data, log=log)
    try:
        deadline = time.monotonic() + WITHIN
        while "Booting worker" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(WITHIN)
        if process.stdout:
            process.stdout.close()


def test_a_crowd_that_uses_up_all_connections_ends_no_process(web: int, tmp_path: Path) -> None:
    """Whoever is too many waits at the door until others have gone: nobody's connection is cut for it."""
    crowd = [socket.create_connection(("127.0.0.1", web), timeout=WITHIN) for _ in range(CROWD)]
    asked = http.client.HTTPConnection("127.0.0.1", web, timeout=WITHIN)
    asked.request("GET", "/healthz", headers={"Host": "localhost"})
    time.sleep(1)  # for a process that would end of it to have ended
    for one in crowd:
        one.close()
    assert asked.getresponse().status in (200, 503)
    asked.close()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert len([line for line in lines if line["event"].startswith("Booting worker")]) == 1
    assert not [line for line in lines if "exception" in line]
