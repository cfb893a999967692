"""Taking people's decisions on recipients in doubt, and what other accounts heard of them, onto the tape; and ending what can no
longer be carried out."""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.models import Decision
from fenghuo.delivery.ledger.news import News
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, FAILED, IN_DOUBT
from fenghuo.delivery.ledger.values import Job

GIVEN_UP = "given up"
COUNTED = "counted as sent"
CODES = {"resend": (AGAIN, ""), "accept": (ACCEPTED, COUNTED), "give_up": (FAILED, GIVEN_UP)}
NOT_AGAIN = {
    "recalled": "not sent again: recalled",
    "superseded": "not sent again: replaced",
    "expired": "not sent again: expired",
}


def take_decisions(book: Book, *, now_ms: int) -> list[int]:
    """Enter what waits for this account into the book: decisions, and news from other accounts. Returns the ids, to be forgotten in
    the commit that makes it durable.

    A broadcast that is recalled or has expired is not sent again, whatever was decided: its recipients stay in doubt, with the
    reason as their word.
    """
    taken = []
    for decision in Decision.objects.filter(account=book.account).order_by("id"):
        taken.append(decision.id)
        job = book.jobs.get(decision.broadcast_id)
        if job is not None and decision.broadcast_id in book.sheets:
            if "heard" in decision.detail:
                news = [News(*one) for one in decision.detail["heard"]]
                book.hear(job.number, news, decision.detail["account"], now_ms)
            else:
                _enter(book, job, decision.detail, now_ms)
    return taken


def _enter(book: Book, job: Job, detail: dict[str, Any], now_ms: int) -> None:
    if detail.get("all"):
        sheet = book.sheets[job.number]
        positions = np.unique(sheet.cells(IN_DOUBT, AGAIN)[1])
        if "until" in detail:  # whoever came into doubt after the person looked waits for a decision of their own
            positions = positions[sheet.at[positions] <= detail["until"]]
    else:
        named = [int(address) for _, address in detail["recipients"]]
        positions = np.unique(book.positions_of(job.number, np.array(named, dtype=np.uint64)))
    code, said = CODES[detail["decision"]]
    refused = code == AGAIN and NOT_AGAIN.get(_over(job, now_ms), "")
    word, at = store.word_number(refused or said) if refused or said else 0, now_ms // 1000
    book.settle(job.number, positions, code, word, at)
    if refused:
        book.settle(job.number, positions, IN_DOUBT, word, at)


def _over(job: Job, now_ms: int) -> str:
    """Why nothing more of it leaves; "" where something may."""
    if job.recalled_at is not None:
        return "superseded" if job.superseded else "recalled"
    return "expired" if now_ms >= job.expires_at else ""


def stop(book: Book, number: int, code: int, *, now_ms: int) -> int:
    """Nothing more of a broadcast leaves: whoever has not been reached becomes `code`, STOPPED or EXPIRED; returns how many.

    Who was to be sent to again stays in doubt, with the reason as their word: what a person ordered is not swallowed.
    """
    job, at = book.jobs[number], now_ms // 1000
    positions = np.unique(book.sheets[number].cells(AGAIN)[1])
    if len(positions):
        book.settle(number, positions, IN_DOUBT, store.word_number(NOT_AGAIN[_over(job, now_ms) or "expired"]), at)
    return book.close(number, code, at)
