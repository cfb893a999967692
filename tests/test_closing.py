"""The count at the end of a CI run: it fails on a skipped test, on a failed one and on an empty run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import closing

PASSES = "def test_passes():\n    assert True\n"
FAILS = "def test_fails():\n    assert False\n"
SKIPS = "import pytest\n\ndef test_skips():\n    pytest.skip('no tool')\n"
BREAKS = "import pytest\n\n@pytest.fixture\ndef broken():\n    yield\n    assert False\n\ndef test_breaks(broken):\n    pass\n"


def report(folder: Path, code: str) -> str:
    """A real report of a real run of these tests."""
    folder.mkdir(exist_ok=True)
    (folder / "test_it.py").write_text(code, encoding="utf-8")
    junit = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(folder)]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(
        [*command, f"--junit-xml={junit}", str(folder)], check=False, capture_output=True, timeout=120, env=alone
    )
    return str(junit)


@pytest.mark.parametrize(
    ("code", "status", "line"),
    [
        (PASSES, 0, "1 passed, 0 failed, 0 skipped"),
        (PASSES + FAILS, 1, "1 passed, 1 failed, 0 skipped"),
        (PASSES + SKIPS, 1, "1 passed, 0 failed, 1 skipped"),
        (PASSES + BREAKS, 1, "1 passed, 1 failed, 0 skipped"),
        ("", 1, "0 passed, 0 failed, 0 skipped"),
    ],
    ids=["passes", "fails", "skips", "breaks at its end", "empty"],
)
def test_a_run(code: str, status: int, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert closing.main([report(tmp_path, code)]) == status
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_groups_add_up_and_the_skipped_test_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert closing.main([report(tmp_path / "one", PASSES), report(tmp_path / "two", SKIPS)]) == 1
    said = capsys.readouterr().out
    assert "test_skips" in said
    assert "no tool" in said
    assert said.splitlines()[-1] == "1 passed, 0 failed, 1 skipped"
