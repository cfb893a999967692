"""What comes back is what there was: rows, journal, attachments, secrets; signed in is nobody, and sending stands still."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.makers.instance import ROOT, fenghuo
from tests.ops.backup.conftest import SECRET
from tests.ops.backup.hostile import forged, parts_of

pytestmark = pytest.mark.slow


def rows(data: Path, sql: str, file: str = "main.db") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / file)) as database:
        return database.execute(sql).fetchall()


@pytest.fixture(scope="module")
def second(archive: Path, passphrase: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second machine."""
    data = tmp_path_factory.mktemp("second") / "data"
    fenghuo("restore", str(archive), "--into", str(data), "--passphrase-file", str(passphrase))
    return data


def test_the_folder_is_as_private_and_as_complete_as_the_first(machine: Path, second: Path) -> None:
    assert second.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in second.iterdir() if path.is_file()} == {0o600}
    for name in ("secret.key", "signing.key", "signing.pem", "fenghuo.toml", "mobile.secret"):
        assert (second / name).read_bytes() == (machine / name).read_bytes(), name
    assert (second / "mobile.secret").read_text() == SECRET


def test_sending_is_paused_in_both_databases_and_the_journal_says_why(second: Path) -> None:
    ((kind, detail),) = rows(second, "SELECT kind, detail FROM delivery_order ORDER BY seq DESC LIMIT 1")
    told = json.loads(detail)["restored"]
    assert kind == "pause"
    assert told["name"] == "sealed.zip"
    ((applied, paused),) = rows(second, "SELECT applied, paused FROM delivery_control", "ledger.db")
    assert paused == 1
    assert applied == rows(second, "SELECT MAX(seq) FROM delivery_order")[0][0]
    acts = [row[0] for row in rows(second, "SELECT act FROM ground_journalentry ORDER BY seq")]
    assert acts[-2:] == ["system.restored", "alert.pause"]


def test_the_journal_goes_on_from_where_it_was(archive: Path, second: Path) -> None:
    head = json.loads(parts_of(archive)["manifest.json"])["journal_head"]
    done = fenghuo("journal", "verify", "--head", head, "--json", data=second)
    assert json.loads(done.stdout.splitlines()[-1])["ok"] is True


def test_without_secrets_it_says_which_are_missing_and_takes_them_from_elsewhere(
    bare: Path, machine: Path, tmp_path: Path
) -> None:
    done = fenghuo("restore", str(bare), "--into", str(tmp_path / "a"), "--json")
    assert json.loads(done.stdout.splitlines()[-1])["without"] == ["mobile.secret", "secret.key", "signing.key"]
    done = fenghuo("restore", str(bare), "--into", str(tmp_path / "b"), "--secrets", str(machine), "--json")
    assert json.loads(done.stdout.splitlines()[-1])["without"] == []
    assert (tmp_path / "b" / "secret.key").read_bytes() == (machine / "secret.key").read_bytes()


def test_sealed_secrets_that_stay_closed_are_all_named(archive: Path, machine: Path, tmp_path: Path) -> None:
    options = ("restore", str(archive), "--without-secrets", "--json", "--into")
    done = fenghuo(*options, str(tmp_path / "a"))
    assert json.loads(done.stdout.splitlines()[-1])["without"] == ["mobile.secret", "secret.key", "signing.key"]
    done = fenghuo(*options, str(tmp_path / "b"), "--secrets", str(machine))
    assert json.loads(done.stdout.splitlines()[-1])["without"] == []
    assert (tmp_path / "b" / "mobile.secret").read_text() == SECRET


def test_a_journal_that_was_rewritten_before_it_was_packed_is_refused(bare: Path, tmp_path: Path) -> None:
    """Every checksum agrees: only the chain betrays it."""
    entries = parts_of(bare)
    (tmp_path / "main.db").write_bytes(entries["main.db"])
    with closing(sqlite3.connect(tmp_path / "main.db")) as database:
        guard = database.execute("SELECT sql FROM sqlite_master WHERE name = 'journal_no_update'").fetchone()[0]
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE ground_journalentry SET subject = 'nobody' WHERE seq = 3")
        database.execute(guard)
        database.commit()
    forgery = forged(tmp_path / "forged.zip", entries | {"main.db": (tmp_path / "main.db").read_bytes()})
    done = fenghuo("restore", str(forgery), "--into", str(tmp_path / "data"), check=False)
    assert done.returncode == 4
    assert "edited 3" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forged.zip", "main.db"]


