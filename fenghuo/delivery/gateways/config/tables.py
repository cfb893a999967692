"""Reading `[[gateway]]` tables one by one, so that a wrong one never stops the others; each fault is named with its line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from fenghuo.delivery.gateways.config.base import Gateway
from fenghuo.delivery.gateways.config.cmpp import CmppGateway
from fenghuo.delivery.gateways.config.http import HttpGateway
from fenghuo.delivery.gateways.config.reasons import reason
from fenghuo.delivery.gateways.config.smpp import SmppGateway

Account = Annotated[CmppGateway | SmppGateway | HttpGateway, Field(discriminator="protocol")]
KINDS: tuple[type[Gateway], ...] = (CmppGateway, SmppGateway, HttpGateway)
LONGEST = 200  # characters of a key that are repeated
_ACCOUNT: TypeAdapter[Any] = TypeAdapter(Account)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the line of the file (0: unknown), the key (empty: the whole table), and why."""

    line: int
    key: str
    zh: str
    en: str

    @property
    def text(self) -> str:
        """In English, as the rest of a line that names the table."""
        line = f"line {self.line}" if self.line else ""
        return ": ".join(part for part in (line, self.key, self.en) if part)


@dataclass(frozen=True)
class WrongAccount:
    """A table that is not served: its number in the file from 1, and the name it gives itself (else one made of the number)."""

    number: int
    name: str
    protocol: str
    faults: tuple[Fault, ...]


# What is known of a table before it is checked: its number, what it says, and the line of a key (of the table for no key).
Table = tuple[int, Any, Callable[[tuple[str, ...]], int]]


def read(tables: Sequence[Table], mode: str) -> tuple[list[Gateway], list[WrongAccount]]:
    """The accounts that can be served in this mode, and the tables that cannot."""
    good: dict[str, Gateway] = {}
    wrong = []
    for number, table, line in tables:
        try:
            account: Gateway = _ACCOUNT.validate_python(table)
        except ValidationError as error:
            wrong.append(refused(number, table, [_fault(one, table, line) for one in _errors(error)]))
            continue
        if account.mode != mode:
            zh, en = f"此处为 {account.mode}，数据目录为 {mode}", f"says {account.mode}, the data folder's is {mode}"
            wrong.append(refused(number, table, [Fault(line(("mode",)), "mode", zh, en)]))
        elif account.name in good:
            zh, en = "前面已有同名账号", "an account above has this name already"
            wrong.append(refused(number, {}, [Fault(line(("name",)), "name", f"{account.name}：{zh}", en)]))
        else:
            good[account.name] = account
    return list(good.values()), wrong


def refused(number: int, table: Any, faults: Sequence[Fault]) -> WrongAccount:
    """A table that is not served, with whatever name and protocol it gives itself."""
    said = table if isinstance(table, dict) else {}
    name, protocol = said.get("name"), said.get("protocol")
    fits = isinstance(name, str) and name.isascii() and name.isprintable() and 0 < len(name) <= 24
    known = isinstance(protocol, str) and protocol.isalnum() and protocol.isascii() and len(protocol) <= 8
    return WrongAccount(
        number, str(name) if fits else f"#{number}", str(protocol) if known else "", tuple(sorted(faults, key=_line))
    )


def serving(gateways: Sequence[Gateway], mode: str) -> list[Gateway]:
    """The accounts of a mode; an account of the other mode is as if it were not there."""
    return [one for one in gateways if one.mode == mode]


def _line(fault: Fault) -> int:
    return fault.line


def _errors(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_input=False))


def _fault(error: Any, table: Any, line: Callable[[tuple[str, ...]], int]) -> Fault:
    """Values are not repeated: one of them may be a secret that was pasted into the wrong key."""
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        zh, en = "应为 cmpp3、cmpp2、smpp 或 http", "must be cmpp3, cmpp2, smpp or http"
        return Fault(line(("protocol",)), "protocol", zh, en)
    if not isinstance(table, dict):
        return Fault(line(()), "", "应为一段设置", "must be a table")
    path = tuple(str(part) for part in error["loc"][1:])  # the first part is the protocol
    key = "".join(one for one in ".".join(path) if one.isprintable())[:LONGEST]
    return Fault(line(() if error["type"] == "missing" else path), key, *reason(error))
