"""A town at work, in both databases."""

import pytest

from tests.warning.alerts.makers import Town, make_town


@pytest.fixture
def town(db: None) -> Town:
    return make_town()
