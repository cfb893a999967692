"""The roster in columns is the roster in the database: after any change, for any audience, on any path of following it."""

import threading
from typing import Any

import numpy as np
import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area, Boundary
from fenghuo.ground.ids import new_id
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import Contact, ContactNumber, Group
from fenghuo.readiness.contacts.queries import proof, roster
from fenghuo.readiness.contacts.rules import Row
from tests.makers import areas
from tests.readiness.contacts import oracle

BASE = 10_000_000_000
AREAS = ("12", "1201", "120101", "120102", "1202")
GRID = st.integers(-3, 3)
SCALE = 0.01
CORNER = st.tuples(GRID, GRID)


def outline(corners: list[tuple[int, int]]) -> str:
    return " ".join(f"{39.9 + y * SCALE:.2f},{117.4 + x * SCALE:.2f}" for x, y in [*corners, corners[0]])


def simple(corners: list[tuple[int, int]]) -> bool:
    shape = shapely.Polygon(corners)
    return bool(shape.is_valid and shape.area > 0)


OUTLINES = st.lists(CORNER, min_size=3, max_size=5, unique=True).filter(simple).map(outline)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(AREAS),
        st.sampled_from(["", "网格员", "书记"]),
        st.sampled_from([(), ("防汛",), ("防汛", "党员"), ("防汛队",)]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.none() | CORNER,
    ),
    min_size=1,
    max_size=12,
)
RULES = st.tuples(st.sampled_from(["", *AREAS]), st.sampled_from(["", "网格员"]), st.sampled_from(["", "防汛"])).filter(
    any
)
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "groups": st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
        "areas": st.lists(st.sampled_from(AREAS), min_size=1, max_size=2, unique=True),
        "polygons": st.lists(OUTLINES, min_size=1, max_size=2, unique=True),
        "everyone": st.just(True),
    },
)
EDITS = st.lists(
    st.tuples(st.sampled_from(["move", "remove", "add", "join", "leave", "rule"]), st.integers(0, 40)), max_size=5
)


def bound(code: str, west: int, south: int, east: int, north: int) -> None:
    """A rectangle of the grid as an area's boundary."""
    corners = [
        117_400_000 + west * 10_000,
        39_900_000 + south * 10_000,
        117_400_000 + east * 10_000,
        39_900_000 + north * 10_000,
    ]
    shape = shapely.to_wkb(shapely.box(*corners))
    Boundary.objects.create(area_id=code, shape=shape, outline={}, batch=new_id(), imported_at=clock.now())


