"""A town with its villages."""

import pytest

from fenghuo.ground.accounts.models import Organisation
from tests.makers import areas


@pytest.fixture
def town(db: None) -> Organisation:
    """下仓镇 with its 67 villages, nobody in its contacts."""
    areas.shipped()
    return Organisation.objects.create(area_id="120119111", name="下仓镇人民政府", profile="xiacang")


@pytest.fixture
def other(town: Organisation) -> Organisation:
    """A neighbour on the same installation."""
    return Organisation.objects.create(area_id="120119112", name="邻镇人民政府", profile="xiacang")
