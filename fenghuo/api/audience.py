"""Whom an audience means, before anything is drafted. Counts only: no number, and of nobody a name."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from fenghuo.api import schemas
from fenghuo.api.auth import caller, home
from fenghuo.ground.accounts import rules as rights
from fenghuo.readiness.contacts import queries

router = Router(tags=["desk"])

Outline = Annotated[str, StringConstraints(max_length=3_000_000, pattern=r"^[-+0-9., \t\r\n]*$")]


class AudienceIn(schemas.Given):
    """Groups by id, areas by code, outlines as CAP writes a polygon ("lat,lon lat,lon …", WGS-84), or everyone."""

    groups: Annotated[list[schemas.Code], Field(max_length=1000)] = []
    areas: Annotated[list[schemas.Code], Field(max_length=5000)] = []
    polygons: Annotated[list[Outline], Field(max_length=200)] = []
    everyone: bool = False


class PlaceOut(Schema):
    """People, and their numbers, of one area."""

    code: str
    name: str
    people: int
    numbers: int


class GroupOut(Schema):
    """People, and their numbers, of one group."""

    id: str
    name: str
    people: int
    numbers: int


class DrawnOut(Schema):
    """How the outlines chose: by position, by area for want of one; `unplaced` could not be placed and are not chosen.

    `repaired` numbers the outlines (from 1) that crossed themselves; `polygons` are the outlines as they would be published.
    """

    inside: int
    by_area: list[PlaceOut]
    unplaced: list[PlaceOut]
    repaired: list[int]
    polygons: list[str]


class AudienceOut(Schema):
    """What an audience amounts to."""

    people: int
    numbers: int
    without_number: int
    by_area: list[PlaceOut]
    by_group: list[GroupOut]
    drawn: DrawnOut | None


@router.post("/audience", response=AudienceOut, operation_id="audience", summary="受众 Who would be told")
def audience(request: HttpRequest, body: AudienceIn) -> AudienceOut:
    """Keeps nothing, so it needs no key. An audience of nobody is refused; it is never taken as "all"."""
    rights.require(account=caller(request), act="alerts_read")
    found = queries.preview(organisation=home(request), audience=body.model_dump())
    return AudienceOut(
        people=found.people,
        numbers=found.numbers,
        without_number=found.without_number_total,
        by_area=[_place(one) for one in found.by_area],
        by_group=[GroupOut(id=one.id, name=one.name, people=one.people, numbers=one.numbers) for one in found.by_group],
        drawn=_drawn(found.drawn) if found.drawn else None,
    )


def _drawn(drawn: queries.DrawnCount) -> DrawnOut:
    return DrawnOut(
        inside=drawn.inside,
        by_area=[_place(one) for one in drawn.by_area],
        unplaced=[_place(one) for one in drawn.unplaced],
        repaired=list(drawn.repaired),
        polygons=list(drawn.rings),
    )


def _place(one: queries.AreaCount) -> PlaceOut:
    return PlaceOut(code=one.code, name=one.name, people=one.people, numbers=one.numbers)
