"""What an operator sets: `fenghuo.toml` in the data folder, overridden by `FENGHUO_*` environment variables."""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fenghuo.delivery.gateways.config import Gateway, Mode
from fenghuo.warning.relay.values import FeedSource

CONFIG_FILE = "fenghuo.toml"
SECRET_FILE = "secret.key"
PREFIX = "FENGHUO_"
# Variables that are not keys of the file: where the file is.
OWN_VARIABLES = ("FENGHUO_DATA",)
TABLES = ("gateway", "feed")  # tables of the file: no environment variable holds them


class ConfigError(Exception):
    """A setting is wrong. The text names the file (or variable), the key and what is wrong with it, in Chinese and English."""


class Config(BaseModel):
    """Every setting with its default; documented in docs/reference/settings.md."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = Field(
        title="实战或演练，建立时定，永不改变",
        default="exercise",
        description="live or exercise; fixed for ever when the folder is made.",
    )
    database_url: str = Field(
        title="空为数据目录中的 SQLite，否则 postgres://…",
        default="",
        description="Empty: SQLite in the data folder; else postgres://user:password@host/name.",
    )
    ledger_url: str = Field(
        title="发送台账的数据库，空为与主库同处",
        default="",
        description="The ledger's own database; empty: beside the main one.",
    )
    bind: str = Field(
        title="监听地址与端口",
        default="127.0.0.1:8000",
        description="Address and port that web listens on; port 0 takes a free one.",
    )
    public_url: str = Field(
        title="人们访问的地址；通行密钥需要主机名",
        default="http://localhost:8000",
        description="How people reach it; passkeys need a host name.",
    )
    hosts: list[str] = Field(
        title="应答的主机名",
        default_factory=lambda: ["localhost", "127.0.0.1"],
        description="Host names that web answers to.",
    )
    proxies: list[str] = Field(
        title="可信的反向代理地址",
        default_factory=list,
        description="Addresses of reverse proxies; from them alone X-Forwarded-For is believed.",
    )
    map_tiles: str = Field(
        title="地图底图瓦片地址，空为无底图",
        default="",
        description="Address of map tiles with {z} {x} {y}; empty: none. A path of one's own server, or http(s)://host/….",
    )
    language: Literal["zh-hans", "en"] = Field(
        title="界面语言", default="zh-hans", description="Language of the pages until a person picks one."
    )
    time_zone: str = Field(title="时区", default="Asia/Shanghai", description="Time zone of every page and paper.")
    web_threads: int = Field(
        title="同时处理的请求数", default=8, ge=1, le=256, description="Requests that web handles at once."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        title="日志级别", default="info", description="What goes to standard error."
    )
    gateway: list[Gateway] = Field(
        title="短信网关账号，每个一段 [[gateway]]",
        default_factory=list,
        description="Accounts at SMS gateways, one [[gateway]] table each.",
    )
    feed: list[FeedSource] = Field(
        title="上级预警订阅源，每个一段 [[feed]]",
        default_factory=list,
        description="Feeds of warnings from above, one [[feed]] table each.",
    )

    @field_validator("database_url", "ledger_url")
    @classmethod
    def _postgres(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("postgres", "postgresql"):
            raise ValueError("must be empty or begin with postgres://")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a zone such as Asia/Shanghai")
        return value

    @field_validator("bind")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError("must be address:port, for example 127.0.0.1:8000")
        return value

    @field_validator("map_tiles")
    @classmethod
    def _tiles(cls, value: str) -> str:
        parts = urlsplit(value)
        own = value.startswith("/") and not value.startswith("//")
        whole = all(part in value for part in ("{z}", "{x}", "{y}")) and not set(value) & set(" ;,'\"<>")
        if value and not (whole and (own or (parts.scheme in ("http", "https") and parts.hostname))):
            raise ValueError("must be empty, or a path or http(s) address with {z}, {x} and {y}")
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
        feeds = [one.name for one in self.feed]
        if len(set(feeds)) != len(feeds):
            raise ValueError("feed: two feeds have the same name")
        return self


def variables() -> dict[str, str]:
    """Each key that an environment variable may override, with the variable's name."""
    return {name: f"{PREFIX}{name.upper()}" for name in Config.model_fields if name not in TABLES}


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
            values[key] = [one.strip() for one in setting.split(",")] if key in ("hosts", "proxies") else setting
            origin[key] = variable
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, path, origin)) from None
    placed = [one.model_copy(update={"secret_file": data / one.secret_file}) for one in config.gateway]
    return config.model_copy(update={"gateway": placed})


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
