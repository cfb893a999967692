"""An account that speaks SMPP 3.4."""

from typing import Literal

from pydantic import Field

from fenghuo.delivery.gateways.config.base import Gateway

MessageIds = Literal["text", "hex", "decimal", "hex_to_decimal", "decimal_to_hex"]


class SmppGateway(Gateway):
    """SMPP: `source_addr` is the system_id, the shared secret the password."""

    protocol: Literal["smpp"]
    source_addr: str = Field(title="system_id", min_length=1, max_length=15, description="system_id.")
    system_type: str = Field(
        title="system_type", default="", max_length=12, description="system_type of the bind, as the carrier says."
    )
    bind: Literal["trx", "tx_rx"] = Field(
        title="绑定方式：trx 一条收发，tx_rx 收发各一条",
        default="trx",
        description="`trx`: one transceiver; `tx_rx`: a transmitter and a receiver.",
    )
    message_ids: MessageIds = Field(
        title="消息编号的写法：回应与回执各用十六进制还是十进制",
        default="text",
        description="How the carrier writes ids: `text` alike in both; `hex`, `decimal`; `hex_to_decimal`: in the answer hex, "
        "in the receipt decimal; `decimal_to_hex` the other way round.",
    )
    batch: int = Field(
        title="每次提交的号码数，SMPP 固定为 1", default=1, ge=1, le=1, description="SMPP sends one number in a submit."
    )
    source_ton: int = Field(title="源号码类型", default=0, ge=0, le=255, description="source_addr_ton.")
    source_npi: int = Field(title="源号码计划", default=1, ge=0, le=255, description="source_addr_npi.")
    dest_ton: int = Field(
        title="目的号码类型，1（国际）时号码前加 86",
        default=0,
        ge=0,
        le=255,
        description="dest_addr_ton; with 1 (international) numbers are written with 86 before them.",
    )
    dest_npi: int = Field(title="目的号码计划", default=1, ge=0, le=255, description="dest_addr_npi.")
    validity: int = Field(
        title="有效期（分钟），0 为网关默认",
        default=0,
        ge=0,
        le=63 * 24 * 60,
        description="Minutes that the gateway keeps trying; 0: as the gateway likes.",
    )
