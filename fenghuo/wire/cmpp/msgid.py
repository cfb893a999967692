"""Msg_Id: 64 bits of time, gateway and number. It has no year and it repeats: never a key by itself."""

from typing import Final, NamedTuple

from fenghuo.wire.cmpp.octets import ranged

SEQUENCES: Final = 0x1_0000  # the last 16 bits count and wrap to 0; the ids of one SUBMIT wrap with them

_FIELDS: Final = (
    ("month", 4),
    ("day", 5),
    ("hour", 5),
    ("minute", 6),
    ("second", 6),
    ("gateway", 22),
    ("sequence", 16),
)


class MsgId(NamedTuple):
    """The parts, most significant first: 4, 5, 5, 6, 6, 22 and 16 bits. Any 64 bits unpack; not all are a real time."""

    month: int
    day: int
    hour: int
    minute: int
    second: int
    gateway: int
    sequence: int

    def pack(self) -> int:
        """The 64-bit number."""
        value = 0
        for (name, bits), part in zip(_FIELDS, self, strict=True):
            value = value << bits | ranged(part, (1 << bits) - 1, name)
        return value

    @classmethod
    def unpack(cls, value: int) -> "MsgId":
        """The parts of a 64-bit number."""
        ranged(value, (1 << 64) - 1, "Msg_Id")
        parts = []
        for _, bits in reversed(_FIELDS):
            parts.append(value & (1 << bits) - 1)
            value >>= bits
        return cls(*reversed(parts))


def in_range(msg_id: int, base: int, count: int) -> bool:
    """Whether `msg_id` is one of the `count` ids of the SUBMIT whose response said `base`.

    Only the 16-bit number moves, and it wraps to 0 (QB-GF-028-2003 appendix 1).
    """
    return msg_id >> 16 == base >> 16 and (msg_id - base) % SEQUENCES < count


def nth(base: int, index: int) -> int:
    """The id of the number at `index` of the SUBMIT whose response said `base`."""
    return (base & ~0xFFFF) | (base + index) & 0xFFFF
