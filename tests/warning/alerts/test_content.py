"""What is typed: read as far as it can be understood, refused by field where it cannot, and nothing lost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fenghuo.ground.refusal import RefusedMany
from fenghuo.warning.alerts import rules


def refused(**data: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(RefusedMany) as caught:
        rules.read({"kind": "warning", **data})
    for one in caught.value.refusals:
        assert one.in_language("en")
    return [(one.field, one.code) for one in caught.value.refusals]


def test_an_unfinished_draft_is_content():
    content = rules.read({"kind": "notice", "headline": "  停水  ", "level": "", "starts_at": "", "expires_at": None})
    assert (content.headline, content.level, content.starts_at) == ("停水", None, None)


@pytest.mark.parametrize(
    "typed", ["2026-07-01T08:00+08:00", "2026-07-01T00:00:00Z", "2026-07-01T08:00", "2026-07-01 08:00:00"]
)
def test_a_time_without_zone_is_local(typed: str):
    assert rules.read({"kind": "notice", "starts_at": typed}).starts_at == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-30T08:00", "2026-13-01T00:00", "2026-07-01T25:00", "tomorrow", "0001-01-01T00:00", "9999-12-31T23:59",
        1e18, True, [],
    ],
)  # fmt: skip
def test_impossible_dates_are_refused(typed: Any):
    assert refused(expires_at=typed) == [("expires_at", "datetime_parsing")]
    assert refused(origin={"issued_at": typed}) == [("origin.issued_at", "datetime_parsing")]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "weather"}, "kind"),
        ({"category": "alien"}, "category"),
        ({"level": 0}, "level"),
        ({"level": 5}, "level"),
        ({"level": True}, "level"),
        ({"level": 1.0}, "level"),
        ({"level": "red"}, "level"),
        ({"headline": "长" * 121}, "headline"),
        ({"body": "长" * 2001}, "body"),
        ({"body": "a\x00b"}, "body"),
        ({"body": "half \ud83d"}, "body"),
        ({"body": 7}, "body"),
        ({"areas": "120119111"}, "areas"),
        ({"areas": [120119111]}, "areas.0"),
        ({"audience": {"groups": [], "everybody": True}}, "audience.everybody"),
        ({"audience": []}, "audience"),
        ({"origin": {"how": "dream"}}, "origin.how"),
        ({"prefix": "【某某】"}, "prefix"),
        ({"mode": "live"}, "mode"),
    ],
)
def test_the_wrong_field_is_named(data: dict[str, Any], field: str):
    assert [one for one, _code in refused(**data)] == [field]


def test_all_wrong_fields_are_told_at_once():
    assert {field for field, _code in refused(level=9, expires_at="x", origin={"how": "x"})} == {
        "level",
        "expires_at",
        "origin.how",
    }


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ("【天津预警发布中心】今夜有暴雨。【蓟州区】", "今夜有暴雨。"),
        ("今夜\n有暴雨。 \r\n注意防范", "今夜 有暴雨。 注意防范"),
        ("", ""),
    ],
)
def test_the_words_of_a_received_text(received: str, words: str):
    assert rules.wording(received) == words
