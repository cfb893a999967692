"""Event codes, levels and divisions are carried without loss, and the table says what DOMAIN's sources say."""

import pytest

from fenghuo.wire.cap import Area, Category, Pair, Severity, build, parse
from fenghuo.wire.cap.events import CODE, EventClass, all_events, categories, children, class_of, find, warnable
from fenghuo.wire.cap.levels import (
    Level,
    event_code_of,
    geocode,
    geocodes_of,
    level_from_colour,
    level_from_severity,
    level_of,
    level_parameter,
)
from tests.wire.cap.alerts import rainstorm, with_area, with_info


@pytest.mark.parametrize(
    ("level", "colour", "colour_zh", "ordinal", "word", "severity"),
    [
        (Level.I, "Red", "红", "一级", "特别重大", Severity.EXTREME),
        (Level.II, "Orange", "橙", "二级", "重大", Severity.SEVERE),
        (Level.III, "Yellow", "黄", "三级", "较大", Severity.MODERATE),
        (Level.IV, "Blue", "蓝", "四级", "一般", Severity.MINOR),
    ],
)
def test_a_level_has_the_words_of_the_law(
    level: Level, colour: str, colour_zh: str, ordinal: str, word: str, severity: Severity
):
    assert (level.colour, level.colour_zh, level.ordinal_zh, level.word_zh) == (colour, colour_zh, ordinal, word)
    assert level.severity is severity
    assert level_from_severity(severity) is level
    assert level_from_colour(colour) is level_from_colour(colour.upper()) is level
    assert level_from_colour(colour_zh) is level_from_colour(f"{colour_zh}色") is level


def test_the_level_is_read_from_the_colour_not_guessed_from_the_severity():
    assert level_of(parse(build(rainstorm())).infos[0]) is Level.II
    assert level_of(with_info(parameters=()).infos[0]) is None
    assert level_of(with_info(parameters=(level_parameter(None),)).infos[0]) is None
    assert level_of(with_info(severity=Severity.MINOR).infos[0]) is Level.II
    assert level_from_severity(Severity.UNKNOWN) is None
    assert level_from_colour("Unknown") is None


def test_code_and_divisions_survive_the_way_there_and_back():
    alert = parse(
        build(with_area(geocodes=(geocode("120119111"), geocode("120119111200,120119111201"), Pair("UGC", "X"))))
    )
    assert event_code_of(alert.infos[0]) == "11B03"
    assert geocodes_of(alert.infos[0].areas[0]) == ("120119111", "120119111200", "120119111201")
    assert geocodes_of(Area("x")) == ()
    assert event_code_of(with_info(event_codes=()).infos[0]) is None


@pytest.mark.parametrize(
    ("code", "zh", "event_class", "parent", "practice"),
    [
        ("11B03", "暴雨", EventClass.NATURAL, "11B00", False),
        ("11B19", "霾", EventClass.NATURAL, "11B00", True),
        ("11D01", "滑坡", EventClass.NATURAL, "11D00", False),
        ("11A00", "水旱灾害", EventClass.NATURAL, "11000", False),
        ("12S00", "踩踏事件", EventClass.ACCIDENT, "12000", False),
        ("14Y01", "行政区划界限纠纷", EventClass.SECURITY, "14Y00", False),
        ("19000", "其他突发事件", EventClass.OTHER, "", False),
        ("00000", "测试", EventClass.TEST, "", False),
        ("21B03", "暴雨风险区", EventClass.HAZARD, "20000", False),
    ],
)
def test_a_code_is_found_with_its_place_in_the_tree(
    code: str, zh: str, event_class: EventClass, parent: str, practice: bool
):
    event = find(code)
    assert event is not None
    assert (event.zh, event.event_class, event.parent, event.practice) == (zh, event_class, parent, practice)


def test_the_table_is_a_tree_without_twins():
    codes = [event.code for event in all_events()]
    assert codes == sorted(set(codes))
    for event in all_events():
        assert CODE.fullmatch(event.code)
        assert event.zh
        assert event.en
        assert event.parent == "" or find(event.parent) is not None
        assert event in children(event.parent)
        assert categories(event.code)
    assert [event.code for event in children("11000")] == [f"11{letter}00" for letter in "ABCDEFGY"]
    assert [event.code for event in children("12000")] == [f"12{letter}00" for letter in "ABCDEFGHJKLMNPQRSTUY"]
    assert len(children("11B00")) == 18 + 5 + 1


def test_a_warning_is_about_an_event_not_about_a_class_a_test_or_a_risk_area():
    codes = {event.code for event in warnable()}
    assert {"11B03", "11B00", "12D00", "19000"} <= codes
    assert not codes & {"11000", "14000", "00000", "20000", "21A01"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("11B03", (Category.MET,)),
        ("11A51", (Category.MET,)),
        ("11D02", (Category.GEO,)),
        ("11E01", (Category.GEO,)),
        ("11G01", (Category.FIRE,)),
        ("12H00", (Category.TRANSPORT,)),
        ("12T00", (Category.CBRNE,)),
        ("13E00", (Category.HEALTH,)),
        ("14F00", (Category.SECURITY,)),
        ("19000", (Category.OTHER,)),
        ("11B97", (Category.MET,)),
        ("", (Category.OTHER,)),
        ("rain!", (Category.OTHER,)),
    ],
)
def test_a_code_gives_its_cap_category_even_when_it_is_not_listed(code: str, expected: tuple[Category, ...]):
    assert categories(code) == expected


def test_an_unknown_code_has_no_row_but_a_class():
    assert find("11B37") is None
    assert class_of("11B37") is EventClass.NATURAL
    assert class_of("99999") is EventClass.OTHER
