"""PostgreSQL goes away in the middle of a release and comes back: every process recovers by itself, and nobody is lost."""

import http.client
import json
import time
from collections import Counter

import psycopg
import pytest
from psycopg import sql

from tests.makers.instance import Instance, running_instance
from tests.postgres import Cluster

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
PEOPLE = 2000


def page(instance: Instance, path: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=20)
    try:
        line.request("GET", path, headers={"Host": "localhost", "Cookie": "fenghuo_session=a-session-to-be-looked-up"})
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def away(postgres: Cluster, database: str, *, gone: bool) -> None:
    """As when the server restarts: every connection ends, and no new one comes about."""
    with postgres.connect() as admin:
        allowed = sql.SQL("false" if gone else "true")
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(database), allowed))
        if gone:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))


def test_everything_goes_on_when_the_database_is_back(postgres: Cluster, migrated_url: str) -> None:
    database = migrated_url.rsplit("/", 1)[1]
    with running_instance(recipients=PEOPLE, rate=1000, database_url=migrated_url) as instance:
        before = {name: instance.process(name) for name in ("web", "worker", "sender")}
        alert = instance.signed(headline="数据库中途离开")
        deadline = time.monotonic() + 20
        while instance.smsc.summary()["accepted"] < PEOPLE / 5:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        away(postgres, database, gone=True)
        try:
            status, text = page(instance, "/")
            assert (status, "数据库暂不可用" in text) == (503, True)
            line = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=20)
            line.request("GET", "/healthz", headers={"Host": "localhost"})
            health = line.getresponse()
            assert (health.status, json.loads(health.read())["status"]) == (503, "degraded")
            line.close()
            taken = instance.smsc.summary()["accepted"]
            time.sleep(2.0)
            assert instance.smsc.summary()["accepted"] - taken <= 1600, "nothing leaves that is not durable"
        finally:
            away(postgres, database, gone=False)
        deadline = time.monotonic() + 60
        while True:
            progress = instance.api("entry").get(f"/api/v1/alerts/{alert['id']}/progress")["release"]
            if not progress["unsent"] + progress["intended"] + progress["accepted"]:
                break
            assert time.monotonic() < deadline, progress
            time.sleep(0.2)
        told = Counter(row["number"] for row in instance.smsc.rows() if row["segment"] == 1)
        assert len(told) + progress["in_doubt"] >= PEOPLE, "nobody is lost"
        assert sum(progress[name] for name in ("delivered", "failed", "in_doubt")) == PEOPLE
        assert page(instance, "/")[0] in (200, 302)
        assert {name: instance.process(name) for name in before} == before, "no process had to be started again"
        with psycopg.connect(migrated_url) as db:
            pulses = db.execute("SELECT max(at) > now() - interval '20 seconds' FROM ground_pulse").fetchone()
        assert pulses == (True,)
