"""Which message from a phone is a new one, and which the gateway delivers again because our acknowledgement was lost.

CMPP gives each message an id, and so do most HTTP gateways: then the id decides. SMPP gives none; its sequence numbers begin anew
with each connection. There a message is a repetition where the very same was heard in the last three minutes of an earlier
connection, so that its acknowledgement may have been lost with it, and comes again within ten minutes of the next login; once for
each. In callbacks without ids it is one where the very same came in another callback within two minutes.

What is taken for a repetition is kept as such and acted upon by nobody; everything else is a message of its own, however often the
same words come.
"""

from collections import deque
from collections.abc import Iterable

from fenghuo.delivery.gateways.line import Said
from fenghuo.delivery.ledger.values import Heard
from fenghuo.delivery.sender.desk import reading

UNSURE_MS = 180_000  # before the end of a connection: longer than a dead one goes unnoticed
AGAIN_MS = 600_000  # after the next login: a gateway that kept a message delivers it soon
RETRY_MS = 120_000  # between two callbacks
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

Same = tuple[str, str, str, str]


def _same(one: Heard) -> Same:
    return one.address, one.text, one.destination, one.part


class Replies:
    """One account's. `earlier`: what its phones wrote just before this began, by whichever sender."""

    def __init__(self, account: str, earlier: Iterable[Heard] = ()) -> None:
        self._account = account
        self._heard: deque[Heard] = deque(earlier)
        self._unsure: dict[Same, int] = {}  # how often each may come again
        self._began = 0
        self._session = ""
        self.end(max((one.at for one in self._heard), default=0))

    def begin(self, now_ms: int) -> None:
        """A new connection."""
        self._began = max(now_ms, self._began + 1)
        self._session = _base36(self._began)

    def end(self, now_ms: int) -> None:
        """The connection is over: what was acknowledged last may be delivered again."""
        self._unsure = {}
        for one in self._heard:
            if now_ms - one.at <= UNSURE_MS:
                self._unsure[_same(one)] = self._unsure.get(_same(one), 0) + 1

    def said(self, said: Said, now_ms: int) -> Heard:
        """What came on the connection, as it is kept."""
        if said.id or not said.address:
            return reading.heard(said, self._account, now_ms)
        row = reading.heard(said, self._account, now_ms)._replace(message_id=f"{self._session}-{said.sequence}")
        if self._unsure.get(_same(row)) and now_ms - self._began <= AGAIN_MS:
            self._unsure[_same(row)] -= 1
            return row._replace(kind="repeat")
        return self._noted(row, now_ms)

    def called(self, said: Said, now_ms: int, place: str) -> Heard:
        """What came in a callback; `place` is the same when the same callback is looked at again."""
        row = reading.heard(said, self._account, now_ms)
        if said.id:
            return row
        row = row._replace(message_id=place)
        again = [one for one in self._heard if _same(one) == _same(row) and now_ms - one.at <= RETRY_MS]
        if any(one.message_id == place for one in again):
            return row
        return row._replace(kind="repeat") if again else self._noted(row, now_ms)

    def _noted(self, row: Heard, now_ms: int) -> Heard:
        self._heard.append(row)
        while self._heard and now_ms - self._heard[0].at > UNSURE_MS:
            self._heard.popleft()
        return row


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
