"""Times, references, word lists and shapes: the texts inside CAP elements."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire.cap import CapError, Reference, read_references, write_references
from fenghuo.wire.cap.geometry import circle_text, polygon_text, read_circle, read_polygon
from fenghuo.wire.cap.references import read_words, write_words
from fenghuo.wire.cap.times import CHINA, read_time, write_time
from tests.wire.cap.alerts import SENT, TIMES

NAMES = st.from_regex(r"[^\s,<&]{1,20}", fullmatch=True)


@given(TIMES)
def test_a_time_is_read_as_it_was_written(moment: datetime):
    moment = moment.replace(microsecond=0)
    assert read_time(write_time(moment)) == moment
    kept = read_time(write_time(moment, None))
    assert (kept, kept.utcoffset()) == (moment, moment.utcoffset())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-19T04:30:00+08:00", SENT),
        ("2024-07-18T20:30:00-00:00", SENT),
        ("2024-07-18T20:30:00+00:00", SENT),
        (" 2024-07-18T17:00:00-03:30\n", SENT),
        ("2024-07-19T24:00:00+08:00", datetime(2024, 7, 20, tzinfo=CHINA)),
    ],
)
def test_forms_of_time_that_are_read(text: str, moment: datetime):
    assert read_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", "2024-07-19", "2024-07-19T04:30:00", "2024-07-19T04:30:00Z", "2024-07-19 04:30:00+08:00", "2024-07-19T04:30+08:00",
        "2024-07-19T04:30:00.0+08:00", "2024-02-30T00:00:00+08:00", "2024-07-19T24:30:00+08:00", "2024-07-19T25:00:00+08:00",
        "2024-07-19T04:30:00+15:00", "2024-07-19T04:30:00+08:60", "2024-07-19T04:30:00,08:00", "0000-01-01T00:00:00+08:00",
        "9999-12-31T24:00:00+08:00", "٢٠٢٤-07-19T04:30:00+08:00", "2024-07-19T04:30:00+0800", "20240719T043000+08:00",
    ],
)  # fmt: skip
def test_forms_of_time_that_are_refused(text: str):
    with pytest.raises(CapError) as refused:
        read_time(text, "alert/sent")
    assert (refused.value.code, refused.value.path) == ("time", "alert/sent")


@given(st.lists(st.builds(Reference, NAMES, NAMES, st.datetimes().map(lambda m: m.replace(microsecond=0, tzinfo=UTC)))))
def test_references_are_read_as_they_were_written(references: list[Reference]):
    inside = [r for r in references if 2 < r.sent.year < 9998]
    assert read_references(write_references(inside)) == tuple(inside)


def test_references_are_triples_with_a_space_between():
    text = write_references([Reference("s", "a", SENT), Reference("s", "b", SENT + timedelta(hours=1))])
    assert text == "s,a,2024-07-19T04:30:00+08:00 s,b,2024-07-19T05:30:00+08:00"


@pytest.mark.parametrize("name", ["", "a b", "a,b", "a<b", "a&b", "a\tb"])
def test_a_name_that_would_break_the_list_is_refused(name: str):
    for reference in (Reference(name, "a", SENT), Reference("s", name, SENT)):
        with pytest.raises(CapError) as refused:
            write_references([reference])
        assert refused.value.code == "reference"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"'), min_size=1)))
def test_words_are_read_as_they_were_written(words: list[str]):
    assert read_words(write_words(words)) == tuple(words)


@pytest.mark.parametrize("text", ['"a', 'a"', '"a"b', 'a"b"', '"a""b"'])
def test_words_with_a_loose_quote_are_refused(text: str):
    with pytest.raises(CapError) as refused:
        read_words(text, "alert/addresses")
    assert refused.value.path == "alert/addresses"


def test_a_ring_is_closed_and_latitude_comes_first():
    assert (
        polygon_text([(39.8, 117.4), (Decimal("39.70"), 117), (39, 118.1234567)])
        == "39.8,117.4 39.7,117 39,118.123457 39.8,117.4"
    )
    assert polygon_text([(1, 1), (2, 2), (1, 2), (1, 1)]) == "1,1 2,2 1,2 1,1"
    assert polygon_text([(-0.0000001, 1e-7)]) == "0,0"
    assert polygon_text([]) == ""


@given(st.lists(st.tuples(st.decimals(-90, 90, places=6), st.decimals(-180, 180, places=6)), min_size=1, max_size=9))
def test_a_polygon_is_read_as_it_was_written(points: list[tuple[Decimal, Decimal]]):
    closed = points if len(points) > 1 and points[0] == points[-1] else [*points, *points[:1]]
    assert read_polygon(polygon_text(points)) in (tuple(closed), tuple(points))


def test_a_circle_has_kilometres():
    assert circle_text(39.8, 117.4, 12.5) == "39.8,117.4 12.5"
    assert read_circle("39.8,117.4 12.5") == ((Decimal("39.8"), Decimal("117.4")), Decimal("12.5"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("sNaN"), Decimal("1E+30")])
def test_a_number_that_is_no_coordinate_is_refused(value: float | Decimal):
    with pytest.raises(CapError) as refused:
        polygon_text([(value, 1)])
    assert refused.value.code == "coordinate"


@pytest.mark.parametrize(
    "text", ["1", "1,2,3", "1,2 3", "a,b", "1,2;3,4", "1e5,2", "NaN,1", "١,٢", "1." + "1" * 99 + ",2"]
)
def test_a_polygon_of_something_else_is_refused(text: str):
    with pytest.raises(CapError) as refused:
        read_polygon(text, "alert/info/area/polygon")
    assert (refused.value.code, refused.value.path) == ("polygon_syntax", "alert/info/area/polygon")
