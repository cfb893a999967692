"""Submits on the line: what was handed to the gateway and has no answer yet."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(eq=False)
class Flight:
    """Submits on the line: tickets and the book's submits, parallel, in the order in which they left."""

    tickets: Any = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
    pdus: Any = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    recipients: int = 0

    def __len__(self) -> int:
        return len(self.tickets)

    def add(self, tickets: Any, pdus: Any, recipients: int) -> None:
        """These are about to leave."""
        self.tickets = np.concatenate((self.tickets, tickets))
        self.pdus = np.concatenate((self.pdus, pdus))
        self.recipients += recipients

    def take(self, tickets: Any) -> tuple[Any, Any]:
        """(tickets, submits) of these tickets, which are on the line no longer; unknown tickets are passed over."""
        if len(tickets) and len(tickets) <= len(self.tickets) and (self.tickets[: len(tickets)] == tickets).all():
            pdus = self.pdus[: len(tickets)]
            self.tickets, self.pdus = self.tickets[len(tickets) :], self.pdus[len(tickets) :]
            return tickets, pdus
        order = np.argsort(self.tickets, kind="stable")
        at = np.searchsorted(self.tickets[order], tickets)
        known = at < len(order)
        known[known] = self.tickets[order[at[known]]] == tickets[known]
        which = order[at[known]]
        pdus = self.pdus[which]
        stay = np.ones(len(self.tickets), dtype=bool)
        stay[which] = False
        self.tickets, self.pdus = self.tickets[stay], self.pdus[stay]
        return tickets[known], pdus
