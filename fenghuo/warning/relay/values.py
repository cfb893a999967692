"""Plain values of the relay desk: what an arrival says, and where feeds are read."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from fenghuo.ground.setting import WrongSetting


@dataclass(frozen=True)
class Told:
    """What a warning says, whatever form it came in. `areas`: division codes as written; `references`: earlier identifiers."""

    headline: str = ""
    text: str = ""
    measures: str = ""
    issuer: str = ""
    identifier: str = ""
    sender: str = ""
    sent: datetime | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    level: int | None = None
    event: str = ""
    status: str = ""
    msg_type: str = ""
    areas: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    inner: bool = False
    remarks: tuple[tuple[str, str], ...] = ()  # (zh, en)


class FeedSource(BaseModel):
    """One feed of warnings to watch: an Atom feed that leads to CAP or national XML."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] = Field(
        title="名称", description="Its name in lists and in the journal."
    )
    url: Annotated[str, StringConstraints(max_length=500)] = Field(
        title="Atom 地址", description="Address of the Atom feed, http or https."
    )
    organisations: list[str] = Field(
        title="交给哪些机构（辖区代码），空为全部",
        default_factory=list,
        description="Area codes of the organisations it is for; empty: every one that a warning's area touches.",
    )
    trusted: bool = Field(
        title="只接受受信任证书签名的报文",
        default=True,
        description="Take in only messages with a valid signature of a trusted certificate.",
    )
    private_hosts: list[str] = Field(
        title="允许连接的内网主机名",
        default_factory=list,
        description="Host names that may lead to a private address; every other private address is refused.",
    )
    seconds: int = Field(title="间隔（秒）", default=60, ge=10, le=86400, description="How often it is read.")

    @field_validator("url")
    @classmethod
    def _web(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise WrongSetting(
                "应为 http:// 或 https:// 地址，有主机名，不带口令",
                "must be http:// or https:// with a host and without a password",
            )
        return value


NAT64 = ipaddress.ip_network("64:ff9b::/96")


def public_address(address: str) -> bool:
    """Whether an IP address lies in the open internet: not private, loopback, link-local, shared, multicast or reserved."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return public_address(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved
