"""Boundaries from GeoJSON: taken whole or not at all, each refusal with its feature and reason, nothing hostile gets through."""

import json
import time
from typing import Any

import pytest

from fenghuo.ground.areas import actions, queries, rules
from fenghuo.ground.areas.models import Area, Boundary
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused, RefusedMany
from tests.makers import boundaries as maker

pytestmark = pytest.mark.django_db
TOWN = "120119111"


@pytest.fixture
def villages(db: None) -> list[str]:
    actions.import_csv(path=queries.DEMO_CSV, by=None)
    return list(Area.objects.filter(parent_id=TOWN).values_list("code", flat=True))


def load(content: bytes, **options: Any) -> actions.BoundaryReport:
    return actions.import_boundaries(content=content, name="x.geojson", by=None, **options)


def refusal(content: bytes, **options: Any) -> Refused:
    with pytest.raises((Refused, RefusedMany)) as caught:
        load(content, **options)
    assert not Boundary.objects.exists()
    refused = caught.value
    if isinstance(refused, RefusedMany):
        return refused.refusals[0]
    assert isinstance(refused, Refused)
    return refused


def test_a_town_of_cells(villages: list[str]) -> None:
    assert load(maker.villages(villages)).stored == 67
    assert len(queries.boundaries().codes) == 67
    assert [one.code for one in queries.without_boundary(TOWN)] == [TOWN]
    assert JournalEntry.objects.filter(act="areas.boundaries").count() == 1
    west, south = maker.cell(0)
    near = rules.drawn([maker.outline(west + 0.002, south + 0.002, west + 0.004, south + 0.004)])
    assert queries.reached(villages[:2], near) == {villages[0]: True, villages[1]: False}
    assert queries.reached([TOWN, "120119112"], near) == {TOWN: True, "120119112": None}


def test_a_second_import_replaces_and_every_process_sees_it(villages: list[str]) -> None:
    load(maker.villages(villages[:3]))
    before = queries.boundaries()
    report = load(maker.collection(maker.feature(villages[0], maker.polygon(maker.square(118.0, 39.0)))))
    assert report.stored == 1
    assert queries.boundaries().mark != before.mark
    assert queries.boundaries().shapes[0].bounds[0] == 118_000_000
    assert actions.remove_boundaries(code=villages[1], by=None) == 1
    assert villages[1] not in queries.boundaries().codes


def test_codes_as_files_write_them(villages: list[str]) -> None:
    county = maker.feature("120119000000", maker.polygon(maker.square(117.0, 39.0, 1.0)))
    number = maker.feature(int(villages[0]), maker.polygon(maker.square(117.4, 39.8)))
    stranger = maker.feature("990101", maker.polygon(maker.square(100.0, 39.0)))
    report = load(maker.collection(county, number, stranger))
    assert report.unknown == ["990101"]
    assert set(queries.boundaries().codes) == {"120119", villages[0]}
    named = {"type": "Feature", "properties": {"区划代码": TOWN}, "geometry": maker.polygon(maker.square(117.0, 39.0))}
    assert load(maker.collection(named)).stored == 1


def test_a_crossing_boundary_is_repaired_and_named(villages: list[str]) -> None:
    bow = [[117.0, 39.0], [117.1, 39.1], [117.1, 39.0], [117.0, 39.1], [117.0, 39.0]]
    report = load(maker.collection(maker.feature(villages[0], maker.polygon(bow))))
    assert report.repaired == [villages[0]]
    assert queries.boundaries().shapes[0].is_valid


