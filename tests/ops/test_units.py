"""The systemd units start what exists, may write where the data is, and are named in the instructions."""

import configparser
import re
from pathlib import Path

import pytest

from fenghuo.ops.parser import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
INSTALL = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")


def service(unit: Path) -> configparser.SectionProxy:
    """The [Service] section; keys in systemd's own spelling."""
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text(encoding="utf-8"))
    return read["Service"]


def test_there_is_a_unit_for_each_of_the_three_processes() -> None:
    assert [one.stem for one in UNITS] == ["fenghuo-sender", "fenghuo-web", "fenghuo-worker"]


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


@pytest.mark.parametrize("unit", UNITS, ids=[one.stem for one in UNITS])
def test_what_falls_is_started_again_without_end(unit: Path) -> None:
    assert service(unit)["Restart"] == "always"
    assert "StartLimitIntervalSec=0" in unit.read_text(encoding="utf-8").split("[Service]")[0]
