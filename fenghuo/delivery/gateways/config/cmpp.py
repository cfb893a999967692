"""An account that speaks CMPP 2.0 or 3.0."""

from typing import Literal

from pydantic import Field

from fenghuo.delivery.gateways.config.base import Gateway
from fenghuo.wire.cmpp.layout import MAX_CONTENT, V20, V30, Layout

LAYOUTS: dict[str, Layout] = {"cmpp3": V30, "cmpp2": V20}
# Gateways have been seen to drop the connection at a longer frame than this (DOMAIN §1.3).
MOST_BYTES = {"cmpp3": 3335, "cmpp2": 2048}


class CmppGateway(Gateway):
    """CMPP: `source_addr` is the SP_Id."""

    protocol: Literal["cmpp3", "cmpp2"]
    source_addr: str = Field(title="企业代码（SP_Id）", min_length=1, max_length=6, description="SP_Id.")
    service_id: str = Field(title="业务代码", default="", max_length=10, description="Service_Id of each submit.")
    most_bytes: int = Field(
        title="一次提交的最大字节数，0 为协议默认（cmpp3 3335，cmpp2 2048）",
        default=0,
        ge=0,
        le=8192,
        description="Longest submit in bytes; 0: 3335 for `cmpp3`, 2048 for `cmpp2`. Longer ones have broken connections.",
    )
    require_ismg_auth: bool = Field(
        title="网关认证码不符即拒绝连接",
        default=False,
        description="Refuse a gateway whose own authenticator is wrong.",
    )

    def numbers_in_submit(self) -> int:
        """As many as agreed, as far as the bytes of the longest text allow."""
        layout = LAYOUTS[self.protocol]
        spare = (self.most_bytes or MOST_BYTES[self.protocol]) - layout.submit_size(0, MAX_CONTENT)
        return max(1, min(self.batch, spare // layout.terminal))
