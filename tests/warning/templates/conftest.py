"""A town at work, with the shipped templates in its tables."""

import pytest

from fenghuo.warning.templates import actions
from tests.warning.alerts.makers import Town, make_town


@pytest.fixture
def town(db: None) -> Town:
    actions.ship()
    return make_town()
