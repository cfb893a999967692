"""A profile is taken whole or not at all, and every error says which file, which key and why."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fenghuo.ground.profile import queries
from fenghuo.ground.refusal import Refused, RefusedMany

XIACANG = (queries.SHIPPED / "xiacang.toml").read_text(encoding="utf-8")
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def own(data_folder: Path) -> Iterator[Path]:
    """The operator's own profiles."""
    folder = data_folder / "profiles"
    folder.mkdir()
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def refused(path: Path, text: str) -> list[Refused]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedMany) as caught:
        queries.load(path)
    return caught.value.refusals


def test_xiacang_says_what_its_document_says():
    town = queries.profile("xiacang")
    assert (town.sms.prefix.value, town.sms.prefix.clause) == ("【天津预警发布中心】", "XC 9")
    assert town.sms.suffix.value == "【蓟州区下仓镇】"
    assert (town.sms.limit.value, town.sms.billing.value, town.sms.src_id.value) == (280, 70, "12379")
    assert town.warnings.may_issue.value == []
    assert town.accounts.provisioner.value == "parent"
    assert town.flow.leader_approval("warning", relayed=True)
    assert town.flow.leader_approval("notice", relayed=False)
    assert (town.delivery.policy(1), town.delivery.policy(4), town.delivery.policy(None)) == (
        "urgent",
        "patient",
        "patient",
    )


