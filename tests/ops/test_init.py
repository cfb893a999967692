"""What `fenghuo init` leaves behind: nothing that anyone could use without the code it prints, and a mode for ever."""

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from django.apps import apps

from fenghuo.ops.router import alias_of
from tests.makers.instance import ROOT, fenghuo, initialised

TOWN = ("--organisation", "大柳镇", "--area", "120119111", "--profile", "xiacang")


def made(data: Path, *arguments: str) -> dict:
    """A data folder; gives the JSON line."""
    done = fenghuo("init", "--data", str(data), "--json", *arguments)
    found: dict = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("init") / "data"
    made(found)
    return found


def test_only_its_own_user_reads_the_folder(data: Path) -> None:
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for name in ("secret.key", "fenghuo.toml", "main.db", "ledger.db"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
    assert len((data / "secret.key").read_text().strip()) >= 50


def test_no_account_exists_and_the_code_is_kept_as_a_hash_only(data: Path) -> None:
    told = made(data)
    assert told["new"] is False
    assert told["bootstrap_code"]
    with sqlite3.connect(data / "main.db") as db:
        assert db.execute("SELECT COUNT(*) FROM ground_account").fetchone() == (0,)
        everything = "\n".join(db.iterdump())
    db.close()
    assert told["bootstrap_code"] not in everything


def test_areas_and_organisation_are_there_and_both_databases_are_durable(data: Path) -> None:
    done = fenghuo("doctor", "--json", data=data, check=False)
    checks = {one["name"]: one["colour"] for one in json.loads(done.stdout.splitlines()[-1])["checks"]}
    for name in ("areas", "durable:default", "durable:ledger", "whole:default", "journal", "clock", "fonts"):
        assert checks[name] == "green", (name, checks)
    assert checks["worker"] == "red"
    assert done.returncode == 4


def test_each_database_has_its_own_tables_and_knows_the_whole_history(data: Path) -> None:
    """The ledger's is not walked through for apps without a table there; nothing may be missing, nor be done later."""
    known, has = {}, {}
    for name in ("main.db", "ledger.db"):
        with closing(sqlite3.connect(data / name)) as db:
            known[name] = set(db.execute("SELECT app, name FROM django_migrations"))
            has[name] = {table for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert known["main.db"] == known["ledger.db"] > {("delivery", "0001_initial"), ("warning", "0001_initial")}
    for model in apps.get_models():
        there = alias_of(model) == "ledger"
        assert (model._meta.db_table in has["ledger.db"], model._meta.db_table in has["main.db"]) == (there, not there)


def test_the_mode_is_for_ever(data: Path) -> None:
    done = fenghuo("init", "--mode", "live", data=data, check=False)
    assert done.returncode == 3
    assert "for ever" in done.stderr
    done = fenghuo("worker", data=data, check=False, FENGHUO_MODE="live")
    assert done.returncode == 3
    assert "mode" in done.stderr
    assert "exercise" in done.stderr


def test_a_live_folder_names_its_own_government(tmp_path: Path) -> None:
    done = fenghuo("init", "--mode", "live", data=tmp_path / "live", check=False)
    assert done.returncode == 1
    assert "--organisation" in done.stderr
    told = made(tmp_path / "live", "--mode", "live", *TOWN)
    assert (told["mode"], told["name"]) == ("live", "大柳镇")


def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not touch")
    done = fenghuo("init", data=tmp_path, check=False)
    assert done.returncode == 3
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_commands_say_what_to_do_without_a_data_folder(tmp_path: Path) -> None:
    for command in ("up", "web", "worker", "sender", "doctor"):
        done = fenghuo(command, data=tmp_path / "none", check=False)
        assert done.returncode == 3
        assert "fenghuo init" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_journal_begins_whole_and_a_later_change_is_found(tmp_path: Path) -> None:
    data = tmp_path / "data"
    initialised(data)
    found = json.loads(fenghuo("journal", "verify", "--json", data=data).stdout.splitlines()[-1])
    assert found["ok"] is True
    mistyped = fenghuo("journal", "verify", "--head", found["head"][:-1], data=data, check=False)
    assert mistyped.returncode == 2, "a slip of the pen is no broken journal"
    assert "is not a head" in mistyped.stderr
    assert "NOT whole" not in mistyped.stdout
    with sqlite3.connect(data / "main.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE ground_journalentry SET act = 'nothing' WHERE seq = 2")
    db.close()
    done = fenghuo("journal", "verify", "--json", data=data, check=False)
    assert done.returncode == 4
    assert json.loads(done.stdout.splitlines()[-1])["first_broken_seq"] == 2


def test_contacts_come_from_a_file_and_wrong_lines_are_named(data: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("姓名,辖区,手机\n大杨各村 网格员,120119111,10000000001\n", encoding="utf-8")
    bad.write_text("姓名,辖区,手机\n甲,120119111,123\n", encoding="utf-8")
    found = json.loads(fenghuo("contacts", "import", str(good), "--json", data=data).stdout.splitlines()[-1])
    assert (found["added"], found["errors"]) == (1, [])
    done = fenghuo("contacts", "import", str(bad), "--json", data=data, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["errors"][0]["line"] == 2
    assert json.loads(fenghuo("contacts", "count", "--json", data=data).stdout.splitlines()[-1])["people"] == 1


def test_a_refusal_with_json_ends_in_one_line_of_json(tmp_path: Path) -> None:
    data = tmp_path / "data"
    initialised(data)
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"a,b\n1,2\n")
    done = fenghuo("contacts", "import", str(wrong), "--json", data=data, check=False)
    assert done.returncode == 1
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["ok"] is False
    assert answer["errors"][0]["reason_zh"].startswith("文件缺少以下列")
    assert "lacks the columns" in answer["errors"][0]["reason_en"]
    assert fenghuo("contacts", "import", str(wrong), data=data, check=False).stdout == ""


@pytest.mark.parametrize("lost", ["seq = 1", "1 = 1"])
def test_a_journal_without_its_beginning_is_not_whole(tmp_path: Path, lost: str) -> None:
    data = tmp_path / "data"
    initialised(data)
    with sqlite3.connect(data / "main.db") as db:
        db.execute("DROP TRIGGER journal_no_delete")
        db.execute(f"DELETE FROM ground_journalentry WHERE {lost}")
    db.close()
    done = fenghuo("journal", "verify", "--json", data=data, check=False)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["ok"], found["first_broken_seq"], found["reason"]) == (4, False, 1, "gap")
    assert fenghuo("up", data=data, check=False).returncode == 3


def test_a_profile_of_ones_own_may_lie_there_before_anything_else(tmp_path: Path) -> None:
    """As docs/how-to/write-a-profile.md has it: the organisation is made by the rules of that file."""
    data = tmp_path / "data"
    (data / "profiles").mkdir(parents=True)
    rules = (ROOT / "profiles" / "xiacang.toml").read_text(encoding="utf-8")
    (data / "profiles" / "mytown.toml").write_text(rules.replace('name = "xiacang"', 'name = "mytown"'))
    told = made(data, "--organisation", "某镇", "--area", "120119111", "--profile", "mytown")
    assert told["profile"] == "mytown"
    assert data.stat().st_mode & 0o777 == 0o700
