"""Every shipped template, filled as an official would fill it, is a message that the town may submit as it stands."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from fenghuo.warning.alerts import rules
from fenghuo.warning.templates import values
from fenghuo.warning.templates.models import TemplateVersion
from fenghuo.warning.templates.shipped import Shipped, shipped
from fenghuo.wire.cap import events
from tests.makers.standing import standing
from tests.warning.alerts.makers import Town, make_town, warning

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

EIGHT = {"暴雨": "11B03", "大风": "11B06", "高温": "11B09", "大雾": "11B17", "道路结冰": "11B21", "寒潮": "11B05",
         "雷电": "11B14", "森林火险": "11G00"}  # fmt: skip
TWO_SEGMENTS = 134
PLAUSIBLE = {
    "place": "下仓镇北部山区", "period": "22日15时至23日8时", "moment": "22日18时30分", "number": "50", "phone": "10000000001",
    "text": "沿镇东公路至中心小学",
}  # fmt: skip
NUMBERS = {"风力": "8", "最高气温": "38", "降温幅度": "10", "能见度": "200", "提前分钟": "30"}


@pytest.fixture(scope="module")
def town(shipped_templates: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """One for all: nothing here is written."""
    with standing(django_db_blocker, make_town) as made:
        yield made


def told(version: TemplateVersion) -> dict[str, str]:
    wanted = values.blanks(*(getattr(version, name) for name in rules.WORDS))
    return {one.name: NUMBERS.get(one.name, PLAUSIBLE[one.kind]) for one in wanted}


def content(town: Town, version: TemplateVersion, **changed: Any) -> rules.Content:
    """What the API makes of the template, its blanks, an audience and, for a warning, where it came from."""
    given = warning(town)
    kept = {name: given[name] for name in ("areas", "audience")} | {"kind": version.template.kind}
    if version.template.kind == "warning":
        kept |= {
            "origin": given["origin"],
            "level": version.template.level or 2,
            "event": version.template.event or "11D00",
        }
    if not version.template.category and version.template.kind == "warning":
        kept |= {"category": "natural"}
    read = rules.read({**kept, "template": version.pk, "blanks": told(version), **changed})
    return rules.filled(read, town.organisation)


def of(key: str) -> TemplateVersion:
    return TemplateVersion.objects.get(template__key=key, template__organisation=None, state="approved")


@pytest.mark.parametrize("key", [one.key for one in shipped()])
def test_a_filled_template_may_be_submitted(town: Town, key: str) -> None:
    version = of(key)
    filled = content(town, version)
    found = rules.problems(filled, town.organisation)
    assert [one.zh for one in found if one.severity == "error"] == []
    assert [one.zh for one in found if one.code in ("word_doubtful", "fraud_pattern", "exercise_mentioned")] == []
    if version.template.kind == "warning":
        assert all(one.present for one in rules.elements(filled))
    units = rules.frame_of(town.organisation).preview(filled.body).count.units
    assert units <= 280
    if key.split(".")[0] not in ("notice", "meeting", "tip", "handling"):
        assert units <= TWO_SEGMENTS + 10, f"{units}: a warning should fit two segments"


@pytest.mark.parametrize("key", [one.key for one in shipped()])
def test_an_unfilled_blank_is_an_error_that_names_it(town: Town, key: str) -> None:
    version = of(key)
    wanted = told(version)
    for name in wanted:
        blank = version.body if f"{{{name}}}" in version.body else version.headline
        if name in (*values.SUGGESTED_PLACE, *values.SUGGESTED_PERIOD) or f"{{{name}}}" not in blank:
            continue
        filled = content(town, version, blanks={k: v for k, v in wanted.items() if k != name})
        found = [one for one in rules.problems(filled, town.organisation) if one.code == "blank_unfilled"]
        assert any(name in one.zh for one in found)


@pytest.mark.parametrize(("name", "code"), EIGHT.items())
def test_the_eight_types_have_four_levels_and_their_code(name: str, code: str) -> None:
    graded = [one for one in shipped() if one.event == code and not one.relation and not one.life_safety]
    assert sorted(one.level or 0 for one in graded) == [1, 2, 3, 4]
    assert all(name in one.name and one.caution and one.measures for one in graded)
    assert code in {one.code for one in events.warnable()}


@pytest.mark.parametrize("code", ["11B09", "11B17", "11B21", "11B14"])
def test_where_the_national_signal_has_no_blue_the_template_says_so(code: str) -> None:
    blue = next(one for one in shipped() if one.event == code and one.level == 4)
    assert "不设蓝色" in blue.note


def test_no_template_sets_an_amount(town: Town) -> None:
    """Amounts and times are blanks: a number in the words would be a threshold that no source of ours gives."""

    def digits(one: Shipped) -> str:
        words = f"{one.headline}{one.body}{one.caution}{one.measures}"
        for number in ("12119", "110", "119", "120"):
            words = words.replace(number, "")
        return "".join(character for character in words if character.isdigit())

    assert {one.key: digits(one) for one in shipped() if digits(one)} == {}
