"""Drawing who is told: by mouse, by keyboard alone, by typing; on a map without tiles, without a complaint of the browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.journeys.conftest import Town
from tests.makers import boundaries as maker

pytestmark = [pytest.mark.browser, pytest.mark.slow]
People = Callable[..., Page]


@pytest.fixture(scope="module")
def mapped(town: Town) -> Town:
    """The first twenty villages have boundaries."""
    known = town.it.fenghuo("manage", "shell", "-c", LIST).stdout.split()
    path = town.it.data / "cells.geojson"
    path.write_bytes(maker.villages([one for one in known if len(one) == 12][:20]))
    town.it.fenghuo("areas", "boundaries", str(path))
    return town


LIST = (
    "from fenghuo.ground.areas.models import Area;"
    "print(*Area.objects.filter(parent_id='120119111').values_list('code', flat=True))"
)


def open_map(town: Town, people: People, **options: object) -> Page:
    page = town.enter(people, "entry", **options)
    page.goto(f"{town.it.url}/alerts/new/")
    page.locator("#draw > summary").click()
    expect(page.locator("#draw .map-area").first).to_be_visible()
    return page


def test_an_outline_is_drawn_with_the_mouse_moved_and_deleted(
    mapped: Town, people: People, axe: Callable[[Page], None]
) -> None:
    page = open_map(mapped, people, viewport=DESK)
    page.locator("[data-map-do=polygon]").click()
    board = page.locator("#draw .map")
    box = board.bounding_box()
    assert box is not None
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)):
        board.click(position={"x": box["width"] * x, "y": box["height"] * y})
    page.locator("[data-map-do=finish]").click()
    field = page.locator("#id_audience_polygons")
    drawn = field.input_value().split()
    assert len(drawn) == 5
    assert drawn[0] == drawn[-1]
    expect(page.locator("#audience .drawn")).to_be_visible()
    board.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator(".map-corner")).to_have_count(4)
    page.locator(".map-corner").first.drag_to(board, target_position={"x": 40, "y": 40})
    moved = field.input_value().split()
    assert moved[0] != drawn[0]
    assert moved[1:4] == drawn[1:4]
    page.locator("[data-map-do=delete]").click()
    expect(field).to_have_value("")
    axe(page)


def test_a_circle_by_keyboard_alone(mapped: Town, people: People) -> None:
    page = open_map(mapped, people, viewport=DESK)
    page.locator("[data-map-do=circle]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#draw .map")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    expect(page.locator(".map-drawn")).to_have_count(1)
    assert len(page.locator("#id_audience_polygons").input_value().split()) == 65


def test_what_is_typed_is_drawn_and_counted_on_a_phone(
    mapped: Town, people: People, axe: Callable[[Page], None]
) -> None:
    page = open_map(mapped, people, viewport=PHONE)
    west, south = maker.cell(0)
    page.fill("#id_audience_polygons", maker.outline(west, south, west + 0.02, south + 0.01))
    expect(page.locator(".map-drawn")).to_have_count(1)
    expect(page.locator("#audience .drawn")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)


def test_the_page_of_boundaries(mapped: Town, people: People, axe: Callable[[Page], None]) -> None:
    page = mapped.enter(people, "resource_keeper", viewport=DESK)
    page.goto(f"{mapped.it.url}/boundaries/")
    expect(page.locator(".map-area")).to_have_count(20)
    axe(page)
