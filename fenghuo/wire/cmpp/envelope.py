"""From a text's segments to SUBMIT templates: what stays the same for every recipient of one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final, Protocol

from fenghuo.wire.cmpp.batch import SubmitTemplate
from fenghuo.wire.cmpp.layout import V30, Layout
from fenghuo.wire.cmpp.pdus import Submit
from fenghuo.wire.stream import ProtocolError

CHINA: Final = timezone(timedelta(hours=8))


class Part(Protocol):
    """What `fenghuo.wire.text.split` gives: UDH and content together at most 140 bytes of UCS-2."""

    @property
    def number(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def udh(self) -> bytes: ...
    @property
    def payload(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """The account's and the message's fields. `src_id` is the number the phone shows, such as 12379.

    `level` 0–9 is the gateway's priority, `valid_time` comes from `absolute_time`. `fee_user_type` 2 charges the SP,
    `fee_type` "01" is free of charge, `fee_code` is in hundredths of a yuan.
    """

    sp_id: str
    src_id: str
    service_id: str = ""
    level: int = 0
    valid_time: str = ""
    fee_user_type: int = 2
    fee_type: str = "01"
    fee_code: str = "000000"


def absolute_time(moment: datetime) -> str:
    """An aware moment as ValId_Time and At_Time want it: `YYMMDDhhmmsstnnp` (SMPP 3.3) in China's time.

    t is tenths of a second, nn the quarter-hours ahead of UTC (32) and p their sign (+).
    """
    if moment.tzinfo is None:
        raise ProtocolError("time", "a time without a zone cannot be sent", "没有时区的时间不能发送")
    local = moment.astimezone(CHINA)
    return f"{local:%y%m%d%H%M%S}{local.microsecond // 100_000}32+"


def compile_submits(envelope: Envelope, parts: Sequence[Part], layout: Layout = V30) -> tuple[SubmitTemplate, ...]:
    """One template per segment, a status report asked for on each, Pk_total, Pk_number and TP_udhi set."""
    return tuple(
        SubmitTemplate(
            Submit(
                sequence=0,
                destinations=(),
                content=part.udh + part.payload,
                sp_id=envelope.sp_id,
                src_id=envelope.src_id,
                pk_total=part.total,
                pk_number=part.number,
                registered_delivery=1,
                msg_level=envelope.level,
                service_id=envelope.service_id,
                fee_user_type=envelope.fee_user_type,
                tp_udhi=1 if part.udh else 0,
                msg_fmt=8,
                fee_type=envelope.fee_type,
                fee_code=envelope.fee_code,
                valid_time=envelope.valid_time,
            ),
            layout,
        )
        for part in parts
    )
