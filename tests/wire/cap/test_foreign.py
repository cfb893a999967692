"""A document with other habits than ours is read in full."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from fenghuo.wire.cap import MsgType, Pair, build, lint, parse, read_references, validate
from fenghuo.wire.cap.geometry import read_circle

DATA = (Path(__file__).parents[2] / "vectors" / "cap" / "prefixed.xml").read_bytes()
SYDNEY = timezone(timedelta(hours=10))


def test_every_value_is_read_whatever_the_layout():
    alert = parse(DATA)
    info = alert.infos[0]
    assert validate(DATA) == []
    assert alert.sent == datetime(2024, 7, 19, 6, 30, tzinfo=SYDNEY)
    assert alert.msg_type is MsgType.UPDATE
    assert alert.codes == ("profile:1", "layer:2")
    assert info.event == "Storm & fire <watch>"
    assert info.language is None
    assert info.expires == datetime(2024, 7, 20, tzinfo=SYDNEY)
    assert info.parameters == (Pair("Resources", ""),)
    assert info.resources[0].size == 2048
    assert info.areas[0].altitude == Decimal("1000.50")
    assert read_circle(info.areas[0].circles[0])[1] == 25
    assert read_references(alert.references or "")[0].identifier == "urn:oid:2.49.0.1.36.0.2024.6"


def test_it_can_be_passed_on_with_its_own_offset_and_without_loss():
    again = build(parse(DATA), zone=None)
    assert parse(again) == parse(DATA)
    assert b"<sent>2024-07-19T06:30:00+10:00</sent>" in again
    assert b"<altitude>1000.50</altitude>" in again


def test_its_weaknesses_are_told_and_nothing_else():
    assert [(problem.code, problem.severity) for problem in lint(parse(DATA))] == [
        ("no_language", "warning"),
        ("html", "warning"),
    ]
