"""What an operator sets: `fenghuo.toml` in the data folder, overridden by `FENGHUO_*` environment variables."""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

CONFIG_FILE = "fenghuo.toml"
SECRET_FILE = "secret.key"


class Gateway(BaseModel):
    """One account at a carrier's SMS gateway."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9_-]{1,24}$")
    protocol: Literal["cmpp3"]
    mode: Literal["live", "exercise"]
    host: str
    port: int = Field(ge=1, le=65535)
    source_addr: str = Field(max_length=6)  # SP_Id, CMPP 3.0 CONNECT Source_Addr
    secret_file: Path
    service_id: str = Field(default="", max_length=10)
    src_id: str = Field(default="12379", max_length=21)
    rate: int = Field(default=100, ge=1)  # contracted messages per second; a submit with n numbers counts n
    window: int = Field(default=16, ge=1, le=1000)
    batch: int = Field(default=50, ge=1, le=99)  # destinations per submit; the specification caps at 99
    max_in_flight_recipients: int = Field(default=1600, ge=1)
    prefixes: list[str] = Field(default_factory=list)  # number prefixes this account serves; empty = all
    require_ismg_auth: bool = False


class Config(BaseModel):
    """Every setting, with its default; documented in docs/reference/settings.md."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["live", "exercise"] = "exercise"
    database_url: str = ""  # empty: SQLite in the data folder; else postgres://…
    ledger_url: str = ""  # empty: as database_url, second connection
    bind: str = "127.0.0.1:8000"
    public_url: str = "http://localhost:8000"
    hosts: list[str] = Field(default_factory=lambda: ["localhost", "127.0.0.1"])
    language: Literal["zh-hans", "en"] = "zh-hans"
    time_zone: str = "Asia/Shanghai"
    web_threads: int = Field(default=8, ge=1)
    gateway: list[Gateway] = Field(default_factory=list)


def load(data: Path) -> Config:
    """The settings of a data folder; defaults where the file or a key is absent. Raises pydantic.ValidationError naming each wrong key."""
    path = data / CONFIG_FILE
    values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in Config.model_fields:
        setting = os.environ.get(f"FENGHUO_{name.upper()}")
        if setting is not None and name != "gateway":
            values[name] = setting.split(",") if name == "hosts" else setting
    return Config.model_validate(values)


def data_folder() -> Path:
    """The data folder: `FENGHUO_DATA`, else `data` below the current folder."""
    return Path(os.environ.get("FENGHUO_DATA", "data")).resolve()
