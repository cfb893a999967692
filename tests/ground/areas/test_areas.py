"""Areas: imported whole or not at all; a subtree is exactly what lies below."""

from pathlib import Path

import pytest

from fenghuo.ground.areas import actions, queries
from fenghuo.ground.areas.models import Area
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused, RefusedMany

HEADER = "code,name,parent,level\n"
TREE = HEADER + "12,天津市,,province\n1201,市辖区,12,city\n120119,蓟州区,1201,county\n120119111,下仓镇,120119,town\n"

pytestmark = pytest.mark.django_db


def write(folder: Path, text: str) -> Path:
    path = folder / "areas.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_areas_hold_the_67_villages_of_xiacang():
    report = actions.import_csv(path=queries.DEMO_CSV, by=None)
    assert (report.rows, report.added, report.updated) == (2102, 2102, 0)
    villages = queries.children("120119111")
    assert villages.count() == 67
    assert {area.level for area in villages} == {"village"}
    assert queries.subtree("120119111").count() == 68
    assert queries.path("120119111") == "天津市 蓟州区 下仓镇"
    assert set(queries.subtree("120119").values_list("code", flat=True)) == {
        code for code in Area.objects.values_list("code", flat=True) if code.startswith("120119")
    }


def test_a_second_import_renames_and_is_journalled(tmp_path: Path):
    actions.import_csv(path=write(tmp_path, TREE), by=None)
    again = actions.import_csv(path=write(tmp_path, TREE.replace("蓟州区", "蓟县")), by={"person": "x"})
    assert (again.added, again.updated) == (0, 1)
    assert Area.objects.get(code="120119").name == "蓟县"
    entry = JournalEntry.objects.get(seq=2)
    assert (entry.act, entry.actor, entry.detail["updated"]) == ("areas.import", {"person": "x"}, 1)


def test_children_may_stand_before_their_parents(tmp_path: Path):
    lines = TREE.removeprefix(HEADER).splitlines()
    actions.import_csv(path=write(tmp_path, HEADER + "\n".join(reversed(lines)) + "\n"), by=None)
    assert Area.objects.count() == 4


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("120119112,某镇,120118,town", "parent"),  # not the code's own beginning
        ("120119112001,某村,120119112,village", "parent"),  # hole in the tree
        ("12011911,某镇,120119,town", "code"),
        ("１２,天津市,,province", "code"),
        ("12011911x,某镇,120119,town", "code"),
        ("120119112,某镇,120119,village", "level"),
        ("120119112,,120119,town", "name"),
        ("120119112,某\x00镇,120119,town", "name"),
        ("120119111,下仓镇,120119,town", "code"),  # twice
        ("13,河北省,12,province", "parent"),
        (",,,", "code"),
    ],
)
def test_one_wrong_line_keeps_everything_out(tmp_path: Path, line: str, field: str):
    with pytest.raises(RefusedMany) as caught:
        actions.import_csv(path=write(tmp_path, TREE + line + "\n"), by=None)
    assert [one.field for one in caught.value.refusals] == [field]
    assert "6" in caught.value.refusals[0].in_language("en")  # the line
    assert not Area.objects.exists()
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("content", [b"code,name\n12,x\n", b"\xff\xfe\x00\x12", b""])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(Refused):
        actions.import_csv(path=path, by=None)


def test_asking_for_unknown_codes_names_them(tmp_path: Path):
    actions.import_csv(path=write(tmp_path, TREE), by=None)
    assert list(queries.get(["120119", "12"])) == ["120119", "12"]
    with pytest.raises(Refused, match="999999"):
        queries.get(["120119", "999999"])
    assert queries.inside("120119111", "120119")
    assert not queries.inside("120118111", "120119")
