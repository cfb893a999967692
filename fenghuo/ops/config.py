"""What an operator sets: `fenghuo.toml` in the data folder, overridden by `FENGHUO_*` environment variables."""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

CONFIG_FILE = "fenghuo.toml"
SECRET_FILE = "secret.key"
PREFIX = "FENGHUO_"
# Variables that are not keys of the file: where the file is.
OWN_VARIABLES = ("FENGHUO_DATA",)

Mode = Literal["live", "exercise"]


class ConfigError(Exception):
    """A setting is wrong. The text names the file (or variable), the key and what is wrong with it, in Chinese and English."""


class Gateway(BaseModel):
    """One account at a carrier's SMS gateway: a `[[gateway]]` table of the file. It has no environment variables."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9_-]{1,24}$", description="How pages and the ledger call this account.")
    protocol: Literal["cmpp3"] = Field(description="CMPP 3.0, QB-GF-028-2003.")
    mode: Mode = Field(description="Must equal the data folder's mode; a mismatch refuses to start.")
    host: str = Field(min_length=1, description="The gateway's address.")
    port: int = Field(ge=1, le=65535, description="The gateway's port; 7890 by the specification.")
    source_addr: str = Field(min_length=1, max_length=6, description="SP_Id, Source_Addr of CMPP_CONNECT.")
    secret_file: Path = Field(description="File that holds the shared secret, mode 0600; relative to the data folder.")
    service_id: str = Field(default="", max_length=10, description="Service_Id of each submit.")
    src_id: str = Field(default="12379", pattern=r"^\d{1,21}$", description="Src_Id: the number phones show.")
    rate: int = Field(default=100, ge=1, description="Contracted messages per second; a submit with n numbers counts n.")
    window: int = Field(default=16, ge=1, le=1000, description="Submits that may be unanswered at once.")
    batch: int = Field(default=50, ge=1, le=99, description="Numbers in one submit; the specification caps at 99.")
    max_in_flight_recipients: int = Field(
        default=1600, ge=1, description="Recipients that one crash or dropped line may leave in doubt at most."
    )
    prefixes: list[str] = Field(default_factory=list, description="Number prefixes this account serves; empty serves all.")
    require_ismg_auth: bool = Field(default=False, description="Refuse a gateway whose own authenticator is wrong.")

    @field_validator("prefixes")
    @classmethod
    def _digits(cls, value: list[str]) -> list[str]:
        if any(not prefix.isascii() or not prefix.isdigit() for prefix in value):
            raise ValueError("each prefix is digits only")
        return value


class Config(BaseModel):
    """Every setting with its default; documented in docs/reference/settings.md."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = Field(default="exercise", description="live or exercise; fixed for ever when the folder is made.")
    database_url: str = Field(default="", description="Empty: SQLite in the data folder; else postgres://user:password@host/name.")
    ledger_url: str = Field(default="", description="The ledger's own database; empty: beside the main one.")
    bind: str = Field(default="127.0.0.1:8000", description="Address and port that web listens on; port 0 takes a free one.")
    public_url: str = Field(default="http://localhost:8000", description="How people reach it; passkeys need a host name.")
    hosts: list[str] = Field(
        default_factory=lambda: ["localhost", "127.0.0.1"], description="Host names that web answers to."
    )
    language: Literal["zh-hans", "en"] = Field(default="zh-hans", description="Language of the pages until a person picks one.")
    time_zone: str = Field(default="Asia/Shanghai", description="Time zone of every page and paper.")
    web_threads: int = Field(default=8, ge=1, le=256, description="Requests that web handles at once.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="What goes to standard error.")
    gateway: list[Gateway] = Field(default_factory=list, description="Accounts at SMS gateways, one [[gateway]] table each.")

    @field_validator("database_url", "ledger_url")
    @classmethod
    def _postgres(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("postgres", "postgresql"):
            raise ValueError("must be empty or begin with postgres://")
        return value

    @field_validator("bind")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError("must be address:port, for example 127.0.0.1:8000")
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("must be http://host or https://host, with a port where needed and no path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _gateways_fit(self) -> "Config":
        names = [one.name for one in self.gateway]
        if len(set(names)) != len(names):
            raise ValueError("gateway: two accounts have the same name")
        for one in self.gateway:
            if one.mode != self.mode:
                raise ValueError(f"gateway {one.name}: mode is {one.mode}, the data folder's is {self.mode}")
        return self


def variables() -> dict[str, str]:
    """Each key that an environment variable may override, with the variable's name."""
    return {name: f"{PREFIX}{name.upper()}" for name in Config.model_fields if name != "gateway"}


def unknown_variables() -> list[str]:
    """`FENGHUO_*` variables that nothing reads: most likely a misspelt setting."""
    known = {*variables().values(), *OWN_VARIABLES}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def load(data: Path) -> Config:
    """The settings of a data folder; defaults where the file or a key is absent. Raises ConfigError."""
    path = data / CONFIG_FILE
    values = _read(path)
    origin: dict[str, str] = {}
    for key, variable in variables().items():
        setting = os.environ.get(variable)
        if setting is not None:
            values[key] = [one.strip() for one in setting.split(",")] if key == "hosts" else setting
            origin[key] = variable
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, path, origin)) from None
    for one in config.gateway:
        one.secret_file = data / one.secret_file
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}：不是有效的 TOML 文件 / is not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}：无法读取 / cannot be read: {error.strerror}") from None


def _explain(error: ValidationError, path: Path, origin: dict[str, str]) -> str:
    """One line per wrong key. Values are not repeated: one of them may be a password inside a URL."""
    lines = []
    for one in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in one["loc"])
        place = origin.get(str(one["loc"][0]) if one["loc"] else "", str(path))
        unknown = one["type"] == "extra_forbidden"
        reason = "没有这个设置 / no such setting" if unknown else f"设置有误 / is wrong: {one['msg']}"
        lines.append(f"{place}：{key or CONFIG_FILE}：{reason}")
    return "\n".join(lines)


def data_folder() -> Path:
    """The data folder: `FENGHUO_DATA`, else `data` below the current folder."""
    return Path(os.environ.get("FENGHUO_DATA", "data")).resolve()
