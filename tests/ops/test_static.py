"""Style sheets and scripts under names that carry their hash, from the data folder, without any step of the operator's."""

import http.client
import re

import pytest

from tests.makers.instance import running_instance

pytestmark = pytest.mark.slow


def test_pages_name_hashed_files_that_are_served_for_ever() -> None:
    with running_instance(recipients=1) as instance:
        line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=20)
        line.request("GET", "/sign-in/", headers={"Host": "localhost"})
        page = line.getresponse().read().decode()
        names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        assert names
        for name in names:
            assert re.search(r"\.[0-9a-f]{12}\.", name), name
            line.request("GET", name, headers={"Host": "localhost"})
            answer = line.getresponse()
            assert answer.status == 200, name
            assert "immutable" in answer.headers["Cache-Control"], name
            answer.read()
        line.close()
