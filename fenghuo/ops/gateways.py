"""Which gateway accounts cannot be served, as lines for whoever starts or examines an installation."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fenghuo.delivery.gateways.config import Gateway, HttpGateway
from fenghuo.delivery.sender import Unfit, secret
from fenghuo.ops.config import CONFIG_FILE, Config

SECRETS = {
    "secret_missing": ("无法读取，请放入共享密钥", "cannot be read: put the shared secret there"),
    "secret_rights": (
        "他人也能读取，账号未启用；请执行 {remedy}",
        "others may read it, so the account is refused; run: {remedy}",
    ),
    "secret_empty": ("是空的，请放入共享密钥", "is empty: put the shared secret there"),
    "secret_long": ("太大，不是共享密钥", "is too large for a shared secret"),
}


@dataclass(frozen=True)
class Complaint:
    """One fault: the account, where a person must mend something, and what is wrong there."""

    name: str
    place: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.place}：{self.zh} / {self.en}"


def complaints(config: Config, data: Path) -> Iterator[Complaint]:
    """Every fault that keeps an account from being served; the accounts without one are."""
    for one in config.wrong_gateways:
        for fault in one.faults:
            line = f"第 {fault.line} 行 line {fault.line}：" if fault.line else ""
            place = f"{data / CONFIG_FILE}：{line}[[gateway]] {one.number} {one.name}：{fault.key}".rstrip("：")
            yield Complaint(one.name, place, fault.zh, fault.en)
    for gateway in config.gateway:
        for path in secrets(gateway):
            found = _wrong_secret(gateway, path)
            if found:
                yield found


def secrets(gateway: Gateway) -> list[Path]:
    """The files whose contents an account must keep to itself."""
    callback = gateway.callback.secret_file if isinstance(gateway, HttpGateway) else None
    return [gateway.secret_file, *([callback] if callback else [])]


def _wrong_secret(gateway: Gateway, path: Path) -> Complaint | None:
    try:
        secret(path)
    except Unfit as wrong:
        zh, en = (text.format(remedy=f"chmod 600 {shlex.quote(str(path))}") for text in SECRETS[wrong.code])
        return Complaint(gateway.name, f"[[gateway]] {gateway.name}：{path}", zh, en)
    return None
