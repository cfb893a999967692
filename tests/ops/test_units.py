"""The systemd units start what exists, may write where the data is, and are named in the instructions."""

import configparser
import re
import socket
import subprocess
from pathlib import Path

import pytest

from fenghuo.delivery.sender import Timing
from fenghuo.ops.parser import COMMANDS
from fenghuo.ops.processes import watchdog

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
INSTALL = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")


def service(unit: Path) -> configparser.SectionProxy:
    """The [Service] section; keys in systemd's own spelling."""
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text(encoding="utf-8"))
    return read["Service"]


def test_there_is_a_unit_for_each_process_and_for_the_backup() -> None:
    assert [one.stem for one in UNITS] == ["fenghuo-backup", "fenghuo-sender", "fenghuo-web", "fenghuo-worker"]
    assert UNITS[0].with_suffix(".timer").exists()


@pytest.mark.parametrize("unit", UNITS, ids=[one.stem for one in UNITS])
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    program, command = service(unit)["ExecStart"].split()
    assert unit.stem == f"fenghuo-{command}"
    assert command in {one.name for one in COMMANDS}
    assert program in INSTALL, "the instructions put the program somewhere else"


@pytest.mark.parametrize("unit", UNITS, ids=[one.stem for one in UNITS])
def test_a_unit_may_write_to_its_data_folder_and_nobody_else_may_read_it(unit: Path) -> None:
    found = service(unit)
    assert found["Environment"] == f"FENGHUO_DATA=/var/lib/{found['StateDirectory']}"
    assert (found["StateDirectoryMode"], found["UMask"], found["ProtectSystem"]) == ("0700", "0077", "strict")
    assert re.search(rf"useradd .*\b{found['User']}\b", INSTALL)


PROCESSES = UNITS[1:]


@pytest.mark.parametrize("unit", PROCESSES, ids=[one.stem for one in PROCESSES])
def test_what_falls_is_started_again_without_end(unit: Path) -> None:
    assert service(unit)["Restart"] == "always"
    assert "StartLimitIntervalSec=0" in unit.read_text(encoding="utf-8").split("[Service]")[0]


def test_what_hangs_is_started_again() -> None:
    hung = {unit.stem: service(unit).get("WatchdogSec") for unit in PROCESSES}
    # web's own master ends a worker that is silent for a minute.
    assert hung == {"fenghuo-sender": "150", "fenghuo-web": None, "fenghuo-worker": "300"}
    assert Timing().hung < 150


def test_a_process_that_gets_on_says_so_to_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        watchdog.beat()
        assert systemd.recv(64) == b"WATCHDOG=1"
    watchdog.beat()  # nobody listens any more: no error


@pytest.mark.peer
def test_systemd_itself_finds_no_fault() -> None:
    units = sorted(UNITS[0].parent.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert said == []
