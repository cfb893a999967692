"""Whom an audience means: exactly those chosen, each number once, never everybody by accident."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import GroupRule
from fenghuo.readiness.contacts.rules import Row
from tests.makers import areas

pytestmark = pytest.mark.django_db

BASE = 10_000_000_000


def people(town: Organisation, *rows: Row) -> dict[str, int]:
    actions.load_many(organisation=town, rows=rows, by=None)
    return {contact.name: contact.id for contact in town.contact_set.all()}


def resolved(town: Organisation, **audience: Any) -> list[int]:
    return list(queries.resolve(organisation=town, audience=audience).addresses)


@pytest.fixture
def villages(town: Organisation) -> list[str]:
    return list(Area.objects.filter(parent_id="120119111").values_list("code", flat=True)[:3])


def test_groups_and_areas_are_united_without_repeats(town: Organisation, villages: list[str]):
    ids = people(
        town,
        Row("甲", villages[0], (BASE + 3,), position="网格员"),
        Row("乙", villages[0], (BASE + 1, BASE + 2), risk=5),
        Row("丙", villages[1], (BASE + 4,), position="网格员", tags=("防汛",)),
        Row("丁", villages[2], (BASE + 5,)),
    )
    static = actions.create_group(organisation=town, name="责任人", by=None)
    actions.add_members(group=static, contacts=[ids["乙"], ids["甲"]], by=None)
    grid = actions.create_group(organisation=town, name="网格员", by=None)
    actions.add_rule(group=grid, position="网格员", by=None)
    assert resolved(town, areas=[villages[0]], groups=[static.id, grid.id]) == [BASE + 1, BASE + 2, BASE + 3, BASE + 4]
    assert resolved(town, groups=[grid.id]) == [BASE + 3, BASE + 4]
    assert resolved(town, areas=["120119111"]) == [BASE + 1, BASE + 2, BASE + 3, BASE + 4, BASE + 5]
    audience = queries.resolve(organisation=town, audience={"groups": [static.id]})
    assert list(audience.contact_ids) == [ids["乙"], ids["乙"], ids["甲"]]
    actions.add_rule(group=grid, area=villages[2], by=None)
    assert resolved(town, groups=[grid.id]) == [BASE + 3, BASE + 4, BASE + 5]


def test_a_rule_restricts_by_all_it_names(town: Organisation, villages: list[str]):
    people(
        town,
        Row("甲", villages[0], (BASE + 1,), position="网格员", tags=("防汛", "党员")),
        Row("乙", villages[0], (BASE + 2,), position="网格员", tags=("防汛队",)),
        Row("丙", villages[1], (BASE + 3,), position="网格员", tags=("防汛",)),
        Row("丁", villages[0], (BASE + 4,), position="书记", tags=("防汛",)),
    )
    group = actions.create_group(organisation=town, name="防汛网格员", by=None)
    actions.add_rule(group=group, area=villages[0], position="网格员", tag=" 防汛 ", by=None)
    assert resolved(town, groups=[group.id]) == [BASE + 1]


@pytest.mark.parametrize(
    ("audience", "code", "kind"),
    [
        ({}, "audience_empty", "invalid"),
        ({"groups": [], "areas": []}, "audience_empty", "invalid"),
        ({"groups": ["01JUNKNOWN"]}, "group_unknown", "missing"),
        ({"areas": ["999999"]}, "area_unknown", "invalid"),
        ({"areas": ["120119"]}, "area_outside", "invalid"),
        ({"areas": ["120119112"]}, "area_outside", "invalid"),
        ({"areas": [""]}, "area_unknown", "invalid"),
        ({"areas": "120119111"}, "audience_form", "invalid"),
        ({"everybody": True}, "audience_form", "invalid"),
        ({"groups": [None]}, "audience_form", "invalid"),
        ({"areas": ["120119111%"]}, "area_unknown", "invalid"),
    ],
)
def test_what_is_not_understood_is_refused(town: Organisation, audience: dict[str, Any], code: str, kind: str):
    people(town, Row("甲", "120119111", (BASE,)))
    for ask in (queries.resolve, queries.preview, queries.count):
        with pytest.raises(Refused) as caught:
            ask(organisation=town, audience=audience)
        assert (caught.value.code, caught.value.kind) == (code, kind)


def test_an_audience_of_nobody_is_refused(town: Organisation, villages: list[str]):
    people(town, Row("甲", villages[0], (BASE,)), Row("乙", villages[1]))
    empty = actions.create_group(organisation=town, name="空", by=None)
    for audience in ({"groups": [empty.id]}, {"areas": [villages[1]]}, {"areas": [villages[2]]}):
        with pytest.raises(Refused) as caught:
            queries.resolve(organisation=town, audience=audience)
        assert caught.value.code == "audience_empty"


def test_a_rule_that_restricts_nothing_cannot_exist(town: Organisation):
    group = actions.create_group(organisation=town, name="全体", by=None)
    with pytest.raises(Refused) as caught:
        actions.add_rule(group=group, position="  ", tag=" , ", by=None)
    assert caught.value.code == "rule_empty"
    assert not GroupRule.objects.exists()


def test_a_neighbours_group_and_people_are_missing(town: Organisation, other: Organisation):
    ids = people(other, Row("甲", "120119112", (BASE,)))
    theirs = actions.create_group(organisation=other, name="责任人", by=None)
    actions.add_members(group=theirs, contacts=ids.values(), by=None)
    ours = actions.create_group(organisation=town, name="责任人", by=None)
    with pytest.raises(Refused) as caught:
        queries.resolve(organisation=town, audience={"groups": [theirs.id]})
    assert caught.value.kind == "missing"
    with pytest.raises(Refused):
        queries.contact(town, ids["甲"])
    with pytest.raises(Refused):
        actions.add_members(group=ours, contacts=ids.values(), by=None)
    people(town, Row("乙", "120119111", (BASE,)))  # the same number may be known to both
    assert resolved(town, areas=["120119111"]) == [BASE]


def test_the_preview_says_who_is_left_without_a_number(town: Organisation, villages: list[str]):
    people(
        town,
        Row("甲", villages[0], (BASE, BASE + 1)),
        Row("乙", villages[0], position="书记"),
        Row("丙", villages[1], (BASE + 2,)),
        Row("丁", villages[2], (BASE + 3,)),
    )
    group = actions.create_group(organisation=town, name="一村", by=None)
    actions.add_rule(group=group, area=villages[0], by=None)
    preview = queries.preview(organisation=town, audience={"groups": [group.id], "areas": [villages[1]]})
    assert (preview.people, preview.numbers, preview.without_number_total) == (3, 3, 1)
    assert [(one.name, one.position) for one in preview.without_number] == [("乙", "书记")]
    assert [(one.code, one.people, one.numbers) for one in preview.by_area] == [
        (villages[0], 2, 2),
        (villages[1], 1, 1),
    ]
    assert [(one.name, one.people, one.numbers) for one in preview.by_group] == [("一村", 2, 2)]


def test_every_change_of_contacts_raises_the_revision(town: Organisation, villages: list[str]):
    assert queries.revision(town) == 0
    contact = actions.add_contact(organisation=town, name="甲", area=villages[0], numbers=["10000000001"], by=None)
    group = actions.create_group(organisation=town, name="组", by=None)
    actions.add_members(group=group, contacts=[contact.id], by=None)
    rule = actions.add_rule(group=group, area=villages[0], by=None)
    actions.edit_contact(contact=contact, name="甲", area=villages[1], numbers=["10000000002"], by=None)
    actions.remove_rule(rule=rule, by=None)
    actions.remove_members(group=group, contacts=[contact.id], by=None)
    actions.rename_group(group=group, name="组二", by=None)
    actions.remove_group(group=group, by=None)
    actions.remove_contact(contact=contact, by=None)
    assert queries.revision(town) == 10


class AnyMembership(TestCase):
    """However groups overlap, the audience is the union and holds every number once."""

    def setUp(self) -> None:
        areas.none()
        Area.objects.bulk_create(
            [Area(code="12", name="市", level="province"), Area(code="1201", name="区", parent_id="12", level="city")]
        )
        self.town = Organisation.objects.create(area_id="12", name="镇", profile="xiacang")

    @given(
        numbers=st.lists(st.lists(st.integers(0, 15), max_size=3), min_size=1, max_size=8),
        groups=st.lists(st.sets(st.integers(0, 7)), min_size=1, max_size=4),
    )
    def test_each_number_once(self, numbers: list[list[int]], groups: list[set[int]]) -> None:
        rows = [Row(f"人{k}", "12", tuple(BASE + one for one in own)) for k, own in enumerate(numbers)]
        report = actions.load_many(organisation=self.town, rows=rows, by=None)
        kept = {one.name: one for one in self.town.contact_set.prefetch_related("numbers")}
        assert len(kept) + report.refused == len(rows)
        expected: set[int] = set()
        made = []
        for index, members in enumerate(groups):
            group = actions.create_group(organisation=self.town, name=f"组{index}", by=None)
            chosen = [kept[f"人{k}"] for k in members if f"人{k}" in kept]
            actions.add_members(group=group, contacts=[one.id for one in chosen], by=None)
            expected |= {number.address for one in chosen for number in one.numbers.all()}
            made.append(group.id)
        try:
            found = queries.resolve(organisation=self.town, audience={"groups": made})
        except Refused:
            assert not expected
            return
        assert sorted(found.addresses) == sorted(expected)
