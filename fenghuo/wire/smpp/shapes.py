"""Where the fields of one submit_sm, deliver_sm or data_sm lie, and of all that follow it with the same shape."""

from dataclasses import dataclass

from fenghuo.wire.smpp.layout import DATA_SM, HEADER_SIZE, MESSAGE_PAYLOAD
from fenghuo.wire.smpp.octets import string_end, walk_tlvs
from fenghuo.wire.stream import ProtocolError

Span = tuple[int, int]  # offset, width; without the zero byte that ends a text


@dataclass(frozen=True, slots=True)
class Shape:
    """Offsets in a frame of `total` bytes. `message` is short_message, or the value of a message_payload."""

    total: int
    service_type: Span
    source: Span
    destination: Span
    esm_at: int
    registered_at: int
    coding_at: int
    schedule: Span
    validity: Span
    length_at: int  # sm_length; 0 in a data_sm, which has none
    message: Span
    tlvs: tuple[tuple[int, int, int], ...]  # tag, offset of the value, length

    @property
    def same(self) -> tuple[int, ...]:
        """Bytes that must be equal in two frames for them to have the same shape and the same kind of content."""
        texts = (self.service_type, self.source, self.destination, self.schedule, self.validity)
        ends = [at + width for at, width in texts]
        headers = [at - back for _, at, _ in self.tlvs for back in (1, 2, 3, 4)]
        return (self.esm_at, self.coding_at, *([self.length_at] if self.length_at else []), *ends, *headers)

    @property
    def filled(self) -> tuple[Span, ...]:
        """Texts, in which no zero byte may stand in another frame of the same shape."""
        texts = (self.service_type, self.source, self.destination, self.schedule, self.validity)
        return tuple(span for span in texts if span[1])

    def tlv(self, tag: int) -> Span | None:
        """Where the value of an optional parameter lies."""
        return next(((at, length) for one, at, length in self.tlvs if one == tag), None)


def shape_of(data: bytes, start: int, total: int, command: int) -> Shape:
    """The shape of the frame at `start`, `total` bytes long. Raises ProtocolError where its fields do not fill it."""
    end = start + total
    at = start + HEADER_SIZE
    service_end = string_end(data, at, end, "service_type")
    source_at = service_end + 3
    source_end = string_end(data, source_at, end, "source_addr")
    destination_at = source_end + 3
    destination_end = string_end(data, destination_at, end, "destination_addr")
    esm_at = destination_end + 1
    if command == DATA_SM:
        schedule = validity = (0, 0)
        registered_at, coding_at, length_at, message_at, length = esm_at + 1, esm_at + 2, start, esm_at + 3, 0
    else:
        schedule_at = esm_at + 3
        schedule_end = string_end(data, schedule_at, end, "schedule_delivery_time")
        validity_end = string_end(data, schedule_end + 1, end, "validity_period")
        schedule = (schedule_at - start, schedule_end - schedule_at)
        validity = (schedule_end + 1 - start, validity_end - schedule_end - 1)
        registered_at, coding_at, length_at = validity_end + 1, validity_end + 3, validity_end + 5
        length, message_at = data[length_at] if length_at < end else 0, length_at + 1
    if message_at + length > end:
        raise ProtocolError(
            "length",
            f"a frame of {total} bytes ends before its fields do (sm_length {length})",
            f"{total} 字节的包在字段结束前就已结束（sm_length {length}）",
            at=min(length_at - start, total),
        )
    tlvs = tuple((tag, place - start, size) for tag, place, size in walk_tlvs(data, message_at + length, end))
    payload = next(((place, size) for tag, place, size in tlvs if tag == MESSAGE_PAYLOAD), None)
    return Shape(
        total,
        (HEADER_SIZE, service_end - at),
        (source_at - start, source_end - source_at),
        (destination_at - start, destination_end - destination_at),
        esm_at - start,
        registered_at - start,
        coding_at - start,
        schedule,
        validity,
        length_at - start,
        payload if payload and not length else (message_at - start, length),
        tlvs,
    )
