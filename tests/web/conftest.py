"""The town that the page tests are about. Tests that use it say `pytestmark = pytest.mark.django_db(databases=[…])`."""

import pytest

from tests.web.world import World, make


@pytest.fixture
def world(db) -> World:
    """One town, in both databases of the test."""
    return make()
