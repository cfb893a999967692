"""The real worker killed with kill -9 in the middle of applying, again and again: everybody is there exactly once (fault F1)."""

import csv
import http.client
import io
import json
import sqlite3
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from fenghuo.readiness.contacts.actions.plan import PART
from tests.makers.instance import Instance, running_instance

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
MANY = 6 * PART
KILLS = 2
BEFORE = 50
FIRST = 10_500_000_000
PATH = "/api/v1/contacts/imports"


def uploaded(instance: Instance, data: bytes) -> dict[str, Any]:
    """The import that the file began."""
    boundary = uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'.encode()
    headers = {
        "Host": f"localhost:{instance.port}",
        "Authorization": f"Bearer {instance.people['resource_keeper'].token}",
        "Idempotency-Key": uuid4().hex,
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
    line.request("POST", PATH, head + data + f"\r\n--{boundary}--\r\n".encode(), headers)
    answer = line.getresponse()
    said = dict(json.loads(answer.read()))
    line.close()
    assert answer.status == 200, said
    return said


def until(found: Callable[[], Any], within: float = 60.0) -> Any:
    deadline = time.monotonic() + within
    while not (answer := found()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    return answer


def kept(instance: Instance, question: str, *values: Any) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{instance.data / 'main.db'}?mode=ro", uri=True) as database:
        return list(database.execute(question, values))


def test_a_worker_killed_while_applying_and_taking_back_does_everything_once(
    record_property: Callable[[str, object], None],
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    with running_instance(recipients=BEFORE) as instance:
        writer.writerows([["姓名", "辖区", "手机"], *([f"人{n}", instance.area, FIRST + n] for n in range(MANY))])
        keeper = instance.api("resource_keeper")
        made = uploaded(instance, text.getvalue().encode())
        path = f"{PATH}/{made['id']}"

        def now() -> dict[str, Any]:
            return dict(keeper.get(path))

        def killed_on_the_way(state: str, end: str) -> int:
            """Kill the worker as soon as it has got further, some times; returns how often that was before the end."""
            kills, progress = 0, -1
            while (found := now())["state"] != end:
                assert found["state"] == state
                if kills < KILLS and found["progress"] > progress:
                    progress = found["progress"]
                    instance.kill("worker")
                    kills += 1
                time.sleep(0.02)
            return kills

        until(lambda: now()["state"] == "previewed")
        assert now()["new"] == MANY
        keeper.post(f"{path}/apply", {})
        kills = killed_on_the_way("running", "done")
        assert kills == KILLS
        done = now()
        assert (done["added"], done["updated"], done["left"], done["progress"]) == (MANY, 0, 0, MANY)
        ours = "FROM readiness_contactnumber WHERE address >= ? AND address < ?"
        assert kept(instance, f"SELECT count(*), count(DISTINCT address) {ours}", FIRST, FIRST + MANY) == [(MANY, MANY)]
        assert kept(instance, "SELECT count(*) FROM readiness_contact") == [(BEFORE + MANY,)]
        loads = kept(
            instance, "SELECT detail FROM ground_journalentry WHERE act = 'contacts.load' AND subject = ?", made["id"]
        )
        assert len(loads) == MANY // PART
        assert sum(json.loads(one)["added"] for (one,) in loads) == MANY

        keeper.post(f"{path}/undo", {})
        kills += killed_on_the_way("undoing", "undone")
        assert kept(instance, "SELECT count(*) FROM readiness_contact") == [(BEFORE,)]
        assert now()["left"] == 0
        record_property("worker_kills", kills)