class AnyAudience(TestCase):
    """`resolve` against the oracle, over random people, groups, rules, boundaries, outlines, and changes in between."""

    def setUp(self) -> None:
        levels = {2: "province", 4: "city", 6: "county"}
        areas.none()
        Area.objects.bulk_create(
            [Area(code=one, name=one, level=levels[len(one)], parent_id=one[:-2] or None) for one in AREAS]
        )
        self.town = Organisation.objects.create(area_id="12", name="镇", profile="xiacang")

    @settings(max_examples=25)
    @given(
        people=PEOPLE,
        rules=st.lists(st.lists(RULES, max_size=2), min_size=3, max_size=3),
        members=st.lists(st.sets(st.integers(0, 11)), min_size=3, max_size=3),
        bounds=st.sets(st.sampled_from(["1201", "120101", "1202"])),
        audiences=st.lists(CHOICES.filter(bool), min_size=1, max_size=3),
        edits=EDITS,
    )
    def test_resolve_is_what_the_database_says(self, people, rules, members, bounds, audiences, edits) -> None:
        for code in bounds:
            west = {"1201": -3, "120101": -3, "1202": 1}[code]
            bound(code, west, -2, west + 2, 2)
        kept = [self.person(index, *one) for index, one in enumerate(people)]
        groups = []
        for index, (own, ids) in enumerate(zip(rules, members, strict=True)):
            group = actions.create_group(organisation=self.town, name=f"组{index}", by=None)
            chosen = [kept[one].id for one in ids if one < len(kept)]
            actions.add_members(group=group, contacts=chosen, by=None)
            for area, position, tag in own:
                actions.add_rule(group=group, area=area or None, position=position, tag=tag, by=None)
            groups.append(group)
        self.compare(audiences, groups)
        for what, seed in edits:
            self.change(what, seed, groups)
            self.compare(audiences, groups)

    def person(self, index: int, area, position, tags, risk, numbers, place) -> Contact:
        made = actions.add_contact(
            organisation=self.town, name=f"村民{index % 3}", area=area, position=position, tags=tags, risk=risk, by=None,
            numbers=[str(BASE + 2 * index + one) for one in range(numbers)],
        )  # fmt: skip
        if place:
            self.place(made, place)
        return made

    def place(self, contact: Contact, place: tuple[int, int]) -> None:
        x, y = place
        Contact.objects.filter(pk=contact.pk).update(
            longitude=117_400_000 + x * 10_000, latitude=39_900_000 + y * 10_000
        )
        # As an action would have said it, whoever keeps positions.
        actions.rename_group(group=self.notebook(), name=f"册{new_id()}", by=None)

    def notebook(self) -> Group:
        queries.forget(self.town)
        return Group.objects.filter(organisation=self.town, name__startswith="册").first() or actions.create_group(
            organisation=self.town, name="册", by=None
        )

    def change(self, what: str, seed: int, groups: list[Group]) -> None:
        everyone = list(Contact.objects.filter(organisation=self.town).order_by("id"))
        group = groups[seed % 3]
        if what == "add" or not everyone:
            self.person(100 + Contact.objects.count() + seed, AREAS[seed % 5], "书记", ("防汛",), seed % 3, 1, None)
            return
        one = everyone[seed % len(everyone)]
        if what == "move":
            numbers = [str(number.address) for number in one.numbers.all()]
            actions.edit_contact(
                contact=one, name="村民" + "甲乙丙"[seed % 3], area=AREAS[seed % 5], position="网格员", tags=(), risk=seed % 3,
                numbers=numbers[:1], by=None,
            )  # fmt: skip
        elif what == "remove":
            actions.remove_contact(contact=one, by=None)
        elif what == "join":
            actions.add_members(group=group, contacts=[one.id], by=None)
        elif what == "leave":
            actions.remove_members(group=group, contacts=[one.id], by=None)
        else:
            actions.add_rule(group=group, area=AREAS[seed % 5], by=None)

    def compare(self, audiences: list[dict[str, Any]], groups: list[Group]) -> None:
        for one in audiences:
            audience = {**one, "groups": [groups[index].id for index in one.get("groups", [])]}
            expected = oracle.told(self.town, audience)
            try:
                found = queries.resolve(organisation=self.town, audience=audience)
            except Refused as refused:
                if refused.code == "polygon_outside":
                    assert all(
                        not any(oracle.reaches(row.area_id, oracle.ring_of(text)) for row in Boundary.objects.all())
                        for text in [refused_outline(audience, refused)]
                    )
                    continue
                assert (refused.code, expected) == ("audience_empty", [])
                continue
            assert list(zip(found.contact_ids, found.addresses, strict=True)) == expected
            chosen = [person for person in oracle.people(self.town) if oracle.chooses(person, audience)]
            assert queries.count(organisation=self.town, audience=audience) == (len(chosen), len(expected))
            silent = {person.id for person in chosen if not person.numbers.all()}
            assert set(queries.without_number(organisation=self.town, audience=audience)) == silent


def refused_outline(audience: dict[str, Any], refused: Refused) -> str:
    number: int = refused.params["number"]
    return str(audience["polygons"][number - 1])


@pytest.fixture
def crowd(town: Organisation) -> Organisation:
    villages = list(Area.objects.filter(parent_id="120119111").values_list("code", flat=True)[:4])
    rows = [Row(f"村民{index}", villages[index % 4], (BASE + index,), risk=index % 3) for index in range(40)]
    actions.load_many(organisation=town, rows=rows, by=None)
    return town


EVERYONE = {"areas": ["120119111"]}
pytestmark = pytest.mark.django_db


def test_columns_that_went_stale_are_caught_before_anybody_is_chosen(crowd: Organisation) -> None:
    """The planted fault: a write that tells nobody. The count still believes the columns; the freeze must not."""
    assert queries.count(organisation=crowd, audience=EVERYONE) == (40, 40)
    gone = ContactNumber.objects.filter(organisation=crowd).first()
    assert gone is not None
    gone.delete()
    assert queries.count(organisation=crowd, audience=EVERYONE) == (40, 40)
    assert gone.address not in queries.resolve(organisation=crowd, audience=EVERYONE).addresses
    assert queries.count(organisation=crowd, audience=EVERYONE) == (40, 39)