@pytest.mark.parametrize("name", queries.names())
def test_every_shipped_rule_cites_a_clause_of_a_listed_document(name: str):
    values = tomllib.loads((queries.SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
    documents = set(values["documents"]) | {"+"}
    rules = [
        rule
        for name, section in values.items()
        if isinstance(section, dict) and name != "documents"
        for rule in section.values()
        if isinstance(rule, dict)
    ]
    assert rules
    for rule in rules:
        assert re.split(r"[ ,]", rule["clause"])[0] in documents, rule


@pytest.mark.parametrize(
    ("before", "after", "key", "reason"),
    [
        ("limit = { value = 280", "limit = { value = 0", "sms.limit.value", "at least 1"),
        ("limit = { value = 280", 'limit = { value = "many"', "sms.limit.value", "whole number"),
        ('limit = { value = 280, clause = "XC 9" }', "limit = { value = 280 }", "sms.limit.clause", "missing"),
        (
            'limit = { value = 280, clause = "XC 9" }',
            'limit = { value = 280, clause = " " }',
            "sms.limit.clause",
            "empty",
        ),
        ('limit = { value = 280, clause = "XC 9" }', "", "sms.limit", "missing"),
        ("[deadlines]", "[wishes]\n[deadlines]", "wishes", "no such entry"),
        ('value = "parent"', 'value = "cousin"', "accounts.provisioner.value", "possible are"),
        ("may_issue = { value = []", "may_issue = { value = [5]", "warnings.may_issue.value.0", "at most 4"),
        ("{headline}", "{headlin}", "sms", "{headline}"),
        ('value = "【蓟州区下仓镇】"', f'value = "【{"长" * 290}】"', "sms", "no room"),
        ("effective_from = 2017-01-01", "effective_from = 2017-02-30", "", "line"),
        ('name = "xiacang"', 'name = "wuqing"', "name", "name of the file"),
    ],
)
def test_an_error_names_file_key_and_reason(tmp_path: Path, before: str, after: str, key: str, reason: str):
    assert before in XIACANG
    wrong = refused(tmp_path / "xiacang.toml", XIACANG.replace(before, after))
    assert [one.field for one in wrong] == [key]
    assert str(wrong[0].in_language("en")).startswith("xiacang.toml: " + key)
    assert reason in wrong[0].in_language("en")


def test_all_errors_are_told_at_once(tmp_path: Path):
    wrong = refused(
        tmp_path / "xiacang.toml", XIACANG.replace("value = 280", "value = 0").replace("value = 70", 'value = "x"')
    )
    assert {one.field for one in wrong} == {"sms.limit.value", "sms.billing.value"}


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    path = tmp_path / "xiacang.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RefusedMany):
        queries.load(path)


def test_a_later_version_takes_over_on_its_day(own: Path):
    (own / "xiacang.toml").write_text(XIACANG, encoding="utf-8")
    later = (
        XIACANG.replace("version = 1", "version = 2")
        .replace("2017-01-01", "2026-08-01")
        .replace("value = 280", "value = 210")
    )
    (own / "xiacang.2.toml").write_text(later, encoding="utf-8")
    assert queries.profile("xiacang", on=SUMMER).sms.limit.value == 280
    # 1 August begins at 16:00 UTC of 31 July in China.
    assert queries.profile("xiacang", on=datetime(2026, 7, 31, 15, 59, tzinfo=UTC)).version == 1
    assert queries.profile("xiacang", on=datetime(2026, 7, 31, 16, 0, tzinfo=UTC)).sms.limit.value == 210
    with pytest.raises(Refused) as caught:
        queries.profile("xiacang", on=datetime(2010, 1, 1, tzinfo=UTC))
    assert (caught.value.code, caught.value.params["day"]) == ("profile_unknown", "2010-01-01")


def test_versions_that_contradict_each_other_are_refused(own: Path):
    (own / "xiacang.toml").write_text(XIACANG, encoding="utf-8")
    (own / "xiacang.2.toml").write_text(XIACANG.replace("version = 1", "version = 2"), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        queries.profile("xiacang")
    assert caught.value.code == "profile_versions"


def test_an_edited_file_is_read_again(own: Path):
    path = own / "xiacang.toml"
    path.write_text(XIACANG, encoding="utf-8")
    assert queries.profile("xiacang").sms.limit.value == 280
    path.write_text(XIACANG.replace("value = 280", "value = 140"), encoding="utf-8")
    assert queries.profile("xiacang").sms.limit.value == 140


def test_an_unknown_profile_is_missing():
    with pytest.raises(Refused) as caught:
        queries.profile("nowhere")
    assert caught.value.kind == "missing"


@pytest.mark.parametrize("name", ["../xiacang", "*", "xia", ""])
def test_a_name_is_never_a_path_or_pattern(name: str):
    with pytest.raises(Refused):
        queries.profile(name)


def test_a_rule_is_cited_as_people_cite_it():
    town = queries.profile("xiacang")
    assert town.cited(town.warnings.may_issue).zh == "《中华人民共和国突发事件应对法》第六十四条"
    assert town.cited(town.warnings.may_issue).en == "Emergency Response Law (2024), art. 64"
    assert town.cited(town.warnings.may_relay).zh == "《下仓镇突发事件预警信息发布管理制度》第五条"
    assert town.cited(town.flow.approval_for).zh.endswith("第五条、第九条")
    assert town.cited(town.flow.approval_ways).zh.endswith("第十条")
    assert "+" not in town.cited(town.sms.frame_counts).zh


def test_a_documents_title_alone_stands_for_both_languages(own: Path):
    path = own / "xiacang.toml"
    path.write_text(re.sub(r"XC = \{.*\}", 'XC = "制度"', XIACANG), encoding="utf-8")
    town = queries.load(path)
    assert str(town.cited(town.sms.limit).zh) == "《制度》第九条"


def test_the_four_governments_of_the_source_documents_ship():
    assert set(queries.names()) >= {"xiacang", "wuqing", "taicang", "bizhai"}
    areas = {name: queries.profile(name).area for name in ("xiacang", "wuqing", "taicang", "bizhai")}
    assert areas == {"xiacang": "120119111", "wuqing": "120114", "taicang": "320585", "bizhai": "530523203"}


@pytest.mark.parametrize(
    ("name", "levels", "everybody"),
    [("xiacang", [], False), ("wuqing", [1, 2, 3, 4], True), ("taicang", [1, 2, 3, 4], True), ("bizhai", [], False)],
)
def test_counties_issue_and_reach_the_whole_network_and_towns_relay(name: str, levels: list[int], everybody: bool):
    warnings = queries.profile(name).warnings
    assert (warnings.may_issue.value, warnings.whole_network.value) == (levels, everybody)
    assert warnings.may_relay.value


def test_a_part_and_its_point_are_cited_as_people_say_them():
    district = queries.profile("wuqing")
    assert district.cited(district.warnings.public_kinds).zh == "《武清区关于全面加强应急管理工作的意见》第五部分第2点"
    assert district.cited(district.warnings.may_issue).zh == "《中华人民共和国突发事件应对法》第六十四条"
