"""Msg_Ids as a gateway gives them out: by the second, never twice in one."""

from datetime import datetime

from fenghuo.wire.cmpp import MsgId
from fenghuo.wire.cmpp.msgid import SEQUENCES


class Ids:
    """Ranges of consecutive ids. The 16-bit number wraps inside a range, as the specification says.

    One gateway code has 65,536 ids a second; a faster second borrows the next code, as a cluster of gateways does.
    """

    def __init__(self, gateway: int, sequence: int = 0) -> None:
        self._gateway = gateway
        self._sequence = sequence
        self._second = ""
        self._extra = 0
        self._used = 0

    def take(self, count: int, moment: datetime) -> tuple[int, ...]:
        """`count` ids (at most 65,536) of the local time `moment`, in order."""
        if count > SEQUENCES:
            raise ValueError(f"{count} ids at once")
        second = f"{moment:%m%d%H%M%S}"
        if second != self._second:
            self._second, self._extra, self._used = second, 0, 0
        if self._used + count > SEQUENCES:
            self._extra, self._used = self._extra + 1, 0
        self._used += count
        gateway = self._gateway + self._extra & 0x3F_FFFF
        high = MsgId(moment.month, moment.day, moment.hour, moment.minute, moment.second, gateway, 0).pack()
        first, self._sequence = self._sequence, (self._sequence + count) % SEQUENCES
        if first + count <= SEQUENCES:
            return tuple(range(high + first, high + first + count))
        return tuple(high | (first + k) % SEQUENCES for k in range(count))
