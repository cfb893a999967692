"""One installation on three hosts: web on a, worker on b, a sender on each; one PostgreSQL and one gateway for all.

The database has the two roles of deploy/postgres/roles.sql; hosts b and c get their share from a by `fenghuo host`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from simulators.smsc import Remote
from tests.hosts import network
from tests.hosts.laying import CMPP, WEB, url
from tests.hosts.network import DATABASE, GATEWAY, ROOT, Host
from tests.makers.instance import Instance, Person, fenghuo
from tests.postgres import Cluster, running_cluster

PROCESSES = {"a": ("web", "sender"), "b": ("worker", "sender"), "c": ("sender",)}
FIRST = 11  # last number of a's address
# The gateway answers like a real one, and gives up on a line that is dead within seconds: then its receipts come again.
BEHAVIOUR = {
    "response_delay": [0.02, 0.05], "report_delay": [0.05, 0.3], "idle": 2.0, "answer": 2.0, "tries": 2,
}  # fmt: skip


@dataclass
class House:
    """All of it. `sender` is what runs a sender on each host; a host's clock may be wrong."""

    hosts: dict[str, Host]
    instance: Instance
    cluster: Cluster
    sender: Callable[[str], list[str]]

    def start(self, name: str) -> None:
        """Everything that this host is there for."""
        for process in PROCESSES[name]:
            self.hosts[name].start(process, self.sender(name) if process == "sender" else ())

    def replace(self, name: str) -> None:
        """The host is switched on again after its power failed."""
        was = self.hosts[name]
        self.hosts[name] = network.host(name, was.number, was.data)
        self.start(name)

    def logs(self) -> str:
        """The last that each process said."""
        paths = sorted(self.instance.data.parent.glob("*/*.log"))
        return "\n".join(f"== {path}\n{path.read_text('utf-8')[-3000:]}" for path in paths)

    def refused(self) -> int:
        """How often the database has refused a sender's write: its lease had passed to another, or its connection had ended."""
        logs = [(host.data / "sender.log").read_text("utf-8") for host in self.hosts.values()]
        return sum(log.count(f'"{event}"') for log in logs for event in ("lease_lost", "ledger_failed"))


@contextmanager
def three_hosts(folder_of_all: Path, *, recipients: int, sender: Callable[[str], list[str]]) -> Iterator[House]:
    """Up and bound, until the end of the block."""
    with network.outside(), running_cluster(listen=DATABASE) as cluster, _centre(folder_of_all) as centre:
        data = {name: folder_of_all / name for name in PROCESSES}
        owner = _database(cluster)
        known = _people(data["a"], owner, recipients)
        _share(data)
        hosts = {name: network.host(name, FIRST + k, data[name]) for k, name in enumerate(PROCESSES)}
        house = House(hosts, _instance(hosts["a"], known, centre), cluster, sender)
        for name in hosts:
            house.start(name)
        _until_bound(house)
        yield house


@contextmanager
def _centre(folder_of_all: Path) -> Iterator[Remote]:
    secret = (folder_of_all / "a" / "mobile.secret").read_text(encoding="ascii").strip()
    account = {"sp_id": "901234", "secret": secret}
    plan = json.dumps({**BEHAVIOUR, "accounts": [account]})
    command = [sys.executable, "-m", "simulators.smsc", "--host", GATEWAY, "--port", str(CMPP), "--plan", plan]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Remote(said["port"], said["control"], process)
        finally:
            process.kill()


def _database(cluster: Cluster) -> str:
    """A database with both roles as the instructions say; the owner's address."""
    with cluster.connect() as admin:
        for role in ("fenghuo_owner", "fenghuo_run"):
            admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'")
        admin.execute("CREATE DATABASE fenghuo OWNER fenghuo_owner ENCODING 'UTF8'")
    with psycopg.connect(url("fenghuo_owner", "fenghuo_owner"), autocommit=True) as owner:
        owner.execute((ROOT / "deploy/postgres/roles.sql").read_bytes())
    return url("fenghuo_owner", "fenghuo_owner")


def _people(data: Path, owner: str, recipients: int) -> dict[str, Any]:
    """Tables, people and contacts, by the role that may make tables."""
    environment = {**os.environ, "FENGHUO_DATA": str(data), "FENGHUO_DATABASE_URL": owner}
    environment["FENGHUO_DATABASE_PASSWORD_FILE"] = ""
    command = [sys.executable, "-m", "tests.makers.lay", str(recipients)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    known: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return known


def _share(data: dict[str, Path]) -> None:
    parcel = data["a"].parent / "parcel"
    fenghuo("host", "pack", str(parcel), data=data["a"])
    for name in ("b", "c"):
        fenghuo("host", "join", str(parcel), data=data[name])
    parcel.unlink()


def _instance(a: Host, known: dict[str, Any], centre: Remote) -> Instance:
    people = {post: Person(**one) for post, one in known["people"].items()}
    return Instance(
        url=f"http://localhost:{WEB}", port=WEB, data=a.data, organisation_id=known["organisation"],
        area=known["area"], group_ids=known["groups"], people=people, smsc=centre, host=a.address,
    )  # fmt: skip


def _until_bound(house: House, seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if all(one["state"] == "bound" for one in house.instance.api("entry").get("/api/v1/gateways")["items"]):
                return
        except OSError:
            pass  # web is not up yet
        if time.monotonic() > deadline:
            raise TimeoutError(house.logs())
        time.sleep(0.1)
