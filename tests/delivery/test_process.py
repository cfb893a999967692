"""`fenghuo sender`'s body: two accounts in one process, started and stopped as a supervisor does."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from simulators.smsc import launched

ROOT = Path(__file__).resolve().parents[2]


def house(folder, *arguments):
    command = [sys.executable, "-m", "benchmarks.house", str(folder), "tests.delivery.sending_process", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def ask(folder, *arguments):
    with house(folder, *arguments) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    return json.loads(said.splitlines()[-1])


def test_two_accounts_share_a_release_and_a_term_signal_ends_them_in_good_order(tmp_path):
    (tmp_path / "secret").write_bytes(b"exercise\n")
    (tmp_path / "secret").chmod(0o600)
    with launched() as centre:
        broadcast = ask(tmp_path, "freeze", str(centre.port))["broadcast"]
        with house(tmp_path, "send", str(centre.port)) as sender:
            assert ask(tmp_path, "wait", str(centre.port), broadcast) == {
                "delivered": 2_500,
                "states": ["bound", "bound"],
            }
            sender.send_signal(signal.SIGTERM)
            assert sender.wait(30) == 0
        assert centre.summary()["accepted"] == 2_500
        assert {row["line"] for row in centre.rows()} == {1, 2}
