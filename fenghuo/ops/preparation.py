"""What `init`, `demo` and `rehearse` lay before Django can start: their data folder and its settings."""

import argparse
import fcntl
import os
import random
import secrets
import socket
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from fenghuo.ops import folder
from fenghuo.ops.config import SECRET_FILE, ConfigError, data_folder

LOOPBACK = "127.0.0.1"
DEMO_FOLDER = Path("data") / "demo"
DEMO_PORT = 8000
QUIET_PORTS, TRIES = range(20_000, 32_000), 20
SIMULATOR = "simulator"
REHEARSAL = "rehearsal_"  # how the schemas begin that a rehearsal makes on PostgreSQL, and drops
SOURCE_ADDR = "901234"
SECRET_BYTES = {
    "cmpp3": 24,
    "cmpp2": 24,
    "smpp": 6,
    "http": 24,
}  # SMPP's specification allows a password of eight characters
OWN_KEYS = {"http": {"request.check_path": "/status"}}  # what the simulated gateway of a protocol wants said besides
UNLIMITED = 1_000_000  # messages per second: more than any line carries


@dataclass
class Prepared:
    """What was laid: whether the folder is new, where web will listen, and where the simulated gateway must."""

    data: Path
    new: bool
    web_port: int = 0
    gateway_port: int = 0

    @property
    def secret_file(self) -> Path:
        """The simulated gateway's shared secret."""
        return self.data / f"{SIMULATOR}.secret"

    @property
    def callback(self) -> str:
        """Where a simulated HTTP gateway reports."""
        return f"http://{LOOPBACK}:{self.web_port}/api/v1/gateways/{SIMULATOR}/receipts"


def for_init(args: argparse.Namespace) -> Prepared:
    """The folder asked for, in its mode."""
    data = data_folder()
    return Prepared(data, folder.make(data, mode=args.mode))


def for_demo(args: argparse.Namespace) -> Prepared:
    """`./data/demo` unless another is named: an exercise folder whose gateway is a simulator on a port that is free now."""
    os.environ.setdefault("FENGHUO_DATA", str(DEMO_FOLDER.resolve()))
    host, _, port = (args.bind or f"{LOOPBACK}:0").rpartition(":")
    number = int(port) if port.isdigit() else -1
    if not host or not 0 <= number <= 65535:
        raise ConfigError(f"--bind：{args.bind}：应为 地址:端口 / must be ADDRESS:PORT")
    if not number:
        number = DEMO_PORT if not args.bind and _is_free(LOOPBACK, DEMO_PORT) else free_port(host)
    # The demonstration's gateway takes 100 numbers a second, as a small town's contract does: progress can be watched.
    return with_simulator(data_folder(), host, number, rate=100)


def for_rehearse(args: argparse.Namespace) -> Prepared:
    """A new folder of its own, gone afterwards unless it was named; the operator's data folder and settings are not touched.

    Only where the database is comes from the operator; there, too, the rehearsal has schemas of its own.
    """
    url = args.database_url or os.environ.get("FENGHUO_DATABASE_URL", "")
    password = os.environ.get("FENGHUO_DATABASE_PASSWORD_FILE", "")
    for name in [name for name in os.environ if name.startswith("FENGHUO_")]:
        del os.environ[name]
    named = Path(args.data).resolve() if args.data else None
    if named and named.exists() and any(named.iterdir()):
        raise ConfigError(
            f"--data：{named}：演练需要一个新目录 / a rehearsal makes a folder of its own; this one is not empty"
        )
    os.environ["FENGHUO_DATA"] = str(named or tempfile.mkdtemp(prefix="fenghuo-rehearsal-"))
    args.keep = args.keep or named is not None
    return with_simulator(
        data_folder(),
        LOOPBACK,
        free_port(LOOPBACK),
        rate=args.rate or UNLIMITED,
        protocol=args.gateway,
        database=_rehearsal_database(url, password) if url else None,
    )


def _rehearsal_database(url: str, password_file: str) -> dict[str, str]:
    """Schemas of its own in that database: whatever else is in it is not seen."""
    found = {"database_url": url, "database_schema": f"{REHEARSAL}{secrets.token_hex(4)}"}
    return found | ({"database_password_file": str(Path(password_file).resolve())} if password_file else {})


def with_simulator(
    data: Path,
    host: str,
    port: int,
    *,
    rate: int,
    database: Mapping[str, str] | None = None,
    protocol: str = "cmpp3",
) -> Prepared:
    """An exercise folder for web on host:port, whose one gateway account is a simulator on a port that is free now.

    `database`: settings that say where the tables are; without them in the folder.
    """
    laid = Prepared(data, False, port, free_port(LOOPBACK))
    with claim(data) if (data / SECRET_FILE).exists() else nullcontext():
        gateway = folder.GatewayPlan(
            {
                "name": SIMULATOR,
                "protocol": protocol,
                "mode": "exercise",
                "host": LOOPBACK,
                "port": laid.gateway_port,
                "source_addr": SOURCE_ADDR,
                "secret_file": laid.secret_file.name,
                "rate": rate,
                **OWN_KEYS.get(protocol, {}),
            },
            secrets.token_urlsafe(SECRET_BYTES[protocol]),
        )
        name = "localhost" if host == LOOPBACK else host
        settings = {"bind": f"{host}:{port}", "public_url": f"http://{name}:{port}", **(database or {})}
        laid.new = folder.make(data, mode="exercise", settings=settings, gateways=[gateway])
    return laid


def claim(data: Path) -> TextIO:
    """Hold the data folder for one `up` or `demo`; released when the file is closed or the process dies. Raises ConfigError."""
    file = (data / "running.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ConfigError(
            f"{data}：已在运行 / is already running: another `fenghuo up` or `demo` uses this data folder"
        ) from None
    return file


def free_port(host: str) -> int:
    """A port that nothing listens on now, if possible below those that the system hands out: until it is used it stays free."""
    for port in random.sample(QUIET_PORTS, TRIES):
        with suppress(OSError):
            return _bound(host, port)
    return _bound(host, 0)


def _bound(host: str, port: int) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host.strip("[]"), port))
        found: int = probe.getsockname()[1]
        return found


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
