"""`POST /api/v1/audience`: counts by area, group and outline, before anything is drafted; no names, no numbers."""

import json
from typing import Any

import pytest

from fenghuo.ops.rehearsal.client import Declined
from tests.makers.instance import Instance

SQUARE = "39.8,117.4 39.8,117.5 39.9,117.5 39.9,117.4 39.8,117.4"
PATH = "/api/v1/audience"


def test_counts_by_area_and_nothing_personal(instance: Instance) -> None:
    found = instance.api("entry").post(PATH, {"areas": [instance.area]})
    assert found["people"] >= 120
    assert sum(one["people"] for one in found["by_area"]) == found["people"]
    assert sum(one["numbers"] for one in found["by_area"]) == found["numbers"]
    assert found["drawn"] is None
    assert "10000000" not in json.dumps(found)


def test_an_outline_without_boundaries_names_who_cannot_be_placed(instance: Instance) -> None:
    found = instance.api("entry").post(PATH, {"polygons": [SQUARE]})
    assert found["people"] == 0
    assert found["drawn"]["inside"] == 0
    assert sum(one["people"] for one in found["drawn"]["unplaced"]) >= 120


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "audience_empty"),
        ({"polygons": ["39,117 40,118"]}, "outline_small"),
        ({"polygons": ["39,117\x00"]}, "string_pattern_mismatch"),
        ({"polygons": [[39, 117]]}, "string_type"),
        (
            {"polygons": [" ".join(f"{39 + one % 2},{117 + one / 1e5:.6f}" for one in range(50_000))]},
            "outline_crossing",
        ),
        ({"areas": ["999999"]}, "area_unknown"),
        ({"everyone": "yes"}, "bool_type"),
        ({"all": True}, "extra_forbidden"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_what_is_no_audience_is_refused_with_the_field(instance: Instance, body: dict[str, Any], code: str) -> None:
    with pytest.raises(Declined) as caught:
        instance.api("entry").post(PATH, body)
    assert caught.value.answer["code"] == code


def test_whoever_may_not_read_alerts_learns_nothing(instance: Instance) -> None:
    with pytest.raises(Declined) as caught:
        instance.api("village_contact").post(PATH, {"areas": [instance.area]})
    assert caught.value.status == 403
