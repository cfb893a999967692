"""One real installation for all journeys of a file: processes, gateway, people with their own browsers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.makers.instance import Instance, running_instance

RECIPIENTS = 200
RATE = 40  # messages a second: slow enough to be met on its way, quick enough to wait for


@dataclass
class Town:
    """The installation, and who has already come in."""

    it: Instance
    inside: dict[str, Any] = field(default_factory=dict)

    def enter(self, people: Callable[..., Page], post: str, **options: Any) -> Page:
        """A page of whoever holds `post`, at the desk; the first time by the one-time link."""
        if post in self.inside:
            page = people(storage_state=self.inside[post], **options)
            page.goto(f"{self.it.url}/")
            return page
        page = people(**options)
        page.goto(f"{self.it.url}/enter/{self.it.people[post].enter}/")
        page.get_by_role("button", name="进入").click()
        page.wait_for_url(f"{self.it.url}/")
        self.inside[post] = page.context.storage_state()
        return page


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Two hundred people behind a gateway of forty messages a second."""
    with running_instance(recipients=RECIPIENTS, rate=RATE) as it:
        yield Town(it)
