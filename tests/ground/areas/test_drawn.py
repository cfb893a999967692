"""Outlines as people draw them and as attackers send them: read exactly, repaired and told, or refused with what and where."""

import math
import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.ground.areas import rules
from fenghuo.ground.refusal import Refused
from fenghuo.wire import cap
from fenghuo.wire.cap.lint_area import area_problems

SQUARE = "39.9,117.4 39.9,117.5 40.0,117.5 40.0,117.4 39.9,117.4"
BOW = "39,117 40,118 40,117 39,118 39,117"


def circle(points: int, radius: float = 0.4, wave: float = 0.0) -> str:
    turns = (2 * math.pi * one / points for one in range(points))
    return " ".join(
        f"{39.5 + radius * (1 + wave * math.sin(40 * turn)) * math.sin(turn):.6f},"
        f"{117.5 + radius * (1 + wave * math.sin(40 * turn)) * math.cos(turn):.6f}"
        for turn in turns
    )


def scribble(points: int) -> str:
    chance = random.Random(points)
    return " ".join(f"{chance.uniform(39, 40):.6f},{chance.uniform(117, 118):.6f}" for _ in range(points))


def valid(found: rules.Drawn) -> bool:
    return not list(area_problems(cap.Area("x", polygons=found.rings), "area"))


def inside(found: rules.Drawn, *points: tuple[float, float]) -> list[bool]:
    latitudes, longitudes = (np.array([round(one[axis] * rules.MICRO) for one in points]) for axis in (0, 1))
    answer: list[bool] = found.inside(longitudes, latitudes).tolist()
    return answer


def test_inside_outside_and_on_the_line() -> None:
    found = rules.drawn([SQUARE])
    points = [(39.95, 117.45), (39.9, 117.45), (40.0, 117.5), (39.899999, 117.45), (40.000001, 117.45)]
    assert inside(found, *points) == [True, True, True, False, False]
    assert found.rings == ("39.9,117.4 39.9,117.5 40,117.5 40,117.4 39.9,117.4",)
    assert found.repaired == ()


def test_an_open_outline_is_closed() -> None:
    assert rules.drawn([SQUARE.rsplit(" ", 1)[0]]).rings == rules.drawn([SQUARE]).rings


def test_one_that_crosses_itself_is_repaired_and_said_so() -> None:
    found = rules.drawn([SQUARE, BOW])
    assert found.repaired == (2,)
    assert len(found.rings) == 3
    assert valid(found)
    assert inside(found, (39.2, 117.5), (39.8, 117.5), (39.5, 117.2)) == [True, True, False]


def comb(corners: int, *, crossing: bool) -> str:
    """Long slanting teeth side by side: the boxes of all of them overlap, whether or not their lines ever cross."""
    points = []
    for tooth in range(corners // 2):
        along, ends = tooth * 8, ((0, 100_000), (100_000, 0))[tooth % 2]
        points += [(along - end, along + end) for end in ends]
    points += [(points[-1][0] + 50, points[-1][1] - 50), (-90, -110)] if not crossing else [(40, 20)]
    return " ".join(f"{39.85 + north / 1e6:.6f},{117.43 + east / 1e6:.6f}" for east, north in points)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "outline_small"),
        ("39,117", "outline_small"),
        ("39,117 40,118 39,117", "outline_small"),
        ("39,117 39,117 39,117 39,117", "outline_crossing"),
        ("39,117 39.5,117.5 40,118 39,117", "outline_crossing"),
        ("117,39 118,39 118,40 117,39", "outline_off_earth"),
        ("39,217 39,218 40,218", "outline_off_earth"),
        ("39,179.5 39,-179.5 40,-179.5 40,179.5", "outline_around_the_earth"),
        ("39,117 39,-118 40,118", "outline_around_the_earth"),
        ("39,117 x 40,118", "outline_syntax"),
        ("39;117 40;118 40;117", "outline_syntax"),
        ("nan,117 40,118 40,117", "outline_syntax"),
        ("1e2,117 40,118 40,117", "outline_syntax"),
        ("39,117 40,118\x00 40,117", "outline_syntax"),
        ("٣٩,117 40,118 40,117", "outline_syntax"),
        ("39,117,5 40,118 40,117", "outline_syntax"),
        (scribble(400), "outline_crossing"),
        (scribble(50_000), "outline_crossing"),
        (" ".join(f"{39 + one % 2},{117 + one / 10_000:.6f}" for one in range(9_000)), "outline_crossing"),
        (comb(50_000, crossing=False), "outline_crossing"),
        (comb(50_000, crossing=True), "outline_crossing"),
        (circle(100_001), "outline_too_long"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_time(text: str, code: str) -> None:
    started = time.process_time()
    with pytest.raises(Refused) as caught:
        rules.drawn([text])
    assert (caught.value.code, caught.value.field) == (code, "audience.polygons")
    assert str(caught.value)
    assert time.process_time() - started < 20  # a hostile outline may not hold a worker; it takes a second or two


def test_the_longitude_written_first_is_recognised() -> None:
    with pytest.raises(Refused) as caught:
        rules.drawn(["117,39 118,39 118,40"])
    assert "longitude" in caught.value.in_language("en")


def test_fifty_thousand_corners_choose_exactly_and_are_published_coarser() -> None:
    text = circle(50_000, wave=0.02)
    found = rules.drawn([text])
    assert valid(found)
    assert sum(len(ring.split()) for ring in found.rings) <= 5_000
    assert 0 < found.strays < 50
    corners = [(float(lat), float(lon)) for lat, lon in (pair.split(",") for pair in text.split()[::5_000])]
    assert all(inside(found, *corners))  # its own corners lie on the line


def test_too_many_outlines() -> None:
    with pytest.raises(Refused) as caught:
        rules.drawn([SQUARE] * 201)
    assert caught.value.code == "too_many_outlines"


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=12))
def test_whatever_is_accepted_is_valid_cap(corners: list[tuple[int, int]]) -> None:
    text = " ".join(f"{39 + y / 100},{117 + x / 100}" for x, y in corners)
    try:
        found = rules.drawn([text])
    except Refused:
        return
    assert valid(found)
    assert found.shapes[0].is_valid
