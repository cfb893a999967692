"""What every account at a carrier's gateway says, whatever it speaks (`[[gateway]]` in fenghuo.toml)."""

import ipaddress
import re
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fenghuo.delivery.gateways.config import reasons
from fenghuo.ground.setting import WrongSetting

Mode = Literal["live", "exercise"]
LONGEST_PREFIX = 11
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)


class Gateway(BaseModel):
    """One account at a carrier's SMS gateway: a `[[gateway]]` table of the file. It has no environment variables."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    # The gateway joins long texts itself: a text is one submit and one receipt, however long it is.
    takes_whole_texts: ClassVar[bool] = False

    name: str = Field(
        title="账号名称：1 至 24 个小写字母、数字、_ 或 -",
        pattern=reasons.NAME,
        description="How pages and the ledger call this account: 1 to 24 of the letters a–z, digits, _ and -.",
    )
    protocol: str = Field(
        title="协议：cmpp3、cmpp2、smpp 或 http",
        description="`cmpp3`: CMPP 3.0, QB-GF-028-2003; `cmpp2`: CMPP 2.0; `smpp`: SMPP 3.4; `http`: HTTP.",
    )
    mode: Mode = Field(
        title="实战或演练，须与数据目录一致",
        description="Must equal the data folder's mode; an account of the other mode is refused.",
    )
    host: str = Field(
        title="网关地址", min_length=1, max_length=253, description="The gateway's host name or IP address."
    )
    port: int = Field(
        title="网关端口", ge=1, le=65535, description="The gateway's port; CMPP has 7890, SMPP 2775, HTTPS 443."
    )
    source_addr: str = Field(
        title="账号（CMPP 企业代码 SP_Id，SMPP system_id，HTTP 应用账号）",
        min_length=1,
        max_length=64,
        description="The account's name at the gateway: SP_Id (CMPP, at most 6), system_id (SMPP, at most 15), user (HTTP).",
    )
    secret_file: Path = Field(
        strict=False,
        title="共享密钥文件，权限 0600，相对于数据目录",
        description="File that holds the shared secret, mode 0600; relative to the data folder.",
    )
    src_id: str = Field(
        title="手机上显示的号码", default="12379", pattern=reasons.DIGITS, description="The number that phones show."
    )
    rate: int = Field(
        title="合同速率，条/秒，按号码数计",
        default=100,
        ge=1,
        le=10_000_000,
        description="Contracted messages per second; a submit with n numbers counts n.",
    )
    quota_per_month: int = Field(
        title="每月配额，条，按号码数乘以分段数计，0 为无配额",
        default=0,
        ge=0,
        le=10_000_000_000,
        description="Contracted messages per month; a warning before sign-off, never a stop. 0: none.",
    )
    window: int = Field(
        title="滑动窗口（HTTP 为同时保持的连接数）",
        default=16,
        ge=1,
        le=1000,
        description="Submits that may be unanswered at once; for HTTP the connections kept alive.",
    )
    batch: int = Field(
        title="每次提交的号码数，CMPP 规范上限 99",
        default=50,
        ge=1,
        le=99,
        description="Numbers in one submit; CMPP caps at 99, SMPP sends one.",
    )
    max_in_flight_recipients: int = Field(
        title="一次崩溃或断线最多存疑的人数",
        default=1600,
        ge=1,
        description="Recipients that one crash or dropped line may leave in doubt at most.",
    )
    prefixes: list[str] = Field(
        title="本账号负责的号段，空为全部",
        default_factory=list,
        description="Number prefixes this account serves, the longest wins; empty serves all, and backs up the others.",
    )
    failover_after: int = Field(
        title="连续多少秒发不出去，就把尚未发送的转给其他账号",
        default=10,
        ge=1,
        le=3600,
        description="Seconds without a session, or without an answer, after which other accounts send what this one has not.",
    )
    tls: bool = Field(
        title="用 TLS 连接（至少 1.2）",
        default=False,
        description="Connect with TLS, 1.2 or newer; the name is checked.",
    )
    tls_ca_file: Path | None = Field(
        strict=False,
        title="只信任此文件中的证书，相对于数据目录；空为系统信任的证书",
        default=None,
        description="Trust only the certificates of this PEM file, relative to the data folder; empty: the system's.",
    )
    tls_server_name: str = Field(
        title="证书上的名字，空为网关地址",
        default="",
        max_length=253,
        description="The name that the gateway's certificate must bear; empty: `host`.",
    )

    @field_validator("host", "tls_server_name")
    @classmethod
    def _host(cls, value: str) -> str:
        if value and not _is_host(value):
            raise WrongSetting(
                "应为主机名或 IP 地址，不含端口", "must be a host name or an IP address, without port and path"
            )
        return value

    @field_validator("prefixes")
    @classmethod
    def _digits(cls, value: list[str]) -> list[str]:
        if any(not prefix.isascii() or not prefix.isdigit() or len(prefix) > LONGEST_PREFIX for prefix in value):
            raise WrongSetting("每个号段为 1 至 11 位数字", "each prefix is 1 to 11 digits")
        return value

    @field_validator("source_addr")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise WrongSetting("应为可打印的 ASCII 字符，首尾无空格", "must be printable ASCII without space around it")
        return value

    @model_validator(mode="after")
    def _tls_fits(self) -> "Gateway":
        if not self.tls and (self.tls_ca_file is not None or self.tls_server_name):
            raise WrongSetting(
                "没有 tls = true 时，tls_ca_file 和 tls_server_name 没有意义",
                "tls_ca_file and tls_server_name mean nothing without tls = true",
            )
        return self

    def numbers_in_submit(self) -> int:
        """Numbers in one submit, as far as agreed and as far as the protocol allows; at least one."""
        return self.batch

    @property
    def places(self) -> int:
        """Submits that may be unanswered at once."""
        return self.window

    @property
    def most_in_doubt(self) -> int:
        """Recipients that one crash or one dropped line may leave in doubt."""
        batch = self.numbers_in_submit()
        return min(self.places * batch, max(self.max_in_flight_recipients, batch))

    def files(self) -> list[Path]:
        """The files that it names: secrets, and the certificate of an authority."""
        return [self.secret_file, *([self.tls_ca_file] if self.tls_ca_file is not None else [])]

    def placed(self, data: Path) -> "Gateway":
        """The same account with its files in the data folder."""
        files = {"secret_file": data / self.secret_file}
        if self.tls_ca_file is not None:
            files["tls_ca_file"] = data / self.tls_ca_file
        return self.model_copy(update=files)


def _is_host(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return all(_LABEL.fullmatch(label) for label in value.split("."))
    return True
