"""A government to practise with: the real villages of the first source document, people named by village and post.

Nobody in it exists: names are posts, and every number begins with 10, which no carrier assigns. Nor does its map: each village is
a square of a grid, so that an area can be drawn; where the villages really lie, a surveying office knows.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas import actions as maps
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.areas.models import Area
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.models import Group
from fenghuo.readiness.contacts.rules import Row

FIRST_NUMBER = 10_000_000_001
FIRST_OFFICE_NUMBER = 10_099_000_001  # of the people at their posts, so that a leader can be asked by SMS


@dataclass(frozen=True)
class Post:
    """One person of the exercise: the user name, what they are called, and the posts they hold."""

    username: str
    name: str
    posts: tuple[str, ...]


POSTS = (
    Post("xiacang.01", "录入员", ("entry",)),
    Post("xiacang.02", "审核员", ("reviewer",)),
    Post("xiacang.03", "签发员", ("signer",)),
    Post("xiacang.04", "领导", ("leader",)),
    Post("xiacang.05", "值班员", ("duty_officer",)),
    Post("xiacang.06", "资料员", ("resource_keeper",)),
    Post("xiacang.07", "村级责任人", ("village_contact",)),
    Post("xiacang.08", "系统管理员", ("system_admin",)),
    Post("xiacang.09", "安全管理员", ("security_admin",)),
    Post("xiacang.10", "审计员", ("auditor",)),
)

# Who is told in each village, gravest duty first: position, group, risk, how many, and whether all have a number.
VILLAGE = (("村级责任人", 9, 1), ("村级信息员", 7, 1), ("网格员", 5, 3))
TOWN = (
    ("联动部门", ("派出所", "卫生院", "学校", "供电所", "水利站", "农业服务中心", "国土资源所", "司法所")),
    ("重点企业", ("加油站", "液化气站", "养殖场", "粮库")),
)
SOUTH, WEST, CELL = 39_800_000, 117_400_000, 10_000  # of the invented map, in millionths of a degree
ACROSS = 9  # squares in a row
# One person in every so many has no number on file: audience pages must say who is left without one.
WITHOUT_NUMBER = 40


def people(organisation: Organisation) -> dict[str, Account]:
    """Accounts by post code, made where they are missing."""
    found = {one.username: one for one in Account.objects.filter(person__organisation=organisation)}
    made = {}
    for number, post in enumerate(POSTS, FIRST_OFFICE_NUMBER):
        account = found.get(post.username) or accounts.enrol_for_exercise(
            organisation=organisation,
            name=f"{organisation.name}{post.name}",
            username=post.username,
            posts=post.posts,
            phone=str(number),
        )
        made[post.posts[0]] = account
    return made


def villages(organisation: Organisation) -> list[Area]:
    """The villages of the organisation's area."""
    return list(areas.subtree(organisation.area_id).filter(level="village"))


def corner(index: int) -> tuple[int, int]:
    """(south, west) of the square that stands for a village, by its place in the list."""
    return SOUTH + index // ACROSS * CELL, WEST + index % ACROSS * CELL


def lay_map(organisation: Organisation) -> None:
    """Give the villages, and the town around them, boundaries to draw on; nothing happens where any are known."""
    if areas.outlines(organisation.area_id):
        return
    found = villages(organisation)
    squares = [_square(*corner(index)) for index in range(len(found))]
    features = [_feature(one.code, square) for one, square in zip(found, squares, strict=True)]
    high = math.ceil(len(found) / ACROSS) * CELL
    features.append(_feature(organisation.area_id, _square(SOUTH, WEST, high, ACROSS * CELL)))
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    maps.import_boundaries(content=content, name="exercise", by=None)


def _square(south: int, west: int, high: int = CELL, wide: int = CELL) -> list[list[float]]:
    """A closed ring in degrees, longitude first."""
    north, east = south + high, west + wide
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [[x / 1_000_000, y / 1_000_000] for x, y in corners]


def _feature(code: str, ring: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _short(village: Area) -> str:
    return village.name.removesuffix("村委会").removesuffix("居委会")


def roster(organisation: Organisation) -> Iterator[Row]:
    """The demonstration's contacts: each village's people, the town's departments and key enterprises."""
    numbers = count(FIRST_NUMBER)
    for village in villages(organisation):
        for position, risk, many in VILLAGE:
            for k in range(many):
                name = f"{_short(village)} {position}{k + 1 if many > 1 else ''}"
                number = next(numbers)
                known = () if number % WITHOUT_NUMBER == 0 else (number,)
                yield Row(name, village.code, known, position, risk=risk)
    for group, places in TOWN:
        for place in places:
            name = f"{organisation.name} {place} 联络员"
            yield Row(name, organisation.area_id, (next(numbers),), "联络员", (place,), 6, (group,))


def crowd(organisation: Organisation, recipients: int) -> Iterator[Row]:
    """So many villagers, spread evenly over the villages, each with one number."""
    places = cycle([(village.code, _short(village)) for village in villages(organisation)])
    for k, (code, name) in zip(range(recipients), places, strict=False):
        yield Row(f"{name} 村民{k + 1}", code, (FIRST_NUMBER + k,), "村民", risk=k % 3)


def load_roster(organisation: Organisation) -> int:
    """Keep the demonstration's contacts and their groups; nothing happens where groups exist. Returns people added."""
    if Group.objects.filter(organisation=organisation).exists():
        return 0
    added = contacts.load_many(organisation=organisation, rows=roster(organisation), by=None).added
    for position, _risk, _many in VILLAGE:
        # By rule, so that whoever takes up the position later is told as well.
        group = contacts.create_group(organisation=organisation, name=position, by=None)
        contacts.add_rule(group=group, area=organisation.area_id, position=position, by=None)
    return int(added)
