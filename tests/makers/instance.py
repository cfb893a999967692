"""A real installation for tests: its own data folder, `fenghuo up` on a free port, and a simulated gateway."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fenghuo.ground.accounts.queries import totp_code
from fenghuo.ops.preparation import LOOPBACK, free_port, with_simulator
from fenghuo.ops.rehearsal.client import Client, Declined
from fenghuo.ops.rehearsal.running import running
from simulators.smsc import Remote
from tests.templates import once

ROOT = Path(__file__).resolve().parents[2]
TABLES_AND_KEYS = ("main.db", "ledger.db", "secret.key", "signing.key", "signing.pem", "journal-heads.jsonl")
STEP = 30  # seconds an authenticator's code lives
QUICK = {"report_delay": [0.02, 0.2]}


@dataclass
class Person:
    """Someone at a post. `enter` is the token of a one-time sign-in link, /enter/<token>/."""

    username: str
    name: str
    token: str
    totp_secret: str
    enter: str
    codes: list[str]
    _last: int = field(default=0, repr=False)

    def factor(self) -> dict[str, str]:
        """A fresh second factor for a sign body: a printed code while there is one (no waiting), else a TOTP code."""
        return {"code": self.codes.pop()} if self.codes else {"totp": self.totp()}

    def totp(self) -> str:
        """A code that was not given before; waits for the next one where all that count now are used."""
        while True:
            step = int(time.time()) // STEP
            free = next((one for one in (step - 1, step, step + 1) if one > self._last), None)
            if free is not None and not (free == step - 1 and time.time() % STEP > STEP - 5):
                self._last = free
                return totp_code(self.totp_secret, offset=free - step)
            self._last = max(self._last, step - 1)
            if self._last > step:
                time.sleep(1)


@dataclass
class Instance:
    """What runs, and who may do what in it."""

    url: str
    port: int
    data: Path
    organisation_id: str
    area: str
    group_ids: dict[str, str]
    people: dict[str, Person]
    smsc: Remote
    host: str = LOOPBACK

    def api(self, post: str = "") -> Client:
        """The API with the token of whoever holds `post`; without one, nobody's."""
        return Client(self.port, self.people[post].token if post else "", host=self.host)

    def process(self, name: str) -> int | None:
        """The id of this installation's process of that name (web, worker, sender); None while it is being started again."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                ours = str(self.data).encode() in (folder / "environ").read_bytes()
            except OSError:  # it ended while we looked
                continue
            if ours and b"fenghuo" in words and words[words.index(b"fenghuo") + 1] == name.encode():
                return int(folder.name)
        return None

    def kill(self, name: str, within: float = 30.0) -> None:
        """kill -9 that process, waiting for it where it is being started; `up` starts another."""
        deadline = time.monotonic() + within
        while (pid := self.process(name)) is None:
            assert time.monotonic() < deadline, f"no {name} is running"
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)

    def fenghuo(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """A `fenghuo` command on this installation's data folder."""
        return fenghuo(*arguments, data=self.data, check=check)

    def content(self, **changes: Any) -> dict[str, Any]:
        """A relayed warning that is complete in law and goes to everybody."""
        now = datetime.now(UTC)
        text = "蓟州区气象台发布暴雨黄色预警信号：预计未来6小时内降水将达50毫米以上，请注意防范。"
        return {
            "kind": "warning",
            "category": "natural",
            "level": 3,
            "event": "11B03",
            "headline": "暴雨黄色预警",
            "body": text,
            "caution": "低洼地带有积水危险。",
            "measures": "停止户外作业，远离河道。",
            "issuer": "蓟州区气象台",
            "starts_at": now.isoformat(),
            "expires_at": (now + timedelta(hours=6)).isoformat(),
            "areas": [self.area],
            "audience": {"groups": [], "areas": [self.area]},
            "origin": {
                "issuer": "蓟州区气象台",
                "issued_at": (now - timedelta(minutes=2)).isoformat(),
                "received_at": (now - timedelta(minutes=1)).isoformat(),
                "how": "phone",
                "text": text,
                "reference": "",
            },
            **changes,
        }

    def approved(self, **changes: Any) -> dict[str, Any]:
        """An alert that only its signature is missing from."""
        alert = self.api("entry").post("/api/v1/alerts", self.content(**changes))
        path = f"/api/v1/alerts/{alert['id']}"
        alert = self.api("entry").post(f"{path}/submit", {"version": alert["version"]})
        self.api("reviewer").post(f"{path}/review", {"digest": alert["digest"]})
        return dict(self.api("leader").post(f"{path}/approve", {"digest": alert["digest"]}))

    def signed(self, **changes: Any) -> dict[str, Any]:
        """An alert on its way to everybody."""
        alert = self.approved(**changes)
        body = {"digest": alert["digest"], "people": alert["audience_count"], **self.people["signer"].factor()}
        return dict(self.api("signer").post(f"/api/v1/alerts/{alert['id']}/sign", body))

    def settled(self, alert_id: str, *, of: str = "release", within: float = 30.0) -> dict[str, Any]:
        """The progress of a release or its correction once every recipient is delivered, failed, stopped or expired."""
        deadline = time.monotonic() + within
        while True:
            progress = self.api("entry").get(f"/api/v1/alerts/{alert_id}/progress")[of]
            if progress and not any(progress[name] for name in ("unsent", "intended", "accepted", "in_doubt")):
                return dict(progress)
            assert time.monotonic() < deadline, progress
            time.sleep(0.1)