@pytest.mark.parametrize(
    "fault",
    [
        {"area_id": "120119111"},
        {"risk": 9},
        {"latitude": 39_900_000, "longitude": 117_400_000},
    ],
)
def test_every_column_that_chooses_is_proved(crowd: Organisation, fault: dict[str, Any]) -> None:
    columns = queries.living(crowd)
    assert proof.sums(columns) == proof._stored(crowd)
    Contact.objects.filter(pk=columns.ids[7]).update(**fault)
    assert proof.sums(columns) != proof._stored(crowd)


def test_one_edit_is_followed_and_not_read_from_the_beginning(crowd: Organisation) -> None:
    queries.living(crowd)
    one = Contact.objects.filter(organisation=crowd).order_by("id")[5]
    actions.edit_contact(contact=one, name="王", area=one.area_id, numbers=["10000000999"], by=None)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        columns = queries.living(crowd)
    assert all("ORDER BY" in one["sql"] or "IN (" in one["sql"] or "LIMIT" in one["sql"] for one in asked)
    fresh = roster.read(crowd, columns.head)
    for name in ("ids", "area", "risk", "ends", "by_id", "keys", "owners", "numbers", "latitude"):
        assert np.array_equal(getattr(columns, name), getattr(fresh, name)), name
    assert columns.names.tobytes() == fresh.names.tobytes()


def test_a_restored_database_is_not_mistaken_for_the_one_before(crowd: Organisation) -> None:
    before = queries.living(crowd).head
    one = Contact.objects.filter(organisation=crowd).first()
    assert one is not None
    actions.remove_contact(contact=one, by=None)
    crowd.roster.revision, crowd.roster.stamp = before[0], new_id()  # as many changes, but others
    crowd.roster.save()
    assert queries.count(organisation=crowd, audience=EVERYONE)[0] == 39


def test_two_organisations_have_their_own(crowd: Organisation, other: Organisation) -> None:
    actions.load_many(organisation=other, rows=[Row("甲", "120119112", (BASE,))], by=None)
    assert queries.count(organisation=other, audience={"areas": ["120119112"]}) == (1, 1)
    assert queries.count(organisation=crowd, audience={"everyone": True}) == (40, 40)


def test_listing_finds_by_any_part_of_a_name_and_in_order(crowd: Organisation) -> None:
    actions.add_contact(
        organisation=crowd, name="欧阳Anna", area="120119111", position="书记", numbers=["10000000777"], by=None
    )
    for text, names in (("阳a", ["欧阳Anna"]), ("书", ["欧阳Anna"]), ("10000000777", ["欧阳Anna"]), ("没有", [])):
        assert [one.name for one in queries.listing(crowd, text=text).rows] == names
    page = queries.listing(crowd, page=2, size=7)
    expected = sorted(
        Contact.objects.filter(organisation=crowd), key=lambda one: (one.area_id, one.name.encode(), one.id)
    )
    assert [one.id for one in page.rows] == [one.id for one in expected[7:14]]
    assert page.total == 41


def test_listing_asks_as_often_for_ten_as_for_forty(crowd: Organisation) -> None:
    def asked(size: int) -> int:
        with CaptureQueriesContext(connection) as found:
            queries.listing(crowd, text="村", size=size)
        return len(found)

    queries.living(crowd)
    assert asked(40) == asked(10) <= 5


@pytest.mark.django_db(transaction=True)
def test_readers_in_other_threads_never_see_half_a_change(crowd: Organisation) -> None:
    """People have one number each; whoever counts while somebody edits must always find as many numbers as people."""
    wrong: list[tuple[int, int]] = []
    done = threading.Event()

    def look() -> None:
        try:
            while not done.is_set():
                try:
                    people, numbers = queries.count(organisation=crowd, audience=EVERYONE)
                except Refused as refused:
                    assert refused.code == "roster_busy"  # an answer that could be wrong is refused instead
                    continue
                if people != numbers:
                    wrong.append((people, numbers))
        finally:
            connection.close()

    readers = [threading.Thread(target=look) for _ in range(3)]
    for one in readers:
        one.start()
    village = Area.objects.filter(parent_id="120119111").values_list("code", flat=True)[0]
    for index in range(15):
        made = actions.add_contact(
            organisation=crowd, name=f"新{index}", area=village, numbers=[str(BASE + 500 + index)], by=None
        )
        if index % 2:
            actions.remove_contact(contact=made, by=None)
    done.set()
    for one in readers:
        one.join(timeout=20)
    assert not wrong
    assert queries.count(organisation=crowd, audience=EVERYONE) == (48, 48)
