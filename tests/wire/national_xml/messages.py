"""Messages for the national XML tests: one like those of a provincial met office, and a strategy for every message of the model."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from fenghuo.wire.cap.times import CHINA
from fenghuo.wire.national_xml import (
    Area,
    Certainty,
    Classification,
    Colour,
    Info,
    Message,
    Method,
    MsgType,
    Resource,
    Scope,
    Status,
    Urgency,
)

SENT = datetime(2020, 2, 5, 10, 45, tzinfo=CHINA)


def snowstorm(**changes: Any) -> Message:
    """A complete orange snowstorm warning of a province; `changes` replace fields of the message."""
    info = Info(
        event_type="11B04",
        severity=Colour.ORANGE,
        headline="河南省气象台发布暴雪橙色预警[II级/重大]",
        description="预计未来 6 小时内北部将出现 10 毫米以上降雪。",
        effective=SENT,
        onset=SENT,
        expires=SENT + timedelta(hours=12),
        sender_name="签发员",
        instruction="减少外出，注意道路结冰。",
        resources=(Resource("落区图", 20480, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),),
        areas=(Area("河南省", circles=("34.75,113.62 250000",), geocodes=("410000000000", "41010000000000")),),
    )
    held = Message(
        identifier="41000041600000_20200205104500",
        sender="河南省气象局",
        sender_code="41000041600000",
        phone="10000000000",
        sent=SENT,
        status=Status.ACTUAL,
        msg_type=MsgType.ALERT,
        methods=(Method("SMS", "", ("1", "2"), ("10000000001",)), Method("WEB")),
        infos=(info,),
    )
    return replace(held, **changes)


# What an element can hold and give back: characters XML allows, no white space at either end.
TEXT = st.text(
    st.one_of(
        st.sampled_from("<>&\"' ]]>【】暴雪橙色,，\u202e\u200b𠮷🌀"),
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=30,
).map(str.strip)
NEEDED = TEXT.filter(bool)
WORD = st.text(st.sampled_from("0123456789甲乙-_:"), min_size=1, max_size=12)
CODE = st.from_regex(r"[0-9]{6}[0-9A-Z]{8}", fullmatch=True) | st.from_regex(r"[0-9]{11}", fullmatch=True)
TIMES = st.datetimes(
    min_value=datetime(1900, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2199, 12, 30),  # noqa: DTZ001
    timezones=st.just(CHINA),
).map(lambda one: one.replace(microsecond=0))
NAMED = st.builds(
    lambda code, at, n: f"{code}_{at:%Y%m%d%H%M%S}" + ("" if n is None else f"_{n}"),
    st.from_regex(r"[0-9]{6}[0-9A-Z]{8}", fullmatch=True), TIMES, st.none() | st.integers(0, 9),
)  # fmt: skip
IDENTIFIERS = NAMED | st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True) | WORD


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _several(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=3).map(tuple)


CIRCLES = st.sampled_from(["34.75,113.62 250000", "34.75,113.62 5", "1,2 0", "1,2 12.5", "no circle"])
AREAS = st.builds(
    Area,
    description=NEEDED,
    polygons=_several(st.sampled_from(["1,1 2,2 1,2 1,1", "broken"])),
    circles=_several(CIRCLES),
    geocodes=_several(st.sampled_from(["410000000000", "62102300000000", "120119111201", "甲"]), least=1),
)
RESOURCES = st.builds(Resource, NEEDED, _maybe(st.integers(0, 10**14)), _maybe(NEEDED))
METHODS = st.builds(Method, NEEDED, TEXT, _several(WORD), _several(WORD))
PARAMETERS = _several(st.tuples(NEEDED.map(lambda name: f"x{name}"), TEXT))
INFOS = st.builds(
    Info,
    event_type=st.sampled_from(["11B03", "11B25", "11B37", "12T00", "99Z99", "11B0301"]),
    severity=st.sampled_from(Colour),
    headline=NEEDED,
    description=NEEDED,
    language=st.sampled_from(["zh-CN", "zh", "中文", "bo"]),
    urgency=st.sampled_from(Urgency),
    certainty=st.sampled_from(Certainty),
    effective=TIMES,
    onset=_maybe(TIMES),
    expires=_maybe(TIMES),
    sender_name=NEEDED,
    instruction=_maybe(NEEDED),
    web=_maybe(st.sampled_from(["http://www.12379.cn/a?b=c", "www.12379.cn", "not a link"])),
    resources=_several(RESOURCES),
    areas=_several(AREAS, least=1),
    parameters=PARAMETERS,
)
MESSAGES = st.builds(
    Message,
    identifier=IDENTIFIERS,
    sender=NEEDED,
    sender_code=CODE | st.from_regex(r"[0-9A-Za-z]{4,20}", fullmatch=True),
    sent=TIMES,
    status=st.sampled_from(Status),
    msg_type=st.sampled_from(MsgType),
    scope=st.sampled_from(Scope),
    phone=_maybe(NEEDED),
    methods=_several(METHODS, least=1),
    classification=st.sampled_from(Classification),
    note=_maybe(NEEDED),
    references=_maybe(IDENTIFIERS),
    infos=_several(INFOS, least=1),
)
