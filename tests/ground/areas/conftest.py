"""These tests load areas themselves, so they begin without any."""

import pytest

from tests.makers import areas


@pytest.fixture(autouse=True)
def no_areas(request: pytest.FixtureRequest) -> None:
    """Only where the test has a database."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        areas.none()
