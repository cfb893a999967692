"""compose.yaml and the Dockerfile name only what exists, and the database they lay serves a real installation."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fenghuo.ops import parser
from fenghuo.ops.config import OWN_VARIABLES, variables
from fenghuo.ops.parser import COMMANDS
from tests.makers.instance import fenghuo
from tests.postgres import programs, running_cluster

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: one for name, one in COMPOSE["services"].items() if name != "database"}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_there_is_what_an_installation_needs_and_a_sender_in_waiting() -> None:
    started = [one["command"][0] for name, one in OURS.items() if "profiles" not in one]
    assert sorted(started) == ["sender", "sender", "web", "worker"]
    assert OURS["init"]["profiles"] == ["setup"]


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_exists_with_settings_that_exist(name: str) -> None:
    service = OURS[name]
    assert service["command"][0] in {one.name for one in COMMANDS}
    assert set(service["environment"]) <= {*variables().values(), *OWN_VARIABLES}
    folder = service["environment"]["FENGHUO_DATA"]
    assert service["volumes"] == [f"data:{folder}"]
    assert f"VOLUME {folder}" in DOCKERFILE
    assert service["build"]["dockerfile"] == "deploy/Dockerfile"


# What the compose specification knows of a service, as far as we use it: a slip of the pen would be found only at the start.
KNOWN = {
    "build", "image", "restart", "init", "read_only", "tmpfs", "cap_drop", "security_opt", "volumes", "environment", "secrets",
    "stop_grace_period", "depends_on", "command", "healthcheck", "profiles", "ports",
}  # fmt: skip
SPAN = re.compile(r"([0-9]+(ms|s|m|h))+")


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_is_written_in_words_that_compose_knows(name: str) -> None:
    service = COMPOSE["services"][name]
    assert set(service) <= KNOWN
    assert service["restart"] in ("no", "always", "on-failure", "unless-stopped")
    assert SPAN.fullmatch(service.get("stop_grace_period", "1s"))
    for other, wanted in service.get("depends_on", {}).items():
        assert wanted["condition"] in ("service_started", "service_healthy", "service_completed_successfully")
        assert wanted["condition"] != "service_healthy" or "healthcheck" in COMPOSE["services"][other]
    for volume in service["volumes"]:
        source, target, *rights = volume.split(":")
        assert target.startswith("/") and rights in ([], ["ro"])  # noqa: PT018
        assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]
    for port in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), "no more than this machine is let in"
    assert set(COMPOSE) <= {"services", "volumes", "networks", "secrets", "x-fenghuo"}


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_is_told_to_run_is_understood(name: str) -> None:
    found = parser.build().parse_args(OURS[name]["command"])
    assert found.command.name == OURS[name]["command"][0]
    assert re.search(r'^ENTRYPOINT \["fenghuo"\]$', DOCKERFILE, re.MULTILINE)


def test_the_database_counts_as_healthy_only_once_others_can_reach_it() -> None:
    """Its image lays roles with a server that listens on a socket alone, and then starts another."""
    assert "--host=127.0.0.1" in COMPOSE["services"]["database"]["healthcheck"]["test"]


def test_the_image_has_what_a_backup_of_its_database_needs() -> None:
    """pg_dump refuses a server newer than itself; Debian's and the server's image carry one version."""
    assert "postgresql-client" in DOCKERFILE.split("FROM ")[2]
    assert COMPOSE["services"]["database"]["image"] == "postgres:15-bookworm"
    assert "debian:bookworm" in DOCKERFILE


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_secret_is_a_file_and_stands_in_no_setting(name: str) -> None:
    service = COMPOSE["services"][name]
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    for key, value in service["environment"].items():
        assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), key
        if str(value).startswith("/run/secrets/"):
            assert str(value).rsplit("/", 1)[1] in service["secrets"]


def test_the_passwords_are_made_by_the_machine_and_stay(tmp_path: Path) -> None:
    script = ROOT / "deploy" / "compose-secrets.sh"
    made = []
    for _ in range(2):
        subprocess.run(["sh", script], cwd=tmp_path, check=True)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(COMPOSE["secrets"])
    assert len(set(made[0].values())) == 3
    assert all(len(one.strip()) == 32 for one in made[0].values())
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_the_image_holds_debian_and_locked_packages_only() -> None:
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"debian:bookworm-slim"}
    installs = re.findall(r"pip install .*", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    for line in re.findall(r"^COPY (?!--)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        assert all((ROOT / one).exists() and f"!{one}" in allowed for one in sources), line


def test_the_driver_is_the_one_that_the_tests_run_with() -> None:
    def pinned(file: str) -> set[str]:
        return set(re.findall(r"^(?:psycopg\S*==\S+|.*--hash=\S+)", (ROOT / file).read_text("utf-8"), re.MULTILINE))

    assert pinned("deploy/requirements-postgres.lock") <= pinned("requirements-dev.lock")


@pytest.mark.postgres
@pytest.mark.slow
def test_the_database_it_lays_serves_the_role_that_may_make_no_table(tmp_path: Path) -> None:
    subprocess.run(["sh", ROOT / "deploy" / "compose-secrets.sh"], cwd=tmp_path, check=True)
    secrets = tmp_path / "secrets"
    with running_cluster(fsync=True) as cluster:
        with cluster.connect() as admin:
            admin.execute("CREATE DATABASE fenghuo ENCODING 'UTF8'")
        ours = {"POSTGRES_USER": "fenghuo", "POSTGRES_DB": "fenghuo", "PGHOST": str(cluster.socket)}
        ours |= {"SECRETS": str(secrets), "ROLES": str(ROOT / "deploy/postgres/roles.sql")}
        path = f"{programs()}:{os.environ['PATH']}"
        first = ["sh", str(ROOT / "deploy/postgres/first.sh")]
        subprocess.run(first, env={**os.environ, **ours, "PATH": path}, check=True, timeout=60)

        def of(role: str) -> dict[str, str]:
            url = cluster.url("fenghuo").replace("fenghuo@", f"fenghuo_{role}@", 1)
            return {"FENGHUO_DATABASE_URL": url, "FENGHUO_DATABASE_PASSWORD_FILE": str(secrets / f"database_{role}")}

        data = tmp_path / "data"
        refused = fenghuo("init", data=tmp_path / "other", check=False, **of("run"))
        assert refused.returncode == 3, "the role of the processes makes no table"
        fenghuo("init", data=data, check=True, **of("owner"))
        found = fenghuo("doctor", "--json", data=data, check=False, **of("run"))
        wrong = [line for line in found.stdout.splitlines() if line.startswith("有误")]
        assert len(wrong) == 1 and "worker" in wrong[0], found.stdout  # noqa: PT018  (no process runs yet)
        done = fenghuo("backup", "--to", f"{tmp_path / 'kept'}/", "--json", data=data, check=True, **of("run"))
        assert Path(json.loads(done.stdout.splitlines()[-1])["path"]).stat().st_size > 10_000, (
            "the worker's role makes backups"
        )
