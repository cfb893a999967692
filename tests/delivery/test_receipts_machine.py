"""A gateway that tells the truth, however late, often or early, never makes the book believe what is not so."""

from random import Random

import pytest

from fenghuo.delivery.ledger.book import Book
from tests.delivery.receipts_faults import FAULTS
from tests.delivery.receipts_oracle import Wrong
from tests.delivery.receipts_walk import OPERATIONS, Walk

STEPS = 40  # of one walk: then every answer comes, and everything is reported
SOUND, PLANTED = 250, 250  # walks with the book as it is; at most so many until a wrong one is met


def walked(chance: Random, kind: type[Book]) -> list[str]:
    """One walk to its end; what happened in it. Raises `Wrong` where something is so that must not be."""
    walk = Walk(chance, kind)
    names = [walk.step() for _ in range(STEPS)]
    walk.end()
    return names


def caught(kind: type[Book], walks: int) -> str:
    """What is wrong with these books, in so many walks; empty where nothing is."""
    for seed in range(walks):
        try:
            walked(Random(seed), kind)
        except Wrong as wrong:
            return str(wrong)
    return ""


def test_whatever_a_truthful_gateway_says_and_whenever_only_what_is_so_is_believed_and_nothing_is_lost():
    happened = {name for seed in range(SOUND) for name in walked(Random(seed), Book)}
    assert happened == set(OPERATIONS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_book_that_is_wrong_in_one_way_is_met_within_ten_thousand_steps(fault):
    assert caught(fault, PLANTED), "nothing that this harness proves is worth anything"
