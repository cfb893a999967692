"""Taking an import back restores exactly what it changed, and only that; a crash in between changes nothing of it."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, tasks
from fenghuo.readiness.contacts.actions import plan
from fenghuo.readiness.contacts.models import Contact, ContactImport, Group
from fenghuo.readiness.contacts.rules import Row
from tests.makers import areas
from tests.readiness.contacts.test_import import HEADER

BASE = 10_000_000_000


def everything(town: Organisation) -> tuple[Any, ...]:
    """All that is known of everybody, without the ids that new rows get."""
    people = []
    for one in Contact.objects.filter(organisation=town).prefetch_related("numbers"):
        groups = sorted(Group.objects.filter(members__contact=one).values_list("name", flat=True))
        numbers = sorted(one.numbers.values_list("address", flat=True))
        plain = (one.name, one.area_id, one.position, one.tags, one.risk, one.landlines, one.latitude, one.longitude)
        people.append((one.id, *plain, tuple(numbers), tuple(groups)))
    return sorted(people), sorted(Group.objects.filter(organisation=town).values_list("name", flat=True))


def listed(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    names = ["姓名", "辖区", "职务", "手机", "座机", "标签", "风险", "群组", "纬度", "经度"]
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def taken_back(parent: ContactImport) -> ContactImport:
    actions.undo_import(parent=parent, by=None)
    return actions.finish(parent=parent)


NUMBERS = st.lists(st.integers(0, 9), max_size=2, unique=True)
NAMES = st.sampled_from("甲乙丙丁戊")
ROW = st.fixed_dictionaries(
    {
        "姓名": NAMES,
        "辖区": st.sampled_from(["12", "1201", "没有"]),
        "手机": NUMBERS.map(lambda ones: ";".join(str(BASE + one) for one in ones)),
        "职务": st.sampled_from(["", "书记", "主任"]),
        "座机": st.sampled_from(["", "022-29840001", "29840002"]),
        "标签": st.sampled_from(["", "防汛", "党员、防汛"]),
        "风险": st.sampled_from(["", "0", "7", "x"]),
        "群组": st.sampled_from(["", "一组", "一组;二组"]),
        "纬度": st.sampled_from(["", "39.9"]),
        "经度": st.sampled_from(["117.4"]),
    }
)


class AnyRoster(TestCase):
    """Whatever was there and whatever the list says: import, then undo, is as if nothing had happened."""

    def setUp(self) -> None:
        areas.none()
        Area.objects.bulk_create(
            [Area(code="12", name="市", level="province"), Area(code="1201", name="区", parent_id="12", level="city")]
        )
        self.town = Organisation.objects.create(area_id="12", name="镇", profile="xiacang")

    @settings(max_examples=40)
    @given(
        before=st.lists(st.tuples(NAMES, NUMBERS, st.sampled_from(["", "书记"]), st.booleans()), max_size=6),
        rows=st.lists(ROW, min_size=1, max_size=12),
        again=st.lists(ROW, max_size=6),
    )
    def test_import_and_undo_is_nothing(
        self, before: list[Any], rows: list[dict[str, str]], again: list[dict[str, str]]
    ) -> None:
        kept = [Row(name, "12", tuple(BASE + one for one in numbers), place) for name, numbers, place, _in in before]
        actions.load_many(organisation=self.town, rows=kept, by=None)
        if any(grouped for *_row, grouped in before):
            group = actions.create_group(organisation=self.town, name="一组", by=None)
            some = Contact.objects.filter(organisation=self.town)[:2].values_list("id", flat=True)
            actions.add_members(group=group, contacts=list(some), by=None)
        start = everything(self.town)
        first, report = actions.import_file(organisation=self.town, name="一.csv", data=listed(rows), by=None)
        assert report.rows == len(rows)
        middle = everything(self.town)
        if again:
            second, _ = actions.import_file(organisation=self.town, name="二.csv", data=listed(again), by=None)
            taken_back(second)
            assert everything(self.town) == middle
        taken_back(first)
        assert everything(self.town) == start
        assert not first.parts.exclude(left_count=0).exists()


@pytest.mark.django_db
def test_what_somebody_changed_since_stays_and_is_listed(town: Organisation):
    actions.import_csv(
        organisation=town, file=io.BytesIO((HEADER + "旧人,120119111,书记,10000000001,,,\n").encode()), by=None
    )
    text = (
        HEADER + "旧人,120119111,主任,10000000001,,5,\n新一,120119111,,10000000002,,,\n新二,120119111,,10000000003,,,\n"
    )
    parent, _ = actions.import_file(organisation=town, name="x.csv", data=text.encode(), by=None)
    old, touched = Contact.objects.get(name="旧人"), Contact.objects.get(name="新一")
    actions.edit_contact(
        contact=touched, name="新一", area="120119111", position="会计", numbers=["10000000002"], by=None
    )
    actions.edit_contact(
        contact=old, name="旧人", area="120119111", position="副主任", risk=5, numbers=["10000000001"], by=None
    )
    taken_back(parent)
    assert set(Contact.objects.values_list("name", "position", "risk")) == {("旧人", "副主任", 0), ("新一", "会计", 0)}
    assert parent.parts.get().left_count == 2
    assert JournalEntry.objects.get(act="contacts.unload").detail == {"removed": 1, "restored": 1, "left": 2}


@pytest.mark.django_db
def test_an_import_is_undone_once_and_not_before_it_is_done(town: Organisation):
    parent = actions.begin_import(
        organisation=town, name="x.csv", data=listed([{"姓名": "甲", "辖区": "120119111"}]), by=None
    )
    with pytest.raises(Refused) as caught:
        actions.undo_import(parent=parent, by=None)
    assert caught.value.kind == "conflict"
    actions.start_import(parent=parent, by=None)
    with pytest.raises(Refused):
        actions.start_import(parent=parent, by=None)
    actions.finish(parent=parent)
    taken_back(parent)
    with pytest.raises(Refused):
        actions.undo_import(parent=parent, by=None)


@pytest.mark.django_db
def test_a_batch_is_applied_once_though_two_workers_hold_it(town: Organisation):
    data = listed([{"姓名": f"人{one}", "辖区": "120119111"} for one in range(plan.PART + 10)])
    parent = actions.begin_import(organisation=town, name="x.csv", data=data, by=None)
    actions.start_import(parent=parent, by=None)
    twin = ContactImport.objects.get(pk=parent.pk)
    actions.advance(parent=parent)
    assert Contact.objects.count() == plan.PART
    while actions.advance(parent=twin):  # the other one, and a process that comes back after a crash
        pass
    while tasks.tick():
        pass
    assert Contact.objects.count() == plan.PART + 10
    assert ContactImport.objects.get().state == "done"


@pytest.mark.django_db
def test_a_reading_that_died_is_begun_anew_by_the_worker(town: Organisation):
    data = listed([{"姓名": f"人{one}", "辖区": "120119111"} for one in range(plan.PART * 2)])
    parent = actions.begin_import(organisation=town, name="x.csv", data=data, by=None)
    ContactImport.objects.filter(pk=parent.pk).update(state="reading", lease_until=None)
    half = plan.steps(ContactImport.objects.get(pk=parent.pk))
    next(half)
    del half
    assert parent.parts.count() == 1
    assert not tasks.tick()  # for a while the other one may still be alive
    with clock.moved(plan.LEASE * 2):
        while tasks.tick():
            pass
    parent.refresh_from_db()
    assert (parent.state, parent.total, parent.parts.count()) == ("previewed", plan.PART * 2, 2)
