"""Any bytes give an alert or a CapError, never another exception; whatever is read can be judged and written again."""

from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fenghuo.wire.cap import CapError, build, lint, parse, validate
from tests.wire.cap.alerts import ALERTS, rainstorm
from tests.wire.cap.hostile import BODY, GOOD

TAGS = [
    "alert",
    "info",
    "area",
    "sent",
    "event",
    "certainty",
    "value",
    "polygon",
    "size",
    "web",
    "ds:Object",
    "x:y",
    "é",
]
NAMESPACES = (
    ' xmlns="urn:oasis:names:tc:emergency:cap:1.2" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:x="u"',
    ' xmlns=""',
    "",
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"',
)


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> str:
    """Well-formed XML made of CAP's own names in any order."""
    tag = draw(st.sampled_from(TAGS)) if depth else "alert"
    inside = "".join(draw(st.lists(trees(depth + 1), max_size=3))) if depth < 4 else ""
    text = draw(st.sampled_from(["", "Very Likely", "1", "<!--c-->", "<![CDATA[<]]>", "<?p i?>", "&#10;", "暴雨"]))
    spaces = NAMESPACES[0] if depth == 0 else draw(st.sampled_from(NAMESPACES))
    return f"<{tag}{spaces}>{text}{inside}</{tag}>"


UNPARSED = ("too_big", "encoding", "doctype", "character", "xml", "too_deep", "too_many")


def _refusal(read: Callable[[bytes], object], data: bytes) -> str:
    """The code of the refusal, "" when the bytes were read; any other exception fails the test by itself."""
    try:
        read(data)
    except CapError as refused:
        return refused.code if refused.zh and refused.en else "without words"
    return ""


def _survives(data: bytes) -> None:
    refusal = _refusal(parse, data)
    assert refusal != "without words"
    assert _refusal(validate, data) in ("", *UNPARSED)
    if not refusal:
        alert = parse(data)
        lint(alert)
        assert parse(build(alert)) == alert


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300))
@example(b"")
@example(b"<")
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf<?xml version='1.0'?>")
def test_any_bytes(data: bytes):
    _survives(data)


@settings(max_examples=300, deadline=None)
@given(trees())
def test_any_tree_of_cap_names(text: str):
    _survives(text.encode())


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(0, 40), st.binary(max_size=12))
def test_a_good_warning_with_a_piece_replaced(start: int, length: int, piece: bytes):
    data = GOOD.encode()
    _survives(data[:start] + piece + data[start + length :])


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["note", "event", "sent", "web", "polygon", "valueName", "language", "responseType", "expires"]),
    st.text(st.characters(codec="utf-8"), max_size=30),
)
def test_a_good_warning_with_any_text_in_an_element(tag: str, text: str):
    start = BODY.find(f"<{tag}>")
    where = start + len(tag) + 2 if start >= 0 else BODY.index("</event>")
    _survives((BODY[:where] + text + BODY[where:]).encode())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_codec_of_any_piece(data: st.DataObject):
    codec = data.draw(st.sampled_from(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "gb18030", "utf-7", "cp037"]))
    declared = data.draw(st.sampled_from(["", "UTF-8", "UTF-16", "gbk", "utf-7", "UTF-32BE", "x", "ascii"]))
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    _survives((head + BODY).encode(codec, errors="replace"))


@settings(max_examples=150, deadline=None)
@given(ALERTS)
def test_every_alert_of_the_model_can_be_judged(alert):
    for problem in lint(alert):
        assert problem.code
        assert problem.path.startswith("alert")
        assert problem.zh != problem.en
        assert problem.severity in ("error", "warning")


def test_the_fuzz_base_is_accepted():
    assert parse(BODY.encode()) == rainstorm()
