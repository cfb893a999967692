"""Where the tables live: SQLite that loses nothing on power failure, or PostgreSQL by URL. What Django is told about either.

A host that is cut off must not keep the others waiting. Both ends of a PostgreSQL connection therefore give up in time: the client
on a server it no longer hears, and the server on a transaction whose client has fallen silent with its rows locked.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fenghuo.ground.setting import WrongSetting

SCHEMES = ("postgres", "postgresql")
# What may stand behind the question mark: how the connection is secured, by libpq's own names.
OPTIONS = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "channel_binding",
    "target_session_attrs",
    "passfile",
)
PUBLIC, LEDGER = "public", "fenghuo_ledger"
CONNECT = 5  # seconds to be let in
PERSONS = 60.0  # seconds that a page's or a sweep's transaction may say nothing
KEPT = 60  # seconds that a connection is used again


@dataclass(frozen=True)
class Address:
    """A PostgreSQL database."""

    host: str
    port: str
    name: str
    user: str
    password: str
    options: dict[str, str]


def wanting() -> str:
    """What this machine lacks for PostgreSQL, and where it is to be had; empty where it has all."""
    try:
        importlib.import_module("psycopg")
    except ImportError as error:
        return (
            "database_url：本机没有 PostgreSQL 驱动，请在程序目录运行 make install-postgres / the driver of PostgreSQL is not "
            f"installed here: run make install-postgres where Fenghuo was installed ({error})"
        )
    return ""


def parse(url: str) -> Address:
    """The parts of postgres://user:password@host:port/name?sslmode=…; WrongSetting says what is wrong, without the password."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise WrongSetting("应为空，或以 postgres:// 开头", "must be empty or begin with postgres://")
    try:
        port = parts.port
    except ValueError:
        raise WrongSetting("端口应为不大于 65535 的数", "the port must be a number up to 65535") from None
    name = unquote(parts.path.lstrip("/"))
    if not name or "/" in name or "\0" in unquote(url):
        raise WrongSetting(
            "应以数据库名结尾：postgres://用户@主机/库名",
            "must end with the name of a database: postgres://user@host/name",
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown or parts.fragment:
        raise WrongSetting(
            f"没有这个连接选项（可用：{'、'.join(OPTIONS)}）",
            f"no such option of the connection (there are: {', '.join(OPTIONS)})",
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(unquote(parts.hostname or ""), str(port or ""), name, user, password, options)


def schemas(public: str) -> dict[str, str]:
    """The schema of each alias: one PostgreSQL may hold both, and their tables and migration records stay apart."""
    return {"default": public, "ledger": LEDGER if public == PUBLIC else f"{public}_ledger"}


def sqlite(file: Path) -> dict[str, Any]:
    """Django's words for a file that survives power loss."""
    return {
        "ENGINE": "fenghuo.ops.sqlite",
        "NAME": file,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        # Tests race threads against each other; a database in memory would serialise, or fail, otherwise than a file.
        "TEST": {"NAME": file.with_name(f"test-{file.name}")},
    }


def postgres(url: str, *, password: str, schema: str, patience: float) -> dict[str, Any]:
    """Django's words for a PostgreSQL. `patience`: seconds after which either end takes the other, gone silent, for lost."""
    address = parse(url)
    lost = round(patience * 1000)
    # Of the session at the server: a lost client's locks are gone before its lease is, whatever the server's own settings.
    server = {
        "search_path": schema,
        "idle_in_transaction_session_timeout": lost,
        "tcp_keepalives_idle": 5,
        "tcp_keepalives_interval": 2,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": lost,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": password or address.password,
        "HOST": address.host,
        "PORT": address.port,
        "CONN_MAX_AGE": KEPT,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": CONNECT,
            "application_name": "fenghuo",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": lost,
            "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
            **address.options,
        },
    }
