"""A list of people through the API of a running installation: preview, applied by the worker, taken back."""

import http.client
import json
import time
import uuid
from contextlib import closing
from typing import Any

import pytest

from fenghuo.ops.rehearsal.client import Declined
from tests.makers.instance import Instance

pytestmark = pytest.mark.slow
PATH = "/api/v1/contacts/imports"


def send(instance: Instance, post: str, data: bytes, *, key: str = "", name: str = "people.csv") -> tuple[int, Any]:
    """A multipart POST as curl makes it."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
    headers = {
        "Authorization": f"Bearer {instance.people[post].token}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Idempotency-Key": key or uuid.uuid4().hex,
    }
    with closing(connection):
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def settled(instance: Instance, id: str, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        found = dict(instance.api("resource_keeper").get(f"{PATH}/{id}"))
        if found["state"] == state:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def people(count: int, area: str, first: int) -> bytes:
    lines = [f"新人{one},{area},10{first + one:09d}" for one in range(count)]
    return "\n".join(["姓名,辖区,手机", *lines, f"坏号,{area},12345"]).encode()


def test_a_list_goes_in_and_comes_back_out(instance: Instance) -> None:
    keeper = instance.api("resource_keeper")
    status, made = send(instance, "resource_keeper", people(2_500, instance.area, 700_000_000))
    assert status == 200, made
    assert (made["state"], made["new"], made["refused"]) == ("previewed", 2_500, 1)
    assert "12345" in made["refused_rows"][0]["errors"][0]["reason_zh"]
    before = keeper.get("/api/v1/counter?body=x&area=" + instance.area)["people"]
    keeper.post(f"{PATH}/{made['id']}/apply", {})
    done = settled(instance, made["id"], "done")
    assert (done["added"], done["progress"], done["total"]) == (2_500, 2_501, 2_501)
    assert keeper.get("/api/v1/counter?body=x&area=" + instance.area)["people"] == before + 2_500
    keeper.post(f"{PATH}/{made['id']}/undo", {})
    assert settled(instance, made["id"], "undone")["left"] == 0
    assert keeper.get("/api/v1/counter?body=x&area=" + instance.area)["people"] == before


def test_the_same_call_twice_is_one_import_and_another_file_under_its_key_is_refused(instance: Instance) -> None:
    key, data = uuid.uuid4().hex, people(3, instance.area, 710_000_000)
    first, second = (send(instance, "resource_keeper", data, key=key) for _ in range(2))
    assert first == second
    assert send(instance, "resource_keeper", data + b"\n", key=key)[0] == 422


@pytest.mark.parametrize(
    ("post", "data", "status"),
    [("entry", b"x", 403), ("resource_keeper", b"", 422), ("resource_keeper", b"<html></html>", 422)],
)
def test_what_is_refused_says_why(instance: Instance, post: str, data: bytes, status: int) -> None:
    found, body = send(instance, post, data, name="x.xlsx")
    assert found == status
    assert body["reason_zh"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(instance: Instance) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(500 * 1024 * 1024)}
    connection.putrequest("POST", PATH)
    for name, value in headers.items():
        connection.putheader(name, value)
    with closing(connection):
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_another_towns_import_is_missing(instance: Instance) -> None:
    _status, made = send(instance, "resource_keeper", people(1, instance.area, 720_000_000))
    stranger = instance.api("stranger")
    with pytest.raises(Declined) as caught:
        stranger.get(f"{PATH}/{made['id']}")
    assert caught.value.status == 404
    for verb in ("apply", "undo", "drop"):
        with pytest.raises(Declined) as caught:
            stranger.post(f"{PATH}/{made['id']}/{verb}", {})
        assert caught.value.status == 404
