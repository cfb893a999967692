"""The sweep agrees with trying every pair of edges, and stays quick on rings made to slow it down."""

from itertools import combinations
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fenghuo.wire.cap.ring import Vertex, touching_edges

RINGS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=9)
WIDE_RINGS = st.lists(
    st.tuples(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15)), min_size=3, max_size=12
)


def _turn(a: Vertex, b: Vertex, c: Vertex) -> int:
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (value > 0) - (value < 0)


def _inside(a: Vertex, b: Vertex, p: Vertex) -> bool:
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


def _share_a_point(a: Vertex, b: Vertex, c: Vertex, d: Vertex) -> bool:
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] != turns[1] and turns[2] != turns[3]:
        return True
    return any(
        turn == 0 and _inside(*edge, p)
        for turn, edge, p in zip(turns, ((a, b), (a, b), (c, d), (c, d)), (c, d, a, b), strict=True)
    )


def _touches_by_every_pair(ring: list[Vertex]) -> bool:
    ring = [vertex for i, vertex in enumerate(ring) if vertex != ring[i - 1]]
    if len(ring) < 3:
        return True
    edges = [(ring[i], ring[(i + 1) % len(ring)]) for i in range(len(ring))]
    for i, j in combinations(range(len(edges)), 2):
        (a, b), (c, d) = edges[i], edges[j]
        if j == i + 1 or (i == 0 and j == len(edges) - 1):
            shared, one, two = (b, a, d) if j == i + 1 else (a, b, c)
            forward = (one[0] - shared[0]) * (two[0] - shared[0]) + (one[1] - shared[1]) * (two[1] - shared[1])
            if _turn(shared, one, two) == 0 and forward > 0:
                return True
        elif _share_a_point(a, b, c, d):
            return True
    return False


@settings(max_examples=3000, deadline=None)
@given(RINGS)
@example([(0, 0), (2, 0), (2, 2), (0, 2)])
@example([(0, 0), (2, 2), (2, 0), (0, 2)])
@example([(0, 0), (4, 0), (2, 0), (2, 2)])
@example([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)])
@example([(0, 0), (0, 4), (0, 2), (3, 3)])
def test_it_agrees_with_every_pair_on_a_small_grid(ring: list[Vertex]):
    assert (touching_edges(ring) is not None) == _touches_by_every_pair(ring)


@settings(max_examples=500, deadline=None)
@given(WIDE_RINGS)
def test_it_agrees_with_every_pair_far_apart(ring: list[Vertex]):
    assert (touching_edges(ring) is not None) == _touches_by_every_pair(ring)


def test_the_crossing_edges_are_named():
    found = touching_edges([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert found is not None
    assert sorted(found) == [0, 2]


def test_repeated_neighbours_are_one_vertex_and_keep_the_numbering():
    assert touching_edges([(0, 0), (0, 0), (2, 0), (2, 2)]) is None
    found = touching_edges([(0, 0), (0, 0), (2, 2), (2, 0), (0, 2)])
    assert found is not None
    assert sorted(found) == [1, 3]


def _comb(teeth: int) -> list[Vertex]:
    """Long slanted teeth, every bounding box over every other: no two edges touch."""
    ring = [(4 * i + (10**6 if i % 2 else 0), 10**6 if i % 2 else 0) for i in range(teeth)]
    return [*ring, (10**8, -5), (-5, -5)]


@pytest.mark.parametrize("ring", [_comb(9_998), [(i % 100 * 7, i // 100) for i in range(10_000)]])
def test_ten_thousand_points_take_seconds_not_minutes(ring: list[Vertex]):
    began = process_time()
    touching_edges(ring)
    assert process_time() - began < 5


def test_the_slow_comb_is_a_simple_ring():
    assert touching_edges(_comb(400)) is None
    assert not _touches_by_every_pair(_comb(400))
