"""A town at work, with the shipped templates in its tables."""

import pytest

from tests.warning.alerts.makers import Town, make_town


@pytest.fixture
def town(shipped_templates: None, db: None) -> Town:
    return make_town()
