"""What an operator sets: `fenghuo.toml` in the data folder, overridden by `FENGHUO_*` environment variables."""

import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from fenghuo.delivery.gateways.config import Account, Fault, Mode, WrongAccount, reasons
from fenghuo.delivery.gateways.config import tables as accounts
from fenghuo.ground.setting import WrongSetting
from fenghuo.ops import database, tables
from fenghuo.warning.relay.values import FeedSource

CONFIG_FILE = "fenghuo.toml"
SECRET_FILE = "secret.key"
PREFIX = "FENGHUO_"
# Variables that are not keys of the file: where the file is.
OWN_VARIABLES = ("FENGHUO_DATA",)
TABLES = ("gateway", "feed")  # tables of the file: no environment variable holds them


class ConfigError(Exception):
    """A setting is wrong. The text names the file (or variable), the key and what is wrong with it, in Chinese and English."""

    status = 3  # of the command that stops because of it


class UsageError(ConfigError):
    """The command was written wrongly: what it names cannot be meant."""

    status = 2


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
    database_password_file: str = Field(
        title="存放数据库口令的文件，地址中便不写口令",
        default="",
        description="File that holds the database's password, relative to the data folder; the URL then names none.",
    )
    database_schema: str = Field(
        title="PostgreSQL 模式名，同一数据库可容多套",
        default="public",
        pattern=reasons.SCHEMA,
        description="PostgreSQL schema of the tables; the ledger's is fenghuo_ledger, or this name with _ledger.",
    )
    lease_seconds: int = Field(
        title="发送租约（秒），一台主机失联后多久由另一台接管",
        default=10,
        ge=4,
        le=120,
        description="Lease of a sender on an account: how long after a host is lost another takes over.",
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
        description="Addresses of reverse proxies; from them X-Forwarded-For and X-Forwarded-Proto are believed.",
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
    least_free_mb: int = Field(
        title="磁盘剩余低于此数（MB）时不再签发和上传",
        default=200,
        ge=0,
        le=1_000_000,
        description="Below so many free megabytes nothing is signed or uploaded; what runs is still recorded.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        title="日志级别", default="info", description="What goes to standard error."
    )
    backup_to: str = Field(
        title="自动备份的目录，相对于数据目录，空为不自动备份",
        default="backups",
        description="Folder that the worker writes backups to, relative to the data folder; empty: it makes none.",
    )
    backup_at: str = Field(
        title="每日自动备份的时刻",
        default="02:30",
        pattern=reasons.TIME,
        description="Time of day of the nightly backup and of the integrity check, in time_zone.",
    )
    backup_every: int = Field(
        title="另外每隔多少分钟备份一次，0 为仅每日一次",
        default=0,
        ge=0,
        le=1440,
        description="Also a backup every so many minutes; 5 loses at most five minutes. 0: only nightly.",
    )
    backup_keep: int = Field(
        title="保留最近几份；另留最近同样多天的每日一份、每月一份",
        default=14,
        ge=1,
        le=1000,
        description="Newest backups kept; beside them the last of each of as many days, and the first of every month.",
    )
    backup_passphrase_file: str = Field(
        title="存放备份口令的文件，权限 0600，空则备份不含密钥",
        default="",
        description="File with the passphrase, mode 0600, that secrets are sealed with; empty: backups hold no secrets.",
    )
    link_test_at: str = Field(
        title="每晚不发短信的链路测试时刻，空为不测试",
        default="03:30",
        pattern=reasons.TIME_OR_NONE,
        description="Local time of the nightly link test without an SMS; empty: none.",
    )
    sms_test_day: int = Field(
        title="每月向值班组发送链路测试短信的日期，选定值班组后才发送",
        default=1,
        ge=1,
        le=28,
        description="Day of the month of the link test by SMS to the duty group; off until a group is chosen.",
    )
    sms_test_at: str = Field(
        title="每月链路测试短信的时刻",
        default="10:00",
        pattern=reasons.TIME,
        description="Local time of the monthly link test by SMS.",
    )
    gateway: list[Account] = Field(
        title="短信网关账号，每个一段 [[gateway]]",
        default_factory=list,
        description="Accounts at SMS gateways, one [[gateway]] table each.",
    )
    feed: list[FeedSource] = Field(
        title="上级预警订阅源，每个一段 [[feed]]",
        default_factory=list,
        description="Feeds of warnings from above, one [[feed]] table each.",
    )
    _wrong_gateways: list[WrongAccount] = PrivateAttr(default_factory=list)

    @property
    def wrong_gateways(self) -> list[WrongAccount]:
        """The `[[gateway]]` tables that are not served, each with its faults; the others are."""
        return self._wrong_gateways

    def files(self) -> list[Path]:
        """Every file that the settings name and that must be where they are: of the accounts, and the database's password."""
        named = [path for one in self.gateway for path in one.files()]
        return [*named, *([Path(self.database_password_file)] if self.database_password_file else [])]

    @field_validator("database_url", "ledger_url")
    @classmethod
    def _postgres(cls, value: str) -> str:
        if value:
            database.parse(value)
        return value

    @field_validator("proxies")
    @classmethod
    def _machines(cls, value: list[str]) -> list[str]:
        try:
            return [str(ipaddress.ip_address(one)) for one in value]
        except ValueError:
            raise WrongSetting("每项为一个 IP 地址", "each is one IP address") from None

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise WrongSetting("应为时区，如 Asia/Shanghai", "must be a zone such as Asia/Shanghai")
        return value

    @field_validator("bind")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise WrongSetting("应为 地址:端口，如 127.0.0.1:8000", "must be address:port, for example 127.0.0.1:8000")
        return value

    @field_validator("map_tiles")
    @classmethod
    def _tiles(cls, value: str) -> str:
        parts = urlsplit(value)
        own = value.startswith("/") and not value.startswith("//")
        whole = all(part in value for part in ("{z}", "{x}", "{y}")) and not set(value) & set(" ;,'\"<>")
        if value and not (whole and (own or (parts.scheme in ("http", "https") and parts.hostname))):
            raise WrongSetting(
                "应为空，或含 {z}、{x}、{y} 的路径或 http(s) 地址",
                "must be empty, or a path or http(s) address with {z}, {x} and {y}",
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise WrongSetting(
                "应为 http://主机 或 https://主机，可带端口，不带路径",
                "must be http://host or https://host, with a port where needed and no path",
            )
        return value.rstrip("/")

    @model_validator(mode="after")
    def _feeds_fit(self) -> "Config":
        feeds = [one.name for one in self.feed]
        if len(set(feeds)) != len(feeds):
            raise WrongSetting("feed：有两个同名的订阅源", "feed: two feeds have the same name")
        return self


def variables() -> dict[str, str]:
    """Each key that an environment variable may override, with the variable's name."""
    return {name: f"{PREFIX}{name.upper()}" for name in Config.model_fields if name not in TABLES}


def unknown_variables() -> list[str]:
    """`FENGHUO_*` variables that nothing reads: most likely a misspelt setting."""
    known = {*variables().values(), *OWN_VARIABLES}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def load(data: Path) -> Config:
    """The settings of a data folder; defaults where the file or a key is absent. Raises ConfigError.

    A wrong `[[gateway]]` table raises nothing: it stands in `wrong_gateways`, and the other accounts are served.
    """
    path = data / CONFIG_FILE
    text = _text(path)
    try:
        values, broken = tables.parse(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}：不是有效的 TOML 文件 / is not valid TOML: {error}") from None
    said = values.pop("gateway", [])
    if not isinstance(said, list):
        broken, said = [tables.Broken(0, tables.first(text), "", *tables.SINGLE)], []
    origin: dict[str, str] = {}
    for key, variable in variables().items():
        setting = os.environ.get(variable)
        if setting is not None:
            values[key] = _listed(setting) if key in ("hosts", "proxies") else setting
            origin[key] = variable
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_explain(error, path, origin)) from None
    for key, value in values.items():
        # A variable is text, so Config takes a number from text; in the file it would be a slip, and elsewhere a trap.
        if key not in origin and type(getattr(config, key)) is int and type(value) is not int:
            raise ConfigError(f"{path}：{key}：{' / '.join(reasons.WHOLE)}")
    good, config._wrong_gateways = _gateways(text, said, broken, config.mode)
    return config.model_copy(update={"gateway": [one.placed(data) for one in good]})


def _listed(setting: str) -> list[str]:
    """What a variable lists, with commas between; an empty one lists nothing."""
    return [one.strip() for one in setting.split(",") if one.strip()]


def _gateways(
    text: str, said: list[Any], broken: list[tables.Broken], mode: str
) -> tuple[list[accounts.Gateway], list[WrongAccount]]:
    """The accounts to be served and the tables that cannot be; a table that is not TOML is missing from what was `said`."""
    chunks, without = tables.chunks(text), {one.index for one in broken}
    numbers = [number for number in range(len(said) + len(broken)) if number not in without]
    found = [
        (number + 1, table, chunks[number].line if number < len(chunks) else lambda path: 0)
        for number, table in zip(numbers, said, strict=True)
    ]
    good, wrong = accounts.read(found, mode)
    for one in broken:
        fault = Fault(one.line, "", one.zh, one.en)
        wrong.append(accounts.refused(one.index + 1, {"name": one.name}, [fault]))
    return good, sorted(wrong, key=lambda one: one.number)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark that nobody sees
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}：不是有效的 TOML 文件 / is not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}：无法读取 / cannot be read: {error.strerror}") from None


def _explain(error: ValidationError, path: Path, origin: dict[str, str]) -> str:
    """One line per wrong key. Values are not repeated: one of them may be a password inside a URL."""
    lines = []
    for one in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in one["loc"])
        place = origin.get(str(one["loc"][0]) if one["loc"] else "", str(path))
        lines.append(f"{place}：{key or CONFIG_FILE}：{' / '.join(reasons.reason(one))}")
    return "\n".join(lines)


def data_folder() -> Path:
    """The data folder: `FENGHUO_DATA`, else `data` below the current folder."""
    return Path(os.environ.get("FENGHUO_DATA", "data")).resolve()
