"""What an operator says about one account at a carrier's gateway (`[[gateway]]` in fenghuo.toml)."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fenghuo.wire.cmpp.layout import MAX_CONTENT, V20, V30, Layout

Mode = Literal["live", "exercise"]

LAYOUTS: dict[str, Layout] = {"cmpp3": V30, "cmpp2": V20}
# Gateways have been seen to drop the connection at a longer frame than this (DOMAIN §1.3).
MOST_BYTES = {"cmpp3": 3335, "cmpp2": 2048}


class Gateway(BaseModel):
    """One account at a carrier's SMS gateway: a `[[gateway]]` table of the file. It has no environment variables."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        title="账号名称", pattern=r"^[a-z0-9_-]{1,24}$", description="How pages and the ledger call this account."
    )
    protocol: Literal["cmpp3", "cmpp2"] = Field(
        title="协议：cmpp3 或 cmpp2", description="`cmpp3`: CMPP 3.0, QB-GF-028-2003; `cmpp2`: CMPP 2.0."
    )
    mode: Mode = Field(
        title="实战或演练，须与数据目录一致",
        description="Must equal the data folder's mode; a mismatch refuses to start.",
    )
    host: str = Field(title="网关地址", min_length=1, description="The gateway's address.")
    port: int = Field(title="网关端口", ge=1, le=65535, description="The gateway's port; 7890 by the specification.")
    source_addr: str = Field(
        title="企业代码（SP_Id）", min_length=1, max_length=6, description="SP_Id, Source_Addr of CMPP_CONNECT."
    )
    secret_file: Path = Field(
        title="共享密钥文件，权限 0600，相对于数据目录",
        description="File that holds the shared secret, mode 0600; relative to the data folder.",
    )
    service_id: str = Field(title="业务代码", default="", max_length=10, description="Service_Id of each submit.")
    src_id: str = Field(
        title="手机上显示的号码", default="12379", pattern=r"^\d{1,21}$", description="Src_Id: the number phones show."
    )
    rate: int = Field(
        title="合同速率，条/秒，按号码数计",
        default=100,
        ge=1,
        description="Contracted messages per second; a submit with n numbers counts n.",
    )
    window: int = Field(
        title="滑动窗口", default=16, ge=1, le=1000, description="Submits that may be unanswered at once."
    )
    batch: int = Field(
        title="每次提交的号码数，规范上限 99",
        default=50,
        ge=1,
        le=99,
        description="Numbers in one submit; the specification caps at 99.",
    )
    most_bytes: int = Field(
        title="一次提交的最大字节数，0 为协议默认（cmpp3 3335，cmpp2 2048）",
        default=0,
        ge=0,
        le=8192,
        description="Longest submit in bytes; 0: 3335 for `cmpp3`, 2048 for `cmpp2`. Longer ones have broken connections.",
    )
    max_in_flight_recipients: int = Field(
        title="一次崩溃或断线最多待核实的人数",
        default=1600,
        ge=1,
        description="Recipients that one crash or dropped line may leave in doubt at most.",
    )
    prefixes: list[str] = Field(
        title="本账号负责的号段，空为全部",
        default_factory=list,
        description="Number prefixes this account serves; empty serves all.",
    )
    require_ismg_auth: bool = Field(
        title="网关认证码不符即拒绝连接",
        default=False,
        description="Refuse a gateway whose own authenticator is wrong.",
    )

    @field_validator("prefixes")
    @classmethod
    def _digits(cls, value: list[str]) -> list[str]:
        if any(not prefix.isascii() or not prefix.isdigit() for prefix in value):
            raise ValueError("each prefix is digits only")
        return value


def per_submit(gateway: Gateway) -> int:
    """Numbers in one submit: as many as agreed, as far as the bytes of the longest text allow; at least one."""
    layout = LAYOUTS[gateway.protocol]
    spare = (gateway.most_bytes or MOST_BYTES[gateway.protocol]) - layout.submit_size(0, MAX_CONTENT)
    return max(1, min(gateway.batch, spare // layout.terminal))


def in_flight(gateway: Gateway) -> int:
    """Recipients that one crash or one dropped line may leave in doubt on this account."""
    batch = per_submit(gateway)
    return min(gateway.window * batch, max(gateway.max_in_flight_recipients, batch))


def serving(gateways: list[Gateway], mode: str) -> list[Gateway]:
    """The accounts of a mode; an account of the other mode is as if it were not there."""
    return [one for one in gateways if one.mode == mode]
