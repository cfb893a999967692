"""What the demonstration is made of: whoever tries it out can draw an area and finds people in it."""

import pytest

from fenghuo.ground.areas.models import Boundary
from fenghuo.ops import exercise
from fenghuo.readiness.contacts import queries
from fenghuo.readiness.contacts.models import Contact, Group
from tests.warning.alerts.makers import make_town

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_an_outline_around_one_village_of_the_demonstration_finds_its_people_and_no_others() -> None:
    town = make_town(1).organisation
    Group.objects.all().delete()
    Contact.objects.all().delete()
    assert exercise.load_roster(town)
    exercise.lay_map(town)
    village = exercise.villages(town)[10]
    south, west = (one / 1_000_000 for one in exercise.corner(10))
    inner, outer = exercise.CELL / 1_000_000 * 0.2, exercise.CELL / 1_000_000 * 0.8
    outline = " ".join(
        f"{south + up:.6f},{west + right:.6f}"
        for up, right in ((inner, inner), (inner, outer), (outer, outer), (outer, inner))
    )
    chosen = queries.preview(organisation=town, audience={"groups": [], "areas": [], "polygons": [outline]})
    assert [(one.code, one.people) for one in chosen.by_area if one.code != town.area_id] == [(village.code, 5)]


def test_a_map_that_is_there_stays() -> None:
    town = make_town(1).organisation
    exercise.lay_map(town)
    first = set(Boundary.objects.values_list("area_id", "batch"))
    exercise.lay_map(town)
    assert set(Boundary.objects.values_list("area_id", "batch")) == first
    assert len(first) == len(exercise.villages(town)) + 1
