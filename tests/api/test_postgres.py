"""The same main job where both databases are one PostgreSQL: outgrown SQLite, same code."""

import json
from typing import Any

import psycopg
import pytest

from tests.makers.instance import running_instance

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_the_main_job_on_postgresql(migrated_url: str) -> None:
    with running_instance(recipients=300, database_url=migrated_url) as instance:
        alert = instance.signed(headline="在大库上")
        progress = instance.settled(alert["id"])
        assert (progress["count"], progress["delivered"]) == (300, 300)
        numbers = [row["number"] for row in instance.smsc.rows()]
        assert len(set(numbers)) == 300
        health: Any = instance.api().get("/healthz")
        assert health["status"] == "ok"
        found = json.loads(instance.fenghuo("journal", "verify", "--json").stdout.splitlines()[-1])
        assert found["ok"] is True
        done = instance.fenghuo("doctor", "--json", check=False)
        # The cluster for tests runs without fsync: the one thing that is wrong here, and doctor says so.
        assert json.loads(done.stdout.splitlines()[-1])["red"] == ["durable:default", "durable:ledger"]
    with psycopg.connect(migrated_url) as db:
        schemas: dict[str, str] = dict(
            db.execute(
                "SELECT table_name, table_schema FROM information_schema.tables WHERE table_name LIKE 'delivery%'"
            )
        )
    assert schemas["delivery_broadcast"] == "fenghuo_ledger"
    assert schemas["delivery_order"] == "public"