SQUARE = maker.square(117.0, 39.0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "boundaries_json"),
        (b"\xff\xfe\x00", "boundaries_utf8"),
        (b"null", "boundaries_form"),
        (b"[1, 2]", "boundaries_form"),
        (b'{"type": "FeatureCollection", "features": []}', "boundaries_form"),
        (b'{"type": "FeatureCollection", "features": {}}', "boundaries_form"),
        (b'{"type": "Topology", "features": [1]}', "boundaries_form"),
        (maker.collection(7), "boundaries_code"),
        (maker.collection(maker.feature(True, maker.polygon(SQUARE))), "boundaries_code"),
        (maker.collection(maker.feature(None, maker.polygon(SQUARE))), "boundaries_code"),
        (maker.collection(maker.feature(TOWN, None)), "boundaries_geometry"),
        (maker.collection(maker.feature(TOWN, {"type": "Point", "coordinates": [1, 2]})), "boundaries_geometry"),
        (maker.collection(maker.feature(TOWN, {"type": "Polygon", "coordinates": 5})), "boundaries_ring"),
        (maker.collection(maker.feature(TOWN, maker.polygon([[1, 2]]))), "boundaries_ring"),
        (maker.collection(maker.feature(TOWN, maker.polygon([["1", "2"]] * 4))), "boundaries_ring"),
        (maker.collection(maker.feature(TOWN, maker.polygon([[True, 2]] * 4))), "boundaries_ring"),
        (maker.collection(maker.feature(TOWN, maker.polygon([[1, 2]] * 4))), "boundaries_crossing"),
        (maker.collection(maker.feature(TOWN, maker.polygon(maker.square(11_700_000, 39)))), "boundaries_off_earth"),
        (maker.collection(maker.feature(TOWN, maker.polygon(maker.square(39, 117)))), "boundaries_off_earth"),
        (maker.collection(maker.feature("999999", maker.polygon(SQUARE))), "boundaries_unknown"),
        (maker.collection(*[maker.feature(TOWN, maker.polygon(SQUARE))] * 2), "boundaries_twice"),
        (maker.collection(maker.feature(TOWN, maker.polygon(SQUARE)), crs={"name": "EPSG:3857"}), "boundaries_system"),
        (maker.collection(maker.feature(TOWN, maker.polygon(SQUARE))).replace(b"117.0", b"NaN"), "boundaries_json"),
        (maker.collection(maker.feature(TOWN, maker.polygon(SQUARE))).replace(b"117.0", b"1e999"), "boundaries_ring"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "boundaries_deep"),
        (b"[" * 3_000_000, "boundaries_deep"),
        (b'{"type": "' + b"\\u0000" * 10 + b'"}', "boundaries_form"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_what_is_no_boundary_is_refused(villages: list[str], content: bytes, code: str) -> None:
    refused = refusal(content)
    assert (refused.code, refused.kept) == (code, "nothing")
    assert str(refused)


def test_a_neighbours_area_is_not_ours_to_bound(villages: list[str]) -> None:
    content = maker.collection(maker.feature("120119112", maker.polygon(SQUARE)))
    assert refusal(content, within=TOWN).code == "boundaries_outside"


def test_a_large_file_takes_seconds(villages: list[str]) -> None:
    ring = [[117.0 + one / 1e5, 39.0] for one in range(60_000)] + [[117.6, 39.5], [117.0, 39.5], [117.0, 39.0]]
    content = maker.collection(*(maker.feature(code, maker.polygon(ring)) for code in villages[:5]))
    assert len(content) > 5_000_000
    started = time.process_time()
    assert load(content).stored == 5
    assert time.process_time() - started < 30
    assert len(json.dumps(queries.outlines(TOWN)[0].shape)) < 20_000


def test_pasted_geojson_becomes_outlines() -> None:
    geometry = maker.polygon(SQUARE)
    expected = ["39,117 39,117.01 39.01,117.01 39.01,117 39,117"]
    for document in (
        geometry,
        {"type": "Feature", "geometry": geometry},
        json.loads(maker.collection(maker.feature("1", geometry))),
    ):
        assert rules.rings_of(json.dumps(document)) == expected
    with pytest.raises(Refused) as caught:
        rules.rings_of(json.dumps(maker.polygon(SQUARE, maker.square(117.002, 39.002, 0.001))))
    assert caught.value.code == "outline_hole"
