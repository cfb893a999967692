"""A sender killed in the middle of a text of several segments over HTTP: nobody is lost, every second copy is listed."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from simulators.http_gateway import launched
from tests.delivery.http_sending import BATCH, LONGEST, NUMBERS, WINDOW, settled

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
KILLS = 4


def house(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.house", str(folder), "tests.delivery.http_sending", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def ask(folder: Path, *arguments: str) -> dict:
    with house(folder, *arguments) as process:
        said = process.communicate(timeout=LONGEST + 60)[0]
    assert process.returncode == 0
    return json.loads(said.splitlines()[-1])


def test_nobody_is_lost_and_every_second_copy_is_listed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"exercise\n")
    (tmp_path / "secret").chmod(0o600)
    chance = random.Random(7)
    with launched({"response_delay": [0.1, 0.3]}) as gateway:
        port = str(gateway.port)
        broadcast = ask(tmp_path, "freeze", port)["broadcast"]
        for _ in range(KILLS):
            before = gateway.summary()["accepted"]
            with house(tmp_path, "send", port) as sender:
                deadline = time.monotonic() + 60
                while gateway.summary()["accepted"] < before + 40 and time.monotonic() < deadline:
                    time.sleep(0.02)
                time.sleep(chance.uniform(0, 0.3))
                sender.kill()
        with house(tmp_path, "send", port) as sender:
            rows = [
                (address, state, doubts) for address, state, doubts in ask(tmp_path, "look", port, broadcast)["rows"]
            ]
            sender.terminate()
            over = sender.wait(30)
        told = Counter(int(row["number"]) for row in gateway.rows())
    assert over == 0
    assert all(settled(state, doubts) for _, state, doubts in rows), Counter(rows)
    listed = {address for address, _, doubts in rows if doubts}
    assert {address for address, state, _ in rows if state == "accepted"} <= set(told)
    assert set(NUMBERS) - set(told) <= {address for address, state, _ in rows if state == "in_doubt"}
    assert {number for number, times in told.items() if times > 1} <= listed
    assert 0 < len(listed) <= KILLS * WINDOW * BATCH