def fenghuo(
    *arguments: str, data: Path | None = None, check: bool = True, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m fenghuo …` and wait for it; the operator's own settings do not reach it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}
    where = {"FENGHUO_DATA": str(data)} if data else {}
    command = [sys.executable, "-m", "fenghuo", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**clean, **where, **environment}, timeout=240
    )
    assert not check or done.returncode == 0, f"{arguments} → {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def _template() -> Path:
    """What `fenghuo init` leaves behind."""
    return once("initialised", lambda data: fenghuo("init", data=data))


def initialised(data: Path) -> None:
    """A data folder as `fenghuo init` makes it, for tests of something else: a copy of one that was made by it."""
    shutil.copytree(_template(), data)


def laid(data: Path, recipients: int) -> dict[str, Any]:
    """People, contacts and tokens in a prepared data folder. Without `recipients` the demonstration's contacts."""
    if "\ndatabase_url = " not in (data / "fenghuo.toml").read_text(encoding="utf-8"):
        for file in _template().iterdir():
            if file.name in TABLES_AND_KEYS:
                shutil.copy2(file, data)
    done = subprocess.run(
        [sys.executable, "-m", "tests.makers.lay", str(recipients)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "FENGHUO_DATA": str(data)},
        timeout=240 + recipients / 1000,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def running_instance(
    *, recipients: int = 0, behaviour: dict[str, Any] | None = None, rate: int = 1_000_000, database_url: str = ""
) -> Iterator[Instance]:
    """The whole thing until the end of the block. `behaviour` is the simulated gateway's plan."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-instance-") as folder:
        data = Path(folder) / "data"
        database = {"database_url": database_url} if database_url else None
        prepared = with_simulator(data, LOOPBACK, free_port(LOOPBACK), rate=rate, database=database)
        known = laid(data, recipients)
        people = {post: Person(**one) for post, one in known["people"].items()}
        with running(prepared, behaviour or QUICK) as smsc:
            instance = Instance(
                url=f"http://localhost:{prepared.web_port}",
                port=prepared.web_port,
                data=data,
                organisation_id=known["organisation"],
                area=known["area"],
                group_ids=known["groups"],
                people=people,
                smsc=smsc,
            )
            _wait_until_bound(instance)
            yield instance


def _wait_until_bound(instance: Instance) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if all(one["state"] == "bound" for one in instance.api("entry").get("/api/v1/gateways")["items"]):
                return
        except (Declined, OSError):
            pass  # not yet up
        assert time.monotonic() < deadline, (instance.data / "running.log").read_text()
        time.sleep(0.1)
