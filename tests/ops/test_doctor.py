"""`fenghuo doctor` sees what is wrong: each fault is planted and found."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.makers.instance import fenghuo, initialised

GATEWAY = """
[[gateway]]
name = "mobile"
protocol = "cmpp3"
mode = "exercise"
host = "127.0.0.1"
port = 1
source_addr = "901234"
secret_file = "mobile.secret"
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("doctor") / "data"
    initialised(found)
    return found


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "data")
    return tmp_path / "data"


def colours(data: Path, **environment: str) -> dict[str, str]:
    done = fenghuo("doctor", "--json", data=data, check=False, **environment)
    assert "Traceback" not in done.stderr
    return {one["name"]: one["colour"] for one in json.loads(done.stdout.splitlines()[-1])["checks"]}


def test_rights_that_let_others_read(data: Path) -> None:
    (data / "fenghuo.toml").write_text('mode = "exercise"\n' + GATEWAY)
    (data / "mobile.secret").write_text("x")
    (data / "mobile.secret").chmod(0o644)
    (data / "secret.key").chmod(0o640)
    (data / "fenghuo.toml").chmod(0o600)
    data.chmod(0o755)
    found = colours(data)
    assert [found[f"rights:{name}"] for name in ("data", "secret.key", "mobile.secret")] == ["red"] * 3
    assert found["rights:fenghuo.toml"] == "green"
    assert found["gateway:mobile"] == "red"


@pytest.mark.parametrize(
    ("address", "colour"),
    [
        ("http://localhost:8000", "green"),
        ("https://yujing.example", "green"),
        ("http://yujing.example", "yellow"),
        ("https://10.0.0.5", "yellow"),
        ("https://[fd00::5]", "yellow"),
    ],
)
def test_where_passkeys_cannot_work(data: Path, address: str, colour: str) -> None:
    assert colours(data, FENGHUO_PUBLIC_URL=address)["host_name"] == colour


def test_a_damaged_database(data: Path) -> None:
    with sqlite3.connect(data / "main.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    pages = bytearray((data / "main.db").read_bytes())
    for at in range(8192, len(pages), 4096):
        pages[at + 8 : at + 40] = b"\xff" * 32
    (data / "main.db").write_bytes(pages)
    done = fenghuo("doctor", "--json", data=data, check=False)
    assert done.returncode in (3, 4)
    assert "Traceback" not in done.stderr


def test_a_clock_that_was_set_back(data: Path) -> None:
    with sqlite3.connect(data / "main.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(
            "UPDATE ground_journalentry SET at = '2099-01-01 00:00:00' WHERE seq = (SELECT MAX(seq) FROM ground_journalentry)"
        )
    db.close()
    found = colours(data)
    assert found["clock"] == "red"
    assert found["journal"] == "red"


def test_a_misspelt_variable_and_a_missing_gateway_are_worth_a_look(data: Path) -> None:
    found = colours(data, FENGHUO_DATABSE_URL="postgres://x")
    assert (found["environment"], found["gateways"]) == ("yellow", "yellow")


def test_accounts_are_told_in_words_a_shared_secret_once_and_a_login_that_proves_nothing(data: Path) -> None:
    second = GATEWAY.replace('"mobile"', '"second"', 1)
    web = GATEWAY.replace('"mobile"', '"web"', 1).replace("cmpp3", "http")
    (data / "fenghuo.toml").write_text('mode = "exercise"\n' + GATEWAY + second + web)
    (data / "mobile.secret").write_text("x")
    (data / "mobile.secret").chmod(0o600)
    done = fenghuo("doctor", "--json", data=data, check=False)
    found = json.loads(done.stdout.splitlines()[-1])["checks"]
    assert [one["name"] for one in found].count("rights:mobile.secret") == 1
    named = {one["name"]: one for one in found}
    assert (named["check_path:web"]["colour"], "check_path:mobile" in named) == ("yellow", False)
    assert named["gateway:mobile"]["en"] == "gateway mobile: Down · No sender is running on any machine."
    assert "no_sender" not in done.stdout