def test_a_database_of_a_newer_version_or_with_other_rows_is_refused(bare: Path, tmp_path: Path) -> None:
    entries = parts_of(bare)
    told = json.loads(entries["manifest.json"])
    changes = {
        "newer": "INSERT INTO django_migrations (app, name, applied) VALUES ('ground', '9999_of_tomorrow', '2030-01-01')",
        "rows": "DELETE FROM ground_area WHERE code = (SELECT MAX(code) FROM ground_area)",
    }
    for name, sql in changes.items():
        copy = tmp_path / f"{name}.db"
        copy.write_bytes(entries["main.db"])
        with closing(sqlite3.connect(copy)) as database:
            database.execute(sql)
            database.commit()
        tables = {**told["tables"], "default": {**told["tables"]["default"]}}
        tables["default"]["django_migrations"] += name == "newer"
        forgery = forged(
            tmp_path / f"{name}.zip", entries | {"main.db": copy.read_bytes()}, manifest={"tables": tables}
        )
        done = fenghuo("restore", str(forgery), "--into", str(tmp_path / "data"), check=False)
        assert done.returncode == 4
        assert {"newer": "newer Fenghuo", "rows": "rows differ"}[name] in done.stderr
        assert not (tmp_path / "data").exists()


def test_a_drill_leaves_nothing_but_a_line_with_its_figures(machine: Path, archive: Path, passphrase: Path) -> None:
    before = sorted(machine.parent.iterdir())
    done = fenghuo("restore", str(archive), "--drill", "--passphrase-file", str(passphrase), "--json", data=machine)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ok"] is True
    assert told["rows"] > 2000
    assert sorted(machine.parent.iterdir()) == before
    ((act, detail),) = rows(machine, "SELECT act, detail FROM ground_journalentry ORDER BY seq DESC LIMIT 1")
    assert act == "system.restore_drill"
    assert json.loads(detail)["rows"] == told["rows"]


def test_a_drill_of_a_spoilt_archive_fails_and_is_written_down(machine: Path, bare: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.zip"
    spoilt.write_bytes(bare.read_bytes()[:-1])
    done = fenghuo("restore", str(spoilt), "--drill", data=machine, check=False)
    assert done.returncode == 4
    ((detail,),) = rows(machine, "SELECT detail FROM ground_journalentry ORDER BY seq DESC LIMIT 1")
    assert json.loads(detail)["ok"] is False


def test_a_folder_that_is_there_is_filled_where_it_is(bare: Path, tmp_path: Path) -> None:
    """A disk may be mounted there, or everything above it belong to others: nothing beside it is written, nor is it exchanged."""
    place = tmp_path / "mounted"
    place.mkdir(mode=0o755)
    (place / "lost+found").mkdir()  # as at the top of a new disk
    before = place.stat().st_ino
    done = fenghuo("restore", str(bare), "--into", str(place), "--json")
    assert json.loads(done.stdout.splitlines()[-1])["data"] == str(place)
    assert (place.stat().st_ino, place.stat().st_mode & 0o777) == (before, 0o700)
    assert {"main.db", "ledger.db", "secret.key"} <= {path.name for path in place.iterdir()}
    assert not [path for path in place.iterdir() if path.name.startswith(".")]
    assert [path.name for path in tmp_path.iterdir()] == ["mounted"]
    assert fenghuo("journal", "verify", "--json", data=place).returncode == 0


def test_a_disk_that_cannot_be_written_to_is_a_sentence(bare: Path, tmp_path: Path) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    for into in (place, place / "deeper"):
        restore = f'mount -t tmpfs -o ro none {place} && exec "$@"'
        command = [sys.executable, "-m", "fenghuo", "restore", str(bare), "--into", str(into)]
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", restore, "sh", *command],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        (line,) = done.stderr.splitlines()
        assert "Read-only file system" in line
        assert "nothing was written" in line


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"organisation = 7"])
def test_settings_that_cannot_be_read_are_named_and_a_mended_file_takes_their_place(
    bare: Path, machine: Path, tmp_path: Path, text: bytes
) -> None:
    archive = forged(tmp_path / "garbage.zip", parts_of(bare) | {"fenghuo.toml": text})
    done = fenghuo("restore", str(archive), "--into", str(tmp_path / "data"), check=False)
    assert done.returncode == 4
    assert "in the archive: fenghuo.toml" in done.stderr
    assert "nothing was written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["garbage.zip"]
    fenghuo("restore", str(archive), "--into", str(tmp_path / "data"), "--secrets", str(machine))
    assert (tmp_path / "data" / "fenghuo.toml").read_bytes() == (machine / "fenghuo.toml").read_bytes()


def test_a_machine_without_the_driver_of_postgresql_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    entries = parts_of(bare)
    for name in ("main", "ledger"):
        entries[f"{name}.dump"] = entries.pop(f"{name}.db")
    dumped = forged(tmp_path / "dumped.zip", entries, manifest={"engine": "postgresql", "databases": 2})
    without = (
        "import sys; sys.modules['psycopg'] = sys.modules['psycopg2'] = None; import runpy; sys.argv[0] = 'fenghuo'; "
    )
    without += "runpy.run_module('fenghuo', run_name='__main__')"
    url = ("--database-url", "postgres://fenghuo@127.0.0.1:1/fenghuo")
    for archive, options in ((dumped, url), (dumped, ()), (bare, url)):
        command = [sys.executable, "-c", without, "restore", str(archive), "--into", str(tmp_path / "data"), *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 3, done.stderr
        (line,) = done.stderr.splitlines()
        assert "make install-postgres" in line
        assert [path.name for path in tmp_path.iterdir()] == ["dumped.zip"]
