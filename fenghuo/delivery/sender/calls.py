"""Callbacks of an account's gateway: from where the API kept them into the book, and forgotten in the commit that enters them."""

import structlog

from fenghuo.delivery.gateways.config import Gateway, HttpGateway
from fenghuo.delivery.gateways.http import callback
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.values import Reports
from fenghuo.delivery.sender.desk import Desk, reading
from fenghuo.ground import clock

log = structlog.get_logger(__name__)
FORGET = 60.0  # seconds between two clearings of old nonces
EXPLAINED = 60_000  # milliseconds that a receipt waits for the answer to the submit which may explain it


class Calls:
    """See the module. An account whose gateway does not call has none."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway if isinstance(gateway, HttpGateway) else None
        self._looked_at = self._forgot_at = 0.0
        self._book: actions.Book | None = None
        self._rest: dict[int, Reports] = {}  # of callbacks that are partly in that book: what waits for an answer

    def take(self, desk: Desk, *, flying: bool) -> None:
        """Enter what came; `flying`: submits are on the line, so that a receipt may have come before their answer."""
        now = clock.monotonic()
        if self._gateway is None or now - self._looked_at < desk.timing.orders:
            return
        self._looked_at = now
        if desk.book is not self._book:
            self._book, self._rest = desk.book, {}  # what the last one had not committed is not in this one
        for number, at, body in actions.waiting_callbacks(self._gateway.name):
            self._enter(self._gateway, desk, number, body, hold=flying and desk.now_ms() - at < EXPLAINED)
        desk.commit()
        if now - self._forgot_at > FORGET:
            self._forgot_at = now
            actions.forget_nonces(self._gateway.name, now_ms=desk.now_ms())

    def _enter(self, gateway: HttpGateway, desk: Desk, number: int, body: bytes, *, hold: bool) -> None:
        found = self._rest.pop(number) if number in self._rest else self._read(gateway, desk, number, body)
        held = desk.book.receive(found, desk.now_ms(), hold=hold) if found is not None else None
        if held is None:
            desk.book.called.append(number)
        else:
            self._rest[number] = held

    def _read(self, gateway: HttpGateway, desk: Desk, number: int, body: bytes) -> Reports | None:
        """A callback's receipts, if there are any; its replies are entered."""
        try:
            said = callback.called(gateway, body)
        except callback.Malformed as wrong:
            # It was well formed when it was taken: the settings have changed since. The body is kept in the log, not lost.
            log.error(
                "callback_unreadable", account=gateway.name, reason=str(wrong), body=body.decode("utf-8", "replace")
            )
            return None
        replies = [desk.replies.called(one, desk.now_ms(), f"c{number}-{at}") for at, one in enumerate(said.replies)]
        desk.book.inbound += replies
        return reading.reports(said.receipts, desk.words, desk.now()) if said.receipts else None
