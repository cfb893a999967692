"""A body that is refused for its size: whoever sends it, to its end and in one go, reads the reason and not a broken connection."""

import http.client
import json
import time
from contextlib import closing, suppress

import pytest

from tests.makers.instance import Instance

pytestmark = pytest.mark.slow
CALLBACK = "/api/v1/gateways/simulator/receipts"


@pytest.mark.parametrize("size", [5_000_000, 40_000_000])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("path", [CALLBACK, "/api/v1/alerts"])
def test_the_sender_of_a_body_that_is_too_large_reads_why(instance: Instance, path: str, size: int, kept: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
    headers = {"Content-Type": "application/json"} | ({} if kept else {"Connection": "close"})
    with closing(connection):
        connection.request("POST", path, b" " * size, headers)
        answer = connection.getresponse()
        said = answer.read()
    assert (answer.status, json.loads(said)["kept"]) == (413, "nothing")


def test_one_who_never_stops_sending_holds_no_thread_for_long(instance: Instance) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
    connection.putrequest("POST", CALLBACK)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(1 << 40)}.items():
        connection.putheader(name, value)
    with closing(connection):
        connection.endheaders()
        connection.sock.settimeout(30)
        began = time.monotonic()
        with suppress(OSError):
            while time.monotonic() - began < 25:
                connection.send(b" " * (1 << 16))
        assert time.monotonic() - began < 25
