"""`fenghuo up` with an account file full of faults: each is named, and whoever is fit is served."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulators.smsc import launched
from tests.makers.instance import ROOT, fenghuo, initialised

pytestmark = pytest.mark.slow

TABLE = """
[[gateway]]
name = "{name}"
protocol = "cmpp3"
mode = "exercise"
host = "127.0.0.1"
port = {port}
source_addr = "900001"
secret_file = "{secret}.secret"
"""


def test_a_secret_that_others_may_read_and_a_wrong_table_stop_only_their_own_account(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    initialised(data)
    for name in ("fit", "open"):
        (data / f"{name}.secret").write_text("exercise\n")
        (data / f"{name}.secret").chmod(0o600 if name == "fit" else 0o644)
    with launched({}) as centre:
        tables = [TABLE.format(name=name, port=centre.port, secret=name) for name in ("open", "fit")]
        tables.insert(1, TABLE.format(name="wrong", port=0, secret="fit"))
        with (data / "fenghuo.toml").open("a") as file:
            file.write("".join(tables))
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "fenghuo", "up", "--data", str(data), "--bind", "127.0.0.1:0"],
                stdout=subprocess.DEVNULL,
                stderr=out,
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")},
            )
        try:
            deadline = time.monotonic() + 60
            while centre.summary()["logins"] < 1:
                assert time.monotonic() < deadline, log.read_text()
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            said = log.read_text()
            assert f"chmod 600 {data / 'open.secret'}" in said
            assert "[[gateway]] 2 wrong：port" in said
            refused = [one for one in map(json.loads, said.splitlines()) if one["event"] == "account_not_served"]
            assert {one["account"] for one in refused} == {"open", "wrong"}, "every line of the log is JSON"
            (data / "open.secret").chmod(0o600)
            while centre.summary()["logins"] < 2:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
        finally:
            process.terminate()
            process.wait(30)
    done = fenghuo("doctor", "--json", data=data, check=False)
    found = {one["name"]: one["colour"] for one in json.loads(done.stdout.splitlines()[-1])["checks"]}
    assert (found["account:wrong"], found["gateway:wrong"]) == ("red", "red")
