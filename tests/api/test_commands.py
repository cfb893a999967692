"""Commands on an installation that runs: what a technician and an auditor ask of it."""

import csv
import io
import json
from pathlib import Path

import pytest

from fenghuo.ops.rehearsal.client import Client, Declined
from tests.makers.instance import Instance


def test_the_record_of_what_was_sent_is_a_table_anyone_can_read(instance: Instance, tmp_path: Path) -> None:
    alert = instance.signed(headline="导出台账")
    instance.settled(alert["id"])
    done = instance.fenghuo("ledger", "export", alert["broadcast"])
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0][0].startswith("姓名")
    assert len(rows) == 1 + 120
    assert {row[4] for row in rows[1:]} == {"已送达 delivered"}
    assert len({row[3] for row in rows[1:]}) == 120
    path = tmp_path / "sent.csv"
    instance.fenghuo("ledger", "export", alert["broadcast"], "--output", str(path))
    assert path.stat().st_mode & 0o077 == 0
    assert list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))) == rows
    acts = [json.loads(line)["act"] for line in instance.fenghuo("journal", "export").stdout.splitlines()]
    assert acts.count("ledger.export") == 2


def test_an_unknown_broadcast_is_a_sentence(instance: Instance) -> None:
    done = instance.fenghuo("ledger", "export", "01ARZ3NDEKTSV4RRFFQ69G5FAV", check=False)
    assert done.returncode == 1
    assert "broadcast" in done.stderr
    assert done.stdout == ""


def test_accounts_are_listed_get_tokens_and_are_stopped(instance: Instance) -> None:
    found = json.loads(instance.fenghuo("account", "list", "--json").stdout.splitlines()[-1])["accounts"]
    keeper = next(one for one in found if one["username"] == "wenchang.02")
    assert (keeper["posts"], keeper["active"]) == (["resource_keeper"], True)
    token = instance.fenghuo("account", "token", keeper["username"]).stdout.split()[-1]
    client = Client(instance.port, token)
    assert client.get("/api/v1/gateways")["items"]
    instance.fenghuo("account", "disable", keeper["username"])
    with pytest.raises(Declined) as refused:
        client.get("/api/v1/gateways")
    assert refused.value.status == 401
    done = instance.fenghuo("account", "disable", "nobody.at.all", check=False)
    assert done.returncode == 1


def test_the_journal_is_whole_while_work_goes_on(instance: Instance) -> None:
    first = json.loads(instance.fenghuo("journal", "verify", "--json").stdout.splitlines()[-1])
    assert first["ok"] is True
    instance.api("entry").post("/api/v1/alerts", {"kind": "notice", "headline": "再来一条"})
    second = json.loads(
        instance.fenghuo("journal", "verify", "--json", "--head", first["head"]).stdout.splitlines()[-1]
    )
    assert second["ok"] is True
    assert second["count"] > first["count"]


def test_doctor_finds_a_running_installation_sound(instance: Instance) -> None:
    found = json.loads(instance.fenghuo("doctor", "--json").stdout.splitlines()[-1])
    assert (found["ok"], found["red"]) == (True, [])
