"""The first host's data folder, before Django reads it."""

import secrets
from pathlib import Path

from fenghuo.ops import folder
from tests.hosts.network import DATABASE, GATEWAY

WEB, CMPP = 8000, 7890


def url(user: str, password: str = "") -> str:
    """The database as one of its roles."""
    return f"postgres://{user}{':' if password else ''}{password}@{DATABASE}/fenghuo"


def lay(data: Path, *, lease: int, rate: int) -> None:
    """The data folder of the first host; its processes are the role that may make no table."""
    gateway = {
        "name": "mobile", "protocol": "cmpp3", "mode": "exercise", "host": GATEWAY, "port": CMPP,
        "source_addr": "901234", "secret_file": "mobile.secret", "rate": rate, "batch": 10,
    }  # fmt: skip
    settings = {
        "bind": f"0.0.0.0:{WEB}",
        "public_url": f"http://localhost:{WEB}",
        "database_url": url("fenghuo_run"),
        "database_password_file": "database.password",
        "lease_seconds": lease,
    }
    plan = folder.GatewayPlan(gateway, secrets.token_urlsafe(24))
    folder.make(data, mode="exercise", settings=settings, gateways=[plan])
    folder.write_private(data / "database.password", "fenghuo_run\n")
