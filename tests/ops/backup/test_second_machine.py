"""The first machine dies in mid-warning; the second comes up from the backup, silent until a signer has looked (S2, B6)."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.makers.instance import ROOT, Instance, fenghuo, running_instance

pytestmark = pytest.mark.slow

RECIPIENTS, RATE = 400, 4  # so slow that a very busy machine has its backup made while people are still unsent
SILENT = 4.0  # seconds for which the second machine is watched before anyone resumes


def until(what, within: float = 60.0):
    """What `what` answers once it is true."""
    deadline = time.monotonic() + within
    while not (found := what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return found


def acting(data: Path, username: str, code: str = "") -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "tests.makers.resume", username, code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "FENGHUO_DATA": str(data)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def reached(it: Instance) -> Counter:
    """How often the carrier accepted a message for each number: its own record."""
    return Counter(int(row["number"]) for row in it.smsc.rows())


def kept_out(it: Instance) -> bool:
    try:
        return all(one["state"] == "paused" for one in it.api("entry").get("/api/v1/gateways")["items"])
    except OSError:
        return False


def test_nothing_leaves_before_a_signer_resumes_and_then_nobody_is_lost(tmp_path: Path) -> None:
    safe = tmp_path / "passphrase"
    safe.write_text("a passphrase of the second machine")
    safe.chmod(0o600)
    with running_instance(recipients=RECIPIENTS, rate=RATE) as it:
        alert = it.signed()
        until(lambda: it.smsc.summary()["recipients"] > RATE)
        archive = tmp_path / "mid-send.zip"
        it.fenghuo("backup", "--to", str(archive), "--passphrase-file", str(safe))
        at_backup = len(reached(it))
        until(lambda: it.smsc.summary()["recipients"] > at_backup)
        machine = it.process("up")
        assert machine is not None
        os.kill(machine, signal.SIGKILL)  # whoever hangs on its pipe ends with it
        until(lambda: all(it.process(name) is None for name in ("web", "worker", "sender")))
        before, logins = reached(it), it.smsc.summary()["logins"]
        assert len(before) < RECIPIENTS, "the first machine had finished: this test proves nothing"

        second = tmp_path / "second"
        done = fenghuo("restore", str(archive), "--into", str(second), "--passphrase-file", str(safe), "--json")
        told = json.loads(done.stdout.splitlines()[-1])
        assert told["unsent"] > 0
        settings = second / "fenghuo.toml"
        settings.write_text(settings.read_text().replace(f"rate = {RATE}\n", "rate = 1000\n"))
        command = [sys.executable, "-m", "fenghuo", "up", "--data", str(second)]
        with (
            (tmp_path / "second.log").open("w") as log,
            subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT) as up,
        ):
            try:
                until(lambda: kept_out(it))
                time.sleep(SILENT)
                assert reached(it) == before, "an SMS left before anybody resumed"
                assert it.smsc.summary()["logins"] == logins, "it took the place of the first machine at the gateway"
                signer = it.people["signer"]
                listed = set(acting(second, signer.username)["listed"])
                assert listed >= set(range(min(before), min(before) + RECIPIENTS)) - set(before)
                assert acting(second, signer.username, signer.codes.pop())["shown"] == [len(listed)]
                progress = until(lambda: _sent(it, alert["id"]))
                assert progress["expired"] == progress["stopped"] == 0
                after = reached(it)
                assert len(after) == RECIPIENTS, "somebody was lost"
                twice = {number for number, times in after.items() if times > 1}
                assert twice <= listed, "somebody got it twice and was not listed"
            finally:
                up.terminate()


def _sent(it: Instance, alert: str) -> dict | None:
    progress = it.api("entry").get(f"/api/v1/alerts/{alert}/progress")["release"]
    return dict(progress) if not progress["unsent"] and not progress["intended"] else None
