from collections.abc import Iterator

import pytest

from tests.makers.instance import Instance, running_instance


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    """One real installation for all tests of the API, with 120 recipients."""
    with running_instance(recipients=120) as found:
        yield found
