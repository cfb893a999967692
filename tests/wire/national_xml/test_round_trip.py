"""National → XML → national, national → CAP → national and CAP → national → CAP give back what went in, whatever it was."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap import levels
from fenghuo.wire.national_xml import Certainty, Classification, Message, MsgType, from_cap, parse, to_cap
from fenghuo.wire.national_xml import build as write
from tests.wire.cap import alerts
from tests.wire.national_xml.messages import CODE, MESSAGES, NAMED, SENT, snowstorm

VECTORS = Path(__file__).parents[2] / "vectors" / "national_xml"
NAMES = st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True) | NAMED
PLACES = st.builds(
    cap.Area,
    description=alerts.TEXT,
    polygons=st.lists(alerts.TEXT | st.just("1,1 2,2 1,2 1,1"), max_size=2).map(tuple),
    circles=st.lists(alerts.TEXT | st.sampled_from(["39.8,117.4 12.5", "1,2 0.0", "1,2 007"]), max_size=2).map(tuple),
    geocodes=st.lists(
        st.sampled_from([levels.geocode("120119111"), levels.geocode("12"), levels.geocode("120119111201")])
        | st.builds(cap.Pair, alerts.TEXT, alerts.TEXT),
        max_size=2,
    ).map(lambda some: (levels.geocode("410000000000"), *some)),
)
# Every CAP alert about an event with a national code, in a place with a division code: what the national XML is for.
ALERTS = st.builds(
    lambda alert, infos, name, code, references, kind: replace(
        alert, identifier=name, sender=code, infos=infos, references=references, msg_type=cap.MsgType(kind)
    ),
    alerts.ALERTS,
    st.lists(
        st.builds(
            lambda info, code, areas, level: replace(
                info, event_codes=(levels.event_code(code), *info.event_codes), areas=areas,
                parameters=(*info.parameters, *level),
            ),
            alerts.INFOS,
            st.sampled_from(["11B03", "11B25", "12T00", "99Z99"]),
            st.lists(PLACES, min_size=1, max_size=2).map(tuple),
            st.sampled_from([(), *((levels.level_parameter(one),) for one in levels.Level)]),
        ),
        min_size=1, max_size=2,
    ).map(tuple),
    NAMES,
    CODE | NAMES,
    st.none() | alerts.TEXT | st.builds(lambda a, b, at: cap.write_references([cap.Reference(a, b, at)]), NAMES, NAMES,
                                        alerts.TIMES.filter(lambda at: 1900 < at.year < 2200)),
    st.sampled_from(["Alert", "Update", "Cancel"]),
)  # fmt: skip


@settings(max_examples=60)
@given(MESSAGES)
def test_every_message_is_written_and_read_back(message: Message):
    data = write(message)
    assert parse(data) == message
    assert write(parse(data)) == data


@settings(max_examples=60)
@given(MESSAGES)
def test_national_to_cap_and_back_loses_nothing(message: Message):
    alert = to_cap(message)
    built = cap.build(alert)
    assert cap.validate(built) == []
    assert from_cap(cap.parse(built)) == message


@settings(max_examples=60)
@given(ALERTS)
def test_cap_to_national_and_back_loses_nothing(alert: cap.Alert):
    message = from_cap(alert, sender_code="12011900011100", signer="签发员")
    assert to_cap(parse(write(message))) == replace(alert, remarks=())
    bare = from_cap(alert, sender_code="12011900011100", signer="签发员", whole=False)
    assert bare == replace(
        message, infos=(replace(message.infos[0], parameters=bare.infos[0].parameters), *message.infos[1:])
    )
    # What a receiver acts on is in the plain elements: what, how grave, where.
    assert [one.event_type for one in bare.infos] == [levels.event_code_of(one) for one in alert.infos]
    for told, info in zip(bare.infos, alert.infos, strict=True):
        level = levels.level_of(info)
        assert told.severity.value == (level.colour if level else "Unknown")
        assert [len(area.geocodes) for area in told.areas] == [len(levels.geocodes_of(area)) for area in info.areas]


def test_the_golden_message_has_these_very_bytes():
    assert write(snowstorm()) == (VECTORS / "snowstorm.xml").read_bytes()
    assert parse((VECTORS / "snowstorm.xml").read_bytes()) == snowstorm()


def test_what_cap_readers_look_for_is_in_its_place():
    alert = to_cap(snowstorm(msg_type=MsgType.UPDATE, references="41000041600000_20200204080000"))
    info = alert.infos[0]
    assert levels.level_of(info) is levels.Level.II
    assert info.severity is cap.Severity.SEVERE
    assert (info.event, levels.event_code_of(info)) == ("暴雪", "11B04")
    assert levels.geocodes_of(info.areas[0]) == ("410000000000", "41010000000000")
    assert info.areas[0].circles == ("34.75,113.62 250.000",)
    assert alert.references == "41000041600000,41000041600000_20200204080000,2020-02-04T08:00:00+08:00"
    assert (alert.sender, info.sender_name, info.contact) == ("41000041600000", "河南省气象局", "10000000000")


def test_references_go_both_ways_also_for_names_outside_the_rule():
    alert = alerts.rainstorm(
        identifier="120119111.01ABC",
        sender="fenghuo.120119111",
        references="fenghuo.120119111,120119111.01AAA,2024-07-19T04:00:00+08:00",
    )
    first = replace(
        alert,
        identifier="120119111.01AAA",
        sent=SENT.replace(year=2024, month=7, day=19, hour=4, minute=0),
        references=None,
    )
    code = "12011900011100"
    assert from_cap(alert, sender_code=code).references == from_cap(first, sender_code=code).identifier
    assert national_xml.values.IDENTIFIER.fullmatch(from_cap(alert, sender_code=code).identifier)


def test_inner_and_very_likely_survive():
    message = snowstorm(classification=Classification.INNER)
    message = replace(message, infos=(replace(message.infos[0], certainty=Certainty.VERY_LIKELY),))
    alert = to_cap(message)
    assert (alert.scope, alert.restriction, alert.infos[0].certainty) == (
        cap.Scope.RESTRICTED,
        "内部",
        cap.Certainty.LIKELY,
    )
    assert from_cap(alert) == message


def test_a_carried_message_counts_only_while_it_agrees():
    alert = alerts.rainstorm(sender="41000041600000")
    message = from_cap(alert)
    assert to_cap(message) == alert
    changed = replace(message, infos=(replace(message.infos[0], description="另一段话"),))
    found = to_cap(changed)
    assert found.infos[0].description == "另一段话"
    assert [one.code for one in found.remarks] == ["carried"]
    evil = replace(message, infos=(replace(message.infos[0], parameters=(("CAP-1.2", "<!DOCTYPE a><a/>"),)),))
    assert [one.code for one in to_cap(evil).remarks] == ["carried"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"infos": ()}, "info"),
        ({"msg_type": cap.MsgType.ACK}, "msg_type"),
        ({"sender": "xiacang.example"}, "sender_code"),
    ],
)
def test_what_the_national_format_cannot_say_is_refused(changes: dict[str, object], code: str):
    with pytest.raises(cap.CapError) as refused:
        from_cap(replace(alerts.rainstorm(sender="41000041600000"), **changes))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_an_event_without_a_national_code_is_refused():
    with pytest.raises(cap.CapError) as refused:
        from_cap(replace(alerts.with_info(event_codes=()), sender="41000041600000"))
    assert refused.value.code == "event_code"


def test_the_file_name_follows_the_rule():
    assert national_xml.file_name(snowstorm()) == "41000041600000_20200205104500_11B04_ORANGE_ALERT.xml"
    assert national_xml.file_name(snowstorm(sent=SENT + timedelta(hours=1), msg_type=MsgType.CANCEL)).endswith(
        "_20200205114500_11B04_ORANGE_CANCEL.xml"
    )
