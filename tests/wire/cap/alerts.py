"""Alerts for the CAP tests: one real-looking warning, and Hypothesis strategies for every alert the model can hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from fenghuo.wire.cap import (
    Alert,
    Area,
    Category,
    Certainty,
    Info,
    MsgType,
    Pair,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from fenghuo.wire.cap.geometry import polygon_text
from fenghuo.wire.cap.levels import Level, event_code, geocode, level_parameter
from fenghuo.wire.cap.times import CHINA

SENT = datetime(2024, 7, 19, 4, 30, tzinfo=CHINA)


def rainstorm(**changes: Any) -> Alert:
    """A complete orange rainstorm warning without any finding; `changes` replace fields of the alert."""
    area = Area(
        "蓟州区下仓镇",
        polygons=(polygon_text([(39.80, 117.40), (39.80, 117.55), (39.70, 117.55), (39.70, 117.40)]),),
        geocodes=(geocode("120119111"),),
    )
    info = Info(
        categories=(Category.MET,),
        event="暴雨",
        urgency=Urgency.EXPECTED,
        severity=Severity.SEVERE,
        certainty=Certainty.LIKELY,
        response_types=(ResponseType.PREPARE,),
        event_codes=(event_code("11B03"),),
        effective=SENT,
        onset=SENT + timedelta(hours=2),
        expires=SENT + timedelta(hours=12),
        sender_name="下仓镇人民政府",
        headline="下仓镇人民政府发布暴雨橙色预警",
        description="预计未来 6 小时降雨量将达 50 毫米以上，低洼村庄可能积水。",
        instruction="请远离河道和低洼处，听从村委会安排转移。",
        web="https://xiacang.example/v/7K2M",
        parameters=(level_parameter(Level.II),),
        areas=(area,),
    )
    alert = Alert(
        identifier="12011911100000_20240719043000_1",
        sender="xiacang.example",
        sent=SENT,
        status=Status.ACTUAL,
        msg_type=MsgType.ALERT,
        scope=Scope.PUBLIC,
        infos=(info,),
    )
    return replace(alert, **changes)


def with_info(**changes: Any) -> Alert:
    """The rainstorm warning with fields of its info replaced."""
    alert = rainstorm()
    return replace(alert, infos=(replace(alert.infos[0], **changes),))


def with_area(**changes: Any) -> Alert:
    """The rainstorm warning with fields of its area replaced."""
    return with_info(areas=(replace(rainstorm().infos[0].areas[0], **changes),))


# Every character XML 1.0 allows, white space and astral ones included.
TEXT = st.text(
    st.one_of(
        st.sampled_from("<>&\"'\t\n\r ]]>【】暴雨橙色\u202e\u200b𠮷🌀\u2028"),
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=40,
)
TIMES = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(9998, 12, 30),  # noqa: DTZ001
    timezones=st.one_of(
        st.just(UTC), st.just(CHINA), st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
    ),
)
PAIRS = st.lists(st.builds(Pair, TEXT, TEXT), max_size=3).map(tuple)
URIS = st.sampled_from(["https://example.org/a?b=c&d=e#f", "rel/part.png", "http://预警.example/页面", "urn:x:y", ""])
NUMBERS = st.decimals(-(10**6), 10**6, places=3)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _several(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=3).map(tuple)


AREAS = st.builds(
    Area,
    description=TEXT,
    polygons=_several(TEXT | st.just("1,1 2,2 1,2 1,1")),
    circles=_several(TEXT | st.just("39.8,117.4 12.5")),
    geocodes=PAIRS,
    altitude=_maybe(NUMBERS),
    ceiling=_maybe(NUMBERS | st.integers(0, 99).map(Decimal)),
)
RESOURCES = st.builds(
    Resource,
    description=TEXT,
    mime_type=TEXT,
    size=_maybe(st.integers(-(10**17), 10**17)),
    uri=_maybe(URIS),
    deref_uri=_maybe(TEXT),
    digest=_maybe(TEXT),
)
INFOS = st.builds(
    Info,
    categories=_several(st.sampled_from(Category), least=1),
    event=TEXT,
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(Severity),
    certainty=st.sampled_from(Certainty),
    language=st.sampled_from(["zh-CN", "en-US", "bo", "ug-Arab-CN", None]),
    response_types=_several(st.sampled_from(ResponseType)),
    audience=_maybe(TEXT),
    event_codes=PAIRS,
    effective=_maybe(TIMES),
    onset=_maybe(TIMES),
    expires=_maybe(TIMES),
    sender_name=_maybe(TEXT),
    headline=_maybe(TEXT),
    description=_maybe(TEXT),
    instruction=_maybe(TEXT),
    web=_maybe(URIS),
    contact=_maybe(TEXT),
    parameters=PAIRS,
    resources=_several(RESOURCES),
    areas=_several(AREAS),
)
# Canonical already, so that equality can be asked for.
EXTENSIONS = _several(
    st.sampled_from(
        [
            '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>签&lt;名</ds:Object></ds:Signature>',
            '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><x xmlns=""></x></Signature>',
            '<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><plain><b xmlns="urn:b"></b></plain></ds:Object>',
        ]
    )
)
ALERTS = st.builds(
    Alert,
    identifier=TEXT,
    sender=TEXT,
    sent=TIMES,
    status=st.sampled_from(Status),
    msg_type=st.sampled_from(MsgType),
    scope=st.sampled_from(Scope),
    source=_maybe(TEXT),
    restriction=_maybe(TEXT),
    addresses=_maybe(TEXT),
    codes=_several(TEXT),
    note=_maybe(TEXT),
    references=_maybe(TEXT),
    incidents=_maybe(TEXT),
    infos=_several(INFOS),
    extensions=EXTENSIONS,
)
