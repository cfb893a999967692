"""The body of a status report, one at a time."""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from fenghuo.wire.cmpp.octets import octets, ranged, text
from fenghuo.wire.stream import ProtocolError, length_error

_BODIES: Final = {60: Struct(">Q7s10s10s21sI"), 71: Struct(">Q7s10s10s32sI")}
_BODY_OF_WIDTH: Final = {21: 60, 32: 71}

DELIVERED: Final = "DELIVRD"
ACCEPTED: Final = "ACCEPTD"  # intermediate: the message is under way, not at its end


@dataclass(frozen=True, slots=True)
class Report:
    """`msg_id` is the SUBMIT_RESP's, or one of its range. `stat` is the gateway's word, kept as it came (7 characters).

    `submit_time` and `done_time` are YYMMDDhhmm in the gateway's local time, unchecked.
    """

    msg_id: int
    stat: str
    submit_time: str
    done_time: str
    destination: str
    smsc_sequence: int = 0

    @classmethod
    def decode(cls, content: bytes) -> "Report":
        """From the Msg_Content of a DELIVER with Registered_Delivery 1: 60 or 71 bytes, whatever the version."""
        shape = _BODIES.get(len(content))
        if shape is None:
            raise length_error("status report", len(content), "60 / 71")
        msg_id, stat, submit_time, done_time, destination, smsc_sequence = shape.unpack(content)
        return cls(msg_id, text(stat), text(submit_time), text(done_time), text(destination), smsc_sequence)

    def encode(self, width: int = 32) -> bytes:
        """A body of 71 bytes, or of 60 where the destination's `width` is 21."""
        body = _BODY_OF_WIDTH.get(width)
        if body is None:
            raise ProtocolError("field", f"no report has numbers of {width} bytes", f"状态报告没有 {width} 字节的号码")
        return _BODIES[body].pack(
            ranged(self.msg_id, (1 << 64) - 1, "Msg_Id"),
            octets(self.stat, 7, "Stat"),
            octets(self.submit_time, 10, "Submit_time"),
            octets(self.done_time, 10, "Done_time"),
            octets(self.destination, width, "Dest_terminal_Id"),
            ranged(self.smsc_sequence, 0xFFFF_FFFF, "SMSC_sequence"),
        )
