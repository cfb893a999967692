"""Everything wrong is named at once, by field, in both languages; an alert with an error is never frozen."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.ground import clock
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import RefusedMany
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.rules import Problem
from tests.warning.alerts.makers import Town, drafted, make_town, notice, warning

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def found(town: Town, data: dict[str, Any]) -> list[Problem]:
    problems = queries.problems(rules.read(data), town.organisation)
    for one in problems:
        assert one.zh
        assert one.en
    return problems


def codes(town: Town, **changes: Any) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in found(town, warning(town, **changes))]


@pytest.fixture
def own_rules(data_folder: Path) -> Iterator[Path]:
    """Where an operator's profile lies."""
    folder = data_folder / "profiles"
    folder.mkdir()
    yield folder / "xiacang.toml"
    (folder / "xiacang.toml").unlink()
    folder.rmdir()


def test_a_complete_warning_has_no_problem(town: Town):
    assert found(town, warning(town)) == []
    assert found(town, notice(town)) == []


@pytest.mark.parametrize(
    ("changes", "element", "field", "word"),
    [
        ({"category": ""}, "category", "category", "类别"),
        ({"level": None}, "level", "level", "级别"),
        ({"starts_at": None}, "start", "starts_at", "起始时间"),
        ({"areas": []}, "area", "areas", "可能影响的范围"),
        ({"caution": ""}, "caution", "caution", "警示事项"),
        ({"measures": " "}, "measures", "measures", "应当采取的措施"),
        ({"issuer!": ""}, "issuer", "origin.issuer", "发布单位"),
        ({"issued_at!": None}, "issued", "origin.issued_at", "发布时间"),
    ],
)
def test_each_of_the_eight_elements_is_missed_by_name(
    town: Town, changes: dict[str, Any], element: str, field: str, word: str
):
    data = warning(town)
    for name, value in changes.items():
        if name.endswith("!"):
            data["origin"][name[:-1]] = value
        else:
            data[name] = value
    problems = found(town, data)
    assert [(one.code, one.field) for one in problems] == [(f"element_{element}", field)]
    assert word in problems[0].zh
    missing = [one for one in queries.elements(rules.read(data)) if not one.present]
    assert [(one.code, one.zh) for one in missing] == [(element, word)]


def test_the_law_has_eight_elements(town: Town):
    assert len(queries.elements(rules.read(warning(town)))) == 8
    assert all(one.present for one in queries.elements(rules.read(warning(town))))


def test_a_town_issues_no_warning_of_its_own(town: Town, own_rules: Path):
    assert codes(town, origin=None, issuer="下仓镇人民政府") == [("may_not_issue", "origin")]
    # A county's profile says otherwise, and only for the levels it names.
    text = (profiles.SHIPPED / "xiacang.toml").read_text(encoding="utf-8")
    own_rules.write_text(text.replace("may_issue = { value = []", "may_issue = { value = [3, 4]"), encoding="utf-8")
    assert codes(town, origin=None, issuer="下仓镇人民政府", level=3) == []
    assert codes(town, origin=None, issuer="下仓镇人民政府", level=2) == [("may_not_issue", "origin")]


def test_a_social_security_warning_names_its_document(town: Town):
    assert codes(town, category="security", event="14A00") == [("decision_document", "decision_document")]
    assert codes(town, category="security", event="14A00", decision_document="蓟政发〔2026〕7号") == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"event": ""}, ("event_missing", "event")),
        ({"event": "11Z99"}, ("event_unknown", "event")),
        ({"event": "00000"}, ("event_unknown", "event")),
        ({"event": "21B03"}, ("event_unknown", "event")),
        ({"event": "12G00"}, ("event_category", "event")),
        ({"headline": ""}, ("headline_missing", "headline")),
        ({"areas": ["999999999"]}, ("area_unknown", "areas")),
        ({"areas": ["120119"]}, ("area_outside", "areas")),
        ({"areas": ["120119112"]}, ("area_outside", "areas")),
        ({"audience": {}}, ("audience_empty", "audience")),
        ({"audience": {"groups": ["01JUNKNOWN"]}}, ("group_unknown", "audience")),
        ({"audience": {"areas": ["120119"]}}, ("area_outside", "audience")),
        ({"expires_at": None}, ("expires_missing", "expires_at")),
        ({"expires_at": "2020-01-01T00:00"}, ("expired", "expires_at")),
        ({"correction": "改" * 260}, ("too_long", "correction")),
        ({"correction": "改【正】"}, ("brackets", "correction")),
        ({"headline": "暴雨（演练）"}, ("exercise_mark", "headline")),
        ({"caution": "低洼\u202e点"}, ("bidi", "caution")),
        ({"measures": "第一\n第\u200b二"}, ("invisible", "measures")),
    ],
)
def test_what_is_wrong_is_named(town: Town, changes: dict[str, Any], expected: tuple[str, str]):
    assert expected in codes(town, **changes)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("今夜有暴雨【蓟州区】", "brackets"),
        ("今夜有暴雨\n请防范", "line_break"),
        ("（演练）今夜有暴雨", "exercise_mark"),
        ("今夜有暴雨（演练结束）", "exercise_mark"),
        ("今夜\u200b有暴雨", "invisible"),
        ("今夜\u202e有暴雨", "bidi"),
        ("今夜\x07有暴雨", "control"),
        ("雨" * 254, "too_long"),  # 10 + 4 + 254 + 6 + 8 = 282 of 280
    ],
)
def test_a_body_that_may_not_leave(town: Town, body: str, code: str):
    assert (code, "body") in codes(town, body=body)
    assert ("too_long", "body") not in codes(town, body="雨" * 252)


