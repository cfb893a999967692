"""The data folder: what is in it before any database is: rights, secret key, settings file, gateway secrets. No Django here."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from fenghuo.ops.config import CONFIG_FILE, SECRET_FILE, TABLES, Config, ConfigError, Mode, load

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OF_THE_DISK = "lost+found"  # at the top of a new one
BEFOREHAND = {"profiles", "trust", OF_THE_DISK}  # what people lay there before there is anything else

_HEAD = """\
# 烽火设置 · Fenghuo settings. docs/reference/settings.md says more; FENGHUO_<KEY> in the environment overrides a key.
# 去掉行首的 # 即可修改 · take away the # to change a value.

"""
_GATEWAY_EXAMPLE = """\

# 短信网关账号，可有多个 · accounts at SMS gateways, any number of them.
# [[gateway]]
# name = "mobile"
# protocol = "cmpp3"
# mode = "{mode}"
# host = "10.0.0.1"
# port = 7890
# source_addr = "901234"
# secret_file = "mobile.secret"    # chmod 600
"""
_FEED_EXAMPLE = """\

# 上级预警订阅源（Atom，指向 CAP 或国突报文），可有多个 · feeds of warnings from above, any number of them.
# [[feed]]
# name = "county"
# url = "https://yujing.example/feeds/alerts.atom"
# trusted = true                   # fenghuo keys trust
"""


@dataclass
class GatewayPlan:
    """A gateway to write into the settings file, with the shared secret to put beside it."""

    values: dict[str, Any]
    secret: str = field(repr=False)


def make(
    data: Path, *, mode: Mode, settings: dict[str, Any] | None = None, gateways: list[GatewayPlan] | None = None
) -> bool:
    """Make or complete a data folder; True when it is new. Raises ConfigError where another mode lives or a path is in the way.

    `settings` are written only into a new settings file, or, together with `gateways`, replace one when `gateways` is given
    (demo and rehearsal own their folders and move to new ports).
    """
    try:
        data.mkdir(parents=True, mode=PRIVATE_FOLDER, exist_ok=True)
        new = not (data / CONFIG_FILE).exists()
        if not new and load(data).mode != mode:
            raise ConfigError(
                f"{data}：已是另一种模式的数据目录，永不改变 / is a data folder of the other mode, for ever"
            )
        if new and not (data / SECRET_FILE).exists() and {one.name for one in data.iterdir()} - BEFOREHAND:
            raise ConfigError(f"{data}：目录不空，且不是数据目录 / is not empty and not a data folder")
        data.chmod(PRIVATE_FOLDER)
        _write_once(data / SECRET_FILE, secrets.token_urlsafe(48) + "\n")
        if new or gateways is not None:
            write_private(data / CONFIG_FILE, settings_file({"mode": mode, **(settings or {})}, gateways or []))
        for plan in gateways or []:
            write_private(data / plan.values["secret_file"], plan.secret + "\n")
    except OSError as error:
        raise ConfigError(f"{error.filename}：{error.strerror}") from None
    return new


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may ever read it."""
    write_private_bytes(path, text.encode("utf-8"))


def write_private_bytes(path: Path, content: bytes) -> None:
    """As `write_private`, byte for byte."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        write_private(path, text)


def settings_file(values: dict[str, Any], gateways: list[GatewayPlan]) -> str:
    """The text of `fenghuo.toml`: every key with its meaning, those not given commented out at their default."""
    lines = [_HEAD]
    for name, info in Config.model_fields.items():
        if name in TABLES:
            continue
        lines.append(f"# {info.title} · {info.description}\n")
        lines.append(
            f"{name} = {_toml(values[name])}\n\n" if name in values else f"# {name} = {_toml(_default(info))}\n\n"
        )
    for plan in gateways:
        lines.append("[[gateway]]\n")
        lines += [f"{name} = {_toml(value)}\n" for name, value in plan.values.items()]
        lines.append("\n")
    if not gateways:
        lines.append(_GATEWAY_EXAMPLE.format(mode=values["mode"]))
    lines.append(_FEED_EXAMPLE)
    return "".join(lines)


def _default(info: FieldInfo) -> Any:
    return info.get_default(call_default_factory=True, validated_data={})


def _toml(value: Any) -> str:
    """Text, whole numbers, booleans and lists of text are written alike in JSON and TOML."""
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
