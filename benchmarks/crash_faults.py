"""Senders that are wrong in one way each. A harness that does not catch every one of them proves nothing."""

import importlib
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.line import Value
from fenghuo.delivery.ledger import columns
from fenghuo.delivery.ledger.states import IN_DOUBT, INTENDED, STOPPED
from fenghuo.delivery.ledger.values import Claim
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.talk import Talk

# The module, not the verb of the same name that its package may export.
correct: Any = importlib.import_module("fenghuo.delivery.ledger.actions.correct")


class MarkThenSend(Talk):
    """Counts a submit as taken before its bytes have left."""

    def _prepare(self, claims: list[Claim]) -> list[tuple[Claim, Any, Any]]:
        prepared = super()._prepare(claims)
        for _, _, pdus in prepared:
            taken, none = np.full(len(pdus), columns.TAKEN, dtype=np.uint8), np.zeros(len(pdus), dtype=np.uint32)
            ids, words = none.astype(np.uint64), none.astype(np.uint16)
            self._desk.book.answer(pdus, taken, none, ids, words, self._desk.now())
        return prepared


class SendThenMark(Talk):
    """Lets the bytes leave before the intent is durable."""

    def turn(self) -> None:
        room = self._room()
        self._desk.read_orders(always=room > 0)
        claims = self._desk.claim(room, self.flight.recipients, self._window) if room > 0 else []
        for claim, tickets, pdus in self._prepare(claims):
            self._send(claim, tickets, pdus)
        self._write(self._line)
        super().turn()


class AcknowledgeThenCommit(Talk):
    """Tells the gateway that a receipt is safe before it is."""

    def hear(self, values: list[Value]) -> None:
        super().hear(values)
        for token in self._tokens:
            self._line.acknowledge(token)
        self._tokens.clear()
        self._write(self._line)


class WindowEarly(Desk):
    """Takes a place of the window again while the answer that freed it is only in memory."""

    def commit(self, *, idle: bool = False) -> None:
        held = [event for event in self.book.events if event[0] != columns.INTENT]
        self._turns = getattr(self, "_turns", 0) + 1
        if self._turns % 6:
            self.book.events[:] = [event for event in self.book.events if event[0] == columns.INTENT]
            super().commit()
            self.book.events[:0] = held
        else:
            super().commit(idle=idle)


class SilentResend(Desk):
    """After a start, sends again whatever has no answer and tells nobody."""

    def _doubt_leftovers(self) -> None:
        for sheet in self.book.sheets.values():
            records = sheet.records_of(*sheet.cells(3))
            if len(records):
                self.book.events.append((columns.WITHDRAW, records))
                sheet.replay(columns.WITHDRAW, records, self.now())


FAULTS: dict[str, dict[str, Any]] = {
    "mark_then_send": {"talk": MarkThenSend},
    "send_then_mark": {"talk": SendThenMark},
    "acknowledge_then_commit": {"talk": AcknowledgeThenCommit},
    "window_early": {"desk": WindowEarly},
    "silent_resend": {"desk": SilentResend},
}


class DeafToRecall(Desk):
    """Goes on with an alert that has been recalled."""

    def _stop(self, number: int, code: int) -> None:
        if code != STOPPED:
            super()._stop(number, code)

    def _current(self, number: int) -> bool:
        return True


class CorrectsTheAccepted(Desk):
    """Leaves those in doubt out of the correction, although the alert may well have reached them."""

    def _write_correction(self, number: int) -> int:
        everybody = correct.NEVER_LEFT
        correct.NEVER_LEFT = everybody | {IN_DOUBT, INTENDED}
        try:
            return super()._write_correction(number)
        finally:
            correct.NEVER_LEFT = everybody


STOP_FAULTS: dict[str, dict[str, Any]] = {
    "deaf_to_recall": {"desk": DeafToRecall},
    "corrects_the_accepted": {"desk": CorrectsTheAccepted},
}
