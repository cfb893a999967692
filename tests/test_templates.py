"""What a run makes once and copies: made by one, waited for by the others, and made again where it was left half done."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.templates import ROOT, once

ASKING = """
import time
from pathlib import Path
from tests.templates import once

def make(folder):
    folder.mkdir()
    with Path({makers!r}).open("a") as makers:
        makers.write("one\\n")
    time.sleep(0.3)
    (folder / "whole").touch()

assert (once("thing", make) / "whole").exists()
"""


@pytest.fixture
def of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEMPLATES_FOR_TESTS", str(tmp_path))
    return tmp_path


def test_of_several_processes_one_makes_it_and_all_find_it_whole(of_its_own: Path) -> None:
    program = ASKING.format(makers=str(of_its_own / "makers"))
    asking = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(4)]
    assert [one.wait(60) for one in asking] == [0, 0, 0, 0]
    assert (of_its_own / "makers").read_text() == "one\n"


def test_what_was_left_half_done_is_made_again(of_its_own: Path) -> None:
    def breaks(folder: Path) -> None:
        folder.mkdir()
        (folder / "half").touch()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once("thing", breaks)
    assert list(once("thing", Path.mkdir).iterdir()) == []
