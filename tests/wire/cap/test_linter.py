"""Each rule finds its fault at its place, and a good warning has none."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from fenghuo.wire.cap import (
    Alert,
    Certainty,
    MsgType,
    Pair,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
    build,
    lint,
    parse,
    write_references,
)
from fenghuo.wire.cap.linter import chain_problems
from tests.wire.cap.alerts import SENT, rainstorm, with_area, with_info

EARLIER = Reference("xiacang.example", "12011911100000_20240719010000_1", SENT - timedelta(hours=3))
ERRORS: list[tuple[str, str, Alert]] = [
    ("name", "alert/identifier", rainstorm(identifier="a b")),
    ("name", "alert/identifier", rainstorm(identifier="")),
    ("name", "alert/sender", rainstorm(sender="a,b")),
    ("name", "alert/sender", rainstorm(sender="a&b<")),
    ("no_info", "alert", rainstorm(infos=())),
    ("no_info", "alert", rainstorm(infos=(), msg_type=MsgType.UPDATE, references=write_references([EARLIER]))),
    ("restriction_missing", "alert/restriction", rainstorm(scope=Scope.RESTRICTED)),
    ("restriction_scope", "alert/restriction", rainstorm(restriction="内部")),
    ("addresses_missing", "alert/addresses", rainstorm(scope=Scope.PRIVATE, addresses=" ")),
    ("words", "alert/addresses", rainstorm(scope=Scope.PRIVATE, addresses='"a b')),
    ("words", "alert/incidents", rainstorm(incidents='a"b"')),
    ("references_missing", "alert/references", rainstorm(msg_type=MsgType.UPDATE)),
    ("references_missing", "alert/references", rainstorm(msg_type=MsgType.CANCEL, references="")),
    ("reference", "alert/references", rainstorm(references="only-an-identifier")),
    ("reference", "alert/references", rainstorm(references="a,b,2024-07-19T01:00:00Z")),
    (
        "reference_circular",
        "alert/references",
        rainstorm(references=write_references([Reference(rainstorm().sender, rainstorm().identifier, SENT)])),
    ),
    (
        "reference_postdated",
        "alert/references",
        rainstorm(references=write_references([replace(EARLIER, sent=SENT + timedelta(seconds=1))])),
    ),
    ("event_empty", "alert/info/event", with_info(event=" ")),
    ("expires_before_sent", "alert/info/expires", with_info(expires=SENT, onset=None)),
    (
        "expires_before_effective",
        "alert/info/expires",
        with_info(effective=SENT + timedelta(hours=2), expires=SENT + timedelta(hours=1), onset=None),
    ),
    ("no_area", "alert/info", with_info(areas=())),
    ("uri", "alert/info/web", with_info(web="/v/7K2M")),
    ("uri", "alert/info/web", with_info(web="javascript:alert(1)")),
    ("uri", "alert/info/resource/uri", with_info(resources=(Resource("图", "image/png", uri="map.png"),))),
    (
        "uri",
        "alert/info/resource/uri",
        with_info(resources=(Resource("图", "image/png", uri="data:text/html,x", deref_uri="aGk="),)),
    ),
    ("size", "alert/info/resource/size", with_info(resources=(Resource("图", "image/png", size=-1),))),
    ("area_empty", "alert/info/area/areaDesc", with_area(description="")),
    ("polygon_syntax", "alert/info/area/polygon", with_area(polygons=("39.8, 117.4 39.8, 117.5",))),
    ("polygon_small", "alert/info/area/polygon", with_area(polygons=("1,1 2,2 1,1",))),
    ("polygon_small", "alert/info/area/polygon", with_area(polygons=("",))),
    ("polygon_open", "alert/info/area/polygon", with_area(polygons=("1,1 1,2 2,2 2,1",))),
    ("polygon_crossing", "alert/info/area/polygon", with_area(polygons=("0,0 2,2 0,2 2,0 0,0",))),
    ("polygon_crossing", "alert/info/area/polygon", with_area(polygons=("0,0 1,1 2,2 0,0",))),
    ("coordinate", "alert/info/area/polygon", with_area(polygons=("117.4,39.8 117.5,39.8 117.5,39.7 117.4,39.8",))),
    ("coordinate", "alert/info/area/circle", with_area(circles=("90.1,0 1",))),
    ("circle_syntax", "alert/info/area/circle", with_area(circles=("39.8 117.4 5",))),
    ("radius", "alert/info/area/circle", with_area(circles=("39.8,117.4 -5",))),
    ("ceiling_alone", "alert/info/area/ceiling", with_area(ceiling=Decimal(5))),
    ("ceiling_low", "alert/info/area/ceiling", with_area(altitude=Decimal(9), ceiling=Decimal(5))),
]
WARNINGS: list[tuple[str, str, Alert]] = [
    (
        "exercise_without_note",
        "alert/note",
        replace(with_info(headline="演练：暴雨", description="（演练）"), status=Status.EXERCISE),
    ),
    (
        "exercise_unmarked",
        "alert/info/headline",
        replace(with_info(description=None), status=Status.EXERCISE, note="2024 防汛演练"),
    ),
    ("error_without_note", "alert/note", rainstorm(msg_type=MsgType.ERROR, references=write_references([EARLIER]))),
    ("addresses_scope", "alert/addresses", rainstorm(addresses="a b")),
    ("reference_twice", "alert/references", rainstorm(references=write_references([EARLIER, EARLIER]))),
    ("html", "alert/info/description", with_info(description="<b>暴雨</b>")),
    ("html", "alert/info/headline", with_info(headline="暴雨&nbsp;预警")),
    ("html", "alert/note", rainstorm(note="a<br/>b")),
    ("html", "alert/info/area/areaDesc", with_area(description="<p>下仓镇")),
    ("invisible_character", "alert/info/instruction", with_info(instruction="请\u202e远离")),
    ("invisible_character", "alert/info/event", with_info(event="暴\u200b雨")),
    ("no_language", "alert/info/language", with_info(language=None)),
    ("headline_long", "alert/info/headline", with_info(headline="雨" * 161)),
    ("no_expires", "alert/info/expires", with_info(expires=None)),
    ("expires_before_onset", "alert/info/expires", with_info(expires=SENT + timedelta(hours=1))),
    ("unknown_value", "alert/info/urgency", with_info(urgency=Urgency.UNKNOWN)),
    ("unknown_value", "alert/info/certainty", with_info(certainty=Certainty.UNKNOWN)),
    ("level_mismatch", "alert/info/severity", with_info(severity=Severity.MINOR)),
    ("response_none", "alert/info/responseType", with_info(response_types=(ResponseType.NONE, ResponseType.AVOID))),
    ("event_code", "alert/info/eventCode", with_info(event_codes=(Pair("GB/T 35561", "rain"),))),
    ("pair_name", "alert/info/parameter", with_info(parameters=(Pair("", "x"),))),
    ("mime_type", "alert/info/resource/mimeType", with_info(resources=(Resource("图", "png"),))),
    ("deref_uri", "alert/info/resource/derefUri", with_info(resources=(Resource("图", "image/png", deref_uri="?"),))),
    ("digest", "alert/info/resource/digest", with_info(resources=(Resource("图", "image/png", digest="abc"),))),
    ("area_unplaced", "alert/info/area", with_area(polygons=(), geocodes=())),
    ("geocode", "alert/info/area/geocode", with_area(geocodes=(Pair("GB/T 2260", "1201191"),))),
    ("radius_metres", "alert/info/area/circle", with_area(circles=("39.8,117.4 5000",))),
]


def test_a_good_warning_has_no_finding():
    assert lint(rainstorm(), sent_before=SENT) == []


@pytest.mark.parametrize(
    ("code", "path", "alert", "severity"),
    [(*row, "error") for row in ERRORS] + [(*row, "warning") for row in WARNINGS],
)
def test_a_fault_is_found_where_it_is_and_nothing_else(code: str, path: str, alert: Alert, severity: str):
    found = lint(alert, sent_before=SENT)
    assert [(problem.code, problem.path, problem.severity) for problem in found] == [(code, path, severity)]
    assert found[0].zh
    assert found[0].en


def test_faults_can_be_written_and_are_found_again_after_reading():
    for code, _, alert in ERRORS + WARNINGS:
        assert code in {problem.code for problem in lint(parse(build(alert)))}


def test_a_message_from_the_future_is_found_when_the_time_is_told():
    late = rainstorm(sent=SENT + timedelta(minutes=1))
    assert [problem.code for problem in lint(late, sent_before=SENT)] == ["sent_in_future"]
    assert lint(late) == []


def test_very_likely_is_read_as_likely_and_reported():
    for written in (b"Very Likely", b"VeryLikely"):
        alert = parse(build(rainstorm()).replace(b">Likely<", b">" + written + b"<"))
        assert alert.infos[0].certainty is Certainty.LIKELY
        assert [(p.code, p.path, p.severity) for p in lint(alert)] == [
            ("very_likely", "alert/info/certainty", "warning")
        ]


def test_plain_text_with_a_comparison_is_not_html():
    assert lint(with_info(description="水位<5米，风速>20m/s，A&B")) == []


@pytest.mark.parametrize("uri", ["https://a.example/m.png", "HTTP://a.example/"])
def test_absolute_addresses_are_fine_and_relative_ones_beside_content(uri: str):
    assert lint(with_info(web=uri, resources=(Resource("图", "image/png", uri=uri),))) == []
    assert lint(with_info(resources=(Resource("图", "image/png; q=1", uri="m.png", deref_uri="aGk=\n"),))) == []


def test_the_hint_about_swapped_coordinates_is_given_only_when_it_helps():
    swapped = lint(with_area(circles=("117.4,39.8 1",)))[0]
    nonsense = lint(with_area(circles=("500,600 1",)))[0]
    assert "longitude written first" in swapped.en
    assert "longitude written first" not in nonsense.en


def test_every_info_and_area_is_judged_at_its_own_place():
    good = rainstorm().infos[0]
    alert = rainstorm(
        infos=(good, replace(good, event="", areas=(*good.areas, replace(good.areas[0], description=""))))
    )
    assert [problem.path for problem in lint(alert)] == ["alert/info[2]/event", "alert/info[2]/area[2]/areaDesc"]


def _follows(name: str, *earlier: str) -> Alert:
    references = [Reference("s", other, SENT) for other in earlier]
    return rainstorm(identifier=name, sender="s", references=write_references(references) or None)


def test_circles_among_several_messages_are_found():
    chain = [_follows("a"), _follows("b", "a"), _follows("c", "b", "a")]
    assert chain_problems(chain) == []
    circle = [_follows("a", "c"), _follows("b", "a"), _follows("c", "b"), _follows("d", "c")]
    assert [problem.path for problem in chain_problems(circle)] == ["a", "b", "c"]
    assert chain_problems([rainstorm(references="unreadable")]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "<a" * 80_000},
        {"description": "&a" * 40_000},
        {"resources": (Resource("x", "a/" + "b" * 100_000 + " ", deref_uri="A" * 300_001),)},
        {"web": "http://" + "[" * 100_000},
    ],
)
def test_texts_made_to_be_slow_are_judged_quickly(changes: dict[str, Any]):
    began = process_time()
    lint(with_info(**changes))
    lint(rainstorm(references="a" * 400_000, addresses='"' * 399_999, incidents=" " * 400_000 + '"'))
    assert process_time() - began < 2
