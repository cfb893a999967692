"""Taking people's decisions on recipients in doubt onto the tape."""

import numpy as np

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Decision
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, FAILED, IN_DOUBT

GIVEN_UP = "given up"
COUNTED = "counted as sent"


def take_decisions(book: Book, *, now_ms: int) -> list[int]:
    """Enter waiting decisions into the book; returns their ids, to be forgotten in the commit that makes them durable.

    A broadcast that is recalled or has expired is not sent again, whatever was decided.
    """
    taken = []
    for decision in Decision.objects.filter(account=book.account).order_by("id"):
        taken.append(decision.id)
        sheet, job = book.sheets.get(decision.broadcast_id), book.jobs.get(decision.broadcast_id)
        if sheet is None or job is None:
            continue
        kind = decision.detail["decision"]
        if kind == "resend" and (job.recalled_at is not None or now_ms >= job.expires_at):
            continue
        if decision.detail.get("all"):
            positions = np.unique(sheet.cells(IN_DOUBT, AGAIN)[1])
        else:
            named = [int(address) for _, address in decision.detail["recipients"]]
            positions = np.unique(book.positions_of(decision.broadcast_id, np.array(named, dtype=np.uint64)))
        code, said = {"resend": (AGAIN, ""), "accept": (ACCEPTED, COUNTED), "give_up": (FAILED, GIVEN_UP)}[kind]
        word = store.word_number(said) if said else 0
        book.settle(decision.broadcast_id, positions, code, word, now_ms // 1000)
    return taken
