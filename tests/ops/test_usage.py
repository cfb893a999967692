"""What is written wrongly on the command line is said in Chinese and English."""

import re

import pytest

from fenghuo.ops import parser
from fenghuo.ops.cli import main


@pytest.mark.parametrize(
    "words",
    [
        "",
        "foo",
        "account",
        "account token",
        "backup --keep",
        "backup --keep many",
        "rehearse --recipients 0",
        "rehearse --rate x",
        "rehearse --gateway fax",
        "restore a.zip --check --drill",
        "restore a.zip --check=1",
        "areas import --from x",
        "doctor --jsn",
        "restore a.zip --passphrase p --without-secret",
        "areas import --from x --county",
    ],
)
def test_both_languages_say_it_and_where(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser.build().parse_args(words.split())
    assert left.value.code == 2
    *usage, said = capsys.readouterr().err.splitlines()
    assert usage[0].startswith("用法 usage: fenghuo")
    chinese, english = said.split(" / ", 1)
    assert re.search("[一-鿿]", chinese.split("：", 1)[1]), said
    assert "命令写错" not in chinese, "a complaint that nobody put into Chinese"
    assert english


@pytest.mark.parametrize(
    ("kind", "plan"),
    [
        ("cmpp", "{"),
        ("cmpp", "[1]"),
        ("cmpp", '{"seeed": 1}'),
        ("smpp", '{"receipts": "fax"}'),
        ("smpp", '{"receipt_text": "{nobody}"}'),
        ("cmpp", '{"report_delay": "soon"}'),
        ("cmpp", '{"accounts": [{"name": 3}]}'),
        ("http", '{"rate": "fast"}'),
    ],
)
def test_a_wrong_plan_of_a_simulator_is_explained(kind: str, plan: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", kind, "--plan", plan]) == 2
    said = capsys.readouterr().err
    assert re.match(r"--plan：.*[一-鿿].* / ", said), said