def test_it_must_end_after_it_begins(town: Town):
    later = (clock.now() + timedelta(hours=20)).isoformat()
    assert codes(town, starts_at=later) == [("expires_before_start", "expires_at")]


def test_an_origin_from_the_future_is_refused(town: Town):
    origin = warning(town)["origin"]
    future = (clock.now() + timedelta(hours=1)).isoformat()
    assert ("origin_future", "origin.received_at") in codes(town, origin={**origin, "received_at": future})
    assert ("origin_order", "origin.received_at") in codes(
        town, origin={**origin, "received_at": (clock.now() - timedelta(days=1)).isoformat()}
    )
    assert ("origin_text", "origin.text") in codes(town, origin={**origin, "text": " "})


def test_changed_wording_is_shown_to_the_reviewer_but_allowed(town: Town):
    problems = found(town, warning(town, body="今夜可能有雨"))
    assert [(one.code, one.severity) for one in problems] == [("wording_changed", "warning")]
    alert = drafted(town, body="今夜可能有雨")
    assert actions.submit(alert=alert, version=1, by=town["entry"]).state == "submitted"


def test_without_words_of_its_own_a_relay_keeps_those_it_received(town: Town):
    alert = drafted(town, body="")
    assert "预计今天夜间我市有暴雨，请注意防范。" in queries.texts(alert).sms
    assert queries.texts(alert).sms.count("【") == 2
    assert alert.origin is not None
    assert alert.origin["text"].startswith("【天津预警发布中心】")  # kept as it came


def test_only_a_warning_has_a_level(town: Town):
    assert [one.code for one in found(town, notice(town, level=3))] == ["level_without_warning"]


def test_submitting_tells_everything_and_freezes_nothing(town: Town):
    alert = drafted(town, caution="", areas=["120119"], body="【", audience={})
    with pytest.raises(RefusedMany) as caught:
        actions.submit(alert=alert, version=1, by=town["entry"])
    told = {(one.field, one.code) for one in caught.value.refusals}
    assert {
        ("caution", "element_caution"),
        ("areas", "area_outside"),
        ("body", "brackets"),
        ("audience", "audience_empty"),
    } <= told
    assert {one.kept for one in caught.value.refusals} == {"draft"}
    assert not Broadcast.objects.exists()
    alert.refresh_from_db()
    assert (alert.state, alert.version, alert.digest) == ("draft", 1, "")


def test_a_group_without_numbers_is_an_empty_audience(town: Town):
    nobody = contacts.create_group(organisation=town.organisation, name="空组", by=None)
    contacts.add_contact(organisation=town.organisation, name="无号码", area="120119111", position="哑", by=None)
    contacts.add_rule(group=nobody, position="哑", by=None)
    assert codes(town, audience={"groups": [nobody.id]}) == [("audience_empty", "audience")]


def test_a_neighbours_group_is_unknown(town: Town):
    neighbour = make_town(3, code="120119112", name="罗庄子镇人民政府")
    assert codes(town, audience={"groups": [neighbour.group.id]}) == [("group_unknown", "audience")]


def test_the_counter_shows_both_counts_and_the_cost(town: Town):
    audience = {"groups": [town.group.id]}
    counter = queries.counter("雨" * 107, town.organisation, audience, kind="notice")
    # 10 + 4 + 107 + 6 + 8 = 135 units: 2 by the town's rule of 70, 3 by the carrier's of 67 (DOMAIN §4).
    assert (counter.units, counter.billed, counter.segments, counter.remaining) == (135, 2, 3, 145)
    assert (counter.people, counter.recipients, counter.cost_fen) == (12, 12, 12 * 2 * 5)
    assert queries.counter("雨", town.organisation, audience, kind="warning").cost_fen == 0
    nobody = queries.counter("【" * 400, town.organisation, {})
    assert (nobody.recipients, nobody.problem is not None, nobody.remaining < 0) == (0, True, True)


def test_the_proposed_correction_names_what_it_corrects(town: Town):
    content = rules.read(warning(town))
    proposed = queries.default_correction(content, town.organisation)
    assert "天津市气象台发布暴雨橙色预警" in proposed
    assert queries.default_correction(rules.read(warning(town, correction="说错了")), town.organisation) == "说错了"
