"""Passing on what an account hears of people who live on in another, to whoever keeps them now.

It waits beside people's decisions, and is carried out as they are: in the commit that has it on the tape it is forgotten. Until
then nobody is taken over from the account that it waits for, so it meets them there.
"""

import json

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.book import Book
from fenghuo.delivery.ledger.states import LISTED, NEVER_LEFT

KEPT = tuple(code for code in LISTED if code not in NEVER_LEFT)


def pass_on(book: Book, now_ms: int) -> None:
    """Call it at the beginning of the group commit, before anything else is written."""
    store.lock_control()  # nobody is taken over meanwhile
    for number, news in book.elsewhere.items():
        accounts = [one for one in store.keepers(number, KEPT) if one != book.account or book.keeps(number, news)]
        if accounts:
            detail = json.dumps({"heard": news, "account": book.account})
            store.insert_decisions(number, accounts, detail)
        else:  # it is over, and nobody waits for anything of it
            store.insert_inbound([one.orphan(book.account, number, now_ms) for one in news])


def waiting(account: str) -> bool:
    """Whether something was decided or heard elsewhere that the account has yet to enter."""
    return store.decisions_wait(account)
