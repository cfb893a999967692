"""Where the tables live: the address is read strictly, and both ends of a connection give up in time."""

import json

import psycopg
import pytest

from fenghuo.ops import database
from tests.makers.instance import fenghuo


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:geheim@h/d",
        "postgres://u:geheim@h",
        "postgres://u:geheim@h/",
        "postgres://u:geheim@h:port/d",
        "postgres://u:geheim@h:70000/d",
        "postgres://u:geheim@h/d/e",
        "postgres://u:geheim@h/d?options=-csearch_path%3Dother",
        "postgres://u:geheim@h/d?sslmode=require#here",
        "postgres://u:geheim@h/d%00",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        database.parse(url)
    assert "geheim" not in str(caught.value)


def test_every_part_may_be_quoted() -> None:
    found = database.parse("postgresql://a%40b:p%2Fw@%2Frun%2Fpg:5433/f%C3%A9?sslmode=verify-full&sslrootcert=/ca.pem")
    assert (found.user, found.password, found.host, found.port, found.name) == ("a@b", "p/w", "/run/pg", "5433", "fé")
    assert found.options == {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}


def test_the_server_lets_go_of_a_silent_sender_well_within_its_lease() -> None:
    told = database.postgres("postgres://u@h/d?sslmode=require", password="p", schema="one", patience=5.0)
    options = told["OPTIONS"]
    assert "-c search_path=one" in options["options"]
    assert "-c idle_in_transaction_session_timeout=5000" in options["options"]
    assert (options["tcp_user_timeout"], options["sslmode"], told["PASSWORD"]) == (5000, "require", "p")


def test_schemas_of_ones_own() -> None:
    assert database.schemas("public") == {"default": "public", "ledger": "fenghuo_ledger"}
    assert database.schemas("one") == {"default": "one", "ledger": "one_ledger"}


@pytest.mark.postgres
@pytest.mark.slow
def test_a_rehearsal_on_postgresql_leaves_nothing_behind(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("CREATE TABLE of_somebody_else (n int)")
    done = fenghuo("rehearse", "--recipients", "200", "--json", FENGHUO_DATABASE_URL=postgres_url)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["database"], found["accepted"], found["lost"], found["broken"]) == ("postgresql", 200, 0, [])
    with psycopg.connect(postgres_url) as db:
        schemas = db.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rehearsal%'").fetchall()
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert (schemas, tables) == ([], [("of_somebody_else",)])


@pytest.mark.postgres
def test_a_password_file_that_is_not_there_is_named(tmp_path, postgres_url: str) -> None:
    missing = {"FENGHUO_DATABASE_URL": postgres_url, "FENGHUO_DATABASE_PASSWORD_FILE": "nowhere"}
    done = fenghuo("init", data=tmp_path / "data", check=False, **missing)
    assert done.returncode == 3
    assert "database_password_file" in done.stderr
    assert "Traceback" not in done.stderr
