"""From a text's segments to submit_sm templates: what stays the same for every recipient of one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fenghuo.wire.smpp.batch import SubmitTemplate
from fenghuo.wire.smpp.layout import SUBMIT_SM, UDHI
from fenghuo.wire.smpp.pdus import Message

UCS2 = 8


class Part(Protocol):
    """What `fenghuo.wire.text.split` gives: UDH and content together at most 140 bytes of UCS-2."""

    @property
    def udh(self) -> bytes: ...
    @property
    def payload(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """The account's and the message's fields. `source` is the number the phone shows, such as 12379.

    Types of number: 0 unknown, 1 international, 2 national, 3 network specific, 5 alphanumeric; numbering plans: 0 unknown, 1
    E.164. `validity_period` is `YYMMDDhhmmsstnnp`, absolute or (p = R) relative, or empty: the gateway's own.
    """

    source: str
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 1
    destination_npi: int = 1
    service_type: str = ""
    priority: int = 0
    validity_period: str = ""


def compile_submits(envelope: Envelope, parts: Sequence[Part]) -> tuple[SubmitTemplate, ...]:
    """One template per segment, a receipt asked for on each, esm_class 0x40 where there is a UDH."""
    return tuple(
        SubmitTemplate(
            Message(
                sequence=0,
                command=SUBMIT_SM,
                source=envelope.source,
                destination="",
                content=part.udh + part.payload,
                service_type=envelope.service_type,
                source_ton=envelope.source_ton,
                source_npi=envelope.source_npi,
                destination_ton=envelope.destination_ton,
                destination_npi=envelope.destination_npi,
                esm_class=UDHI if part.udh else 0,
                priority=envelope.priority,
                validity_period=envelope.validity_period,
                registered_delivery=1,
                data_coding=UCS2,
            )
        )
        for part in parts
    )
