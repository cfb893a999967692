"""Lengths, segments and bills (W4; DOMAIN §4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire import text

WIDTHS = st.sampled_from([8, 16])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=900)


@pytest.mark.parametrize(
    ("low", "high", "billed", "segments"),
    [
        (1, 70, 1, 1),
        (71, 134, 2, 2),
        (135, 140, 2, 3),
        (141, 201, 3, 3),
        (202, 210, 3, 4),
        (211, 268, 4, 4),
        (269, 280, 4, 5),
    ],
)
def test_the_table_of_both_rules(low, high, billed, segments):
    for n in range(low, high + 1):
        assert text.measure("险" * n) == text.Count(n, segments, billed)


@pytest.mark.parametrize(
    ("n", "segments"), [(0, 0), (70, 1), (71, 2), (132, 2), (133, 3), (198, 3), (199, 4), (264, 4), (265, 5)]
)
def test_a_sixteen_bit_reference_leaves_sixty_six(n, segments):
    assert text.segments("险" * n, 16) == segments


@pytest.mark.parametrize(("said", "units"), [("", 0), ("a1，", 3), ("𠮷", 2), ("🔥火", 3), ("\ud842", 1), ("é", 1)])
def test_units_are_utf_16(said, units):
    assert text.units(said) == units


@given(texts, st.integers(0, 255), WIDTHS)
def test_segments_put_together_are_the_text(said, ref, width):
    try:
        parts = text.split(said, ref, width)
    except text.TextError as wrong:
        assert {problem.code for problem in wrong.problems} == {"empty"}
        assert said == ""
        return
    assert b"".join(part.payload for part in parts).decode("utf-16-be") == said
    assert len(parts) == text.segments(said, width) == parts[0].total
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    for part in parts:
        part.payload.decode("utf-16-be")  # no half pair on either side
        assert len(part.udh) + len(part.payload) <= 140
        assert bool(part.udh) == (len(parts) > 1)
    assert (len(parts) == 1) == (text.units(said) <= 70)


def test_a_pair_is_never_split_and_may_cost_a_segment():
    said = "火" * 66 + "𠮷" + "火" * 66
    parts = text.split(said, 1)
    assert [len(part.payload) // 2 for part in parts] == [66, 67, 1]
    assert text.units(said) == 134
    assert text.segments(said) == 3


@pytest.mark.parametrize(
    ("ref", "width", "udh"),
    [
        (0, 8, "050003000201"),
        (255, 8, "050003ff0201"),
        (0x1234, 16, "0608041234" + "0201"),
        (65535, 16, "060804ffff0201"),
    ],
)
def test_headers_of_both_widths(ref, width, udh):
    parts = text.split("险" * 100, ref, width)
    assert parts[0].udh.hex() == udh
    assert parts[1].udh.hex() == udh[:-2] + "02"


@pytest.mark.parametrize(
    ("said", "ref", "width", "code"),
    [
        ("", 0, 8, "empty"),
        ("好", 256, 8, "reference"),
        ("好", -1, 8, "reference"),
        ("好", 65536, 16, "reference"),
        ("好", 0, 12, "reference"),
        ("好\ud800好", 0, 8, "surrogate"),
        ("险" * (255 * 67 + 1), 0, 8, "too_long"),
    ],
)
def test_what_cannot_be_cut_says_why(said, ref, width, code):
    with pytest.raises(text.TextError) as refused:
        text.split(said, ref, width)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_the_billing_unit_is_a_setting():
    assert text.billed("险" * 141) == 3
    assert text.billed("险" * 141, 67) == 3
    assert text.billed("险" * 135, 67) == 3
    assert text.billed("") == 0
