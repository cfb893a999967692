"""Hand-overs that are wrong in one way each. A harness that does not catch every one of them proves nothing."""

from functools import partial
from typing import Any

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions, columns, store
from fenghuo.delivery.ledger.actions.hand_over import blocks_of, records_of
from fenghuo.delivery.ledger.states import CODE_MASK, IN_DOUBT, UNSENT
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.again import wanted_again
from fenghuo.delivery.sender.desk.sharing import Sharing, Taker
from fenghuo.ground import clock


class LetsGoFirst(Sharing):
    """Gives away in two transactions: between them nobody has the recipients."""

    takes_first = False

    def _hand(
        self, number: int, taker: Taker, most: float, now_ms: int, *, giver: Gateway | None = None, last: bool = False
    ) -> int:
        sheet, name = self._book.sheets[number], taker.gateway.name
        runs = actions.movable(sheet, taker.gateway, int(most))
        total = sum(count for _, _, count in runs)
        if not total:
            return 0
        records, blocks = records_of(sheet, runs), blocks_of(sheet, runs)
        for taking in (self.takes_first, not self.takes_first):
            with store.writing():
                if taking:
                    store.insert_handed(number, name, blocks)
                    store.move_tally(number, name, [(UNSENT, total)], now_ms)
                else:
                    store.append(
                        self._book.account, self._fence, now_ms, columns.pack_events([(columns.CLOSE, records)])
                    )
                    store.move_tally(number, self._book.account, [(UNSENT, -total)], now_ms)
        sheet.replay(columns.CLOSE, records, now_ms // 1000)
        sheet.delta[:] = 0
        return total


class TakesFirst(LetsGoFirst):
    """As above, the other way round: between them two accounts have the recipients."""

    takes_first = True


class DoubtsToo(Sharing):
    """Gives away those in doubt as well, as if no copy had left."""

    def _hand(
        self, number: int, taker: Taker, most: float, now_ms: int, *, giver: Gateway | None = None, last: bool = False
    ) -> int:
        sheet = self._book.sheets[number]
        sheet.state[(sheet.state & CODE_MASK) == IN_DOUBT] = UNSENT
        return super()._hand(number, taker, most, now_ms, giver=giver, last=last)


class TakesTwice(Desk):
    """Takes in once more what was handed over, whenever it looks."""

    def _share(self, now: float) -> None:
        handed = store.handed_blocks(self.book.account)
        for number, sheet in self.book.sheets.items():
            if handed and len(sheet) < 1_000:
                self.book.grow(number, store.some_blocks([block for block, _ in handed]))
                self.lanes.queues[number].refill()
        super()._share(now)


class Giver(Desk):
    """A desk that shares in its own way."""

    sharing_kind: type[Sharing] = Sharing

    def __init__(self, gateway: Gateway, **rest: Any) -> None:
        super().__init__(gateway, **rest)
        known = {"book": self.book, "fence": rest["fence"], "timing": rest["timing"], "now": clock.monotonic()}
        again = partial(wanted_again, timing=rest["timing"], wall=self.wall)
        self.sharing = self.sharing_kind(gateway, rest["peers"], **known, again=again)


def giver(kind: type[Sharing]) -> type[Desk]:
    """A desk that shares so."""
    return type(f"Giver{kind.__name__}", (Giver,), {"sharing_kind": kind})


# The desk of the account that gives, and of the one that takes.
FAULTS: dict[str, tuple[type[Desk], type[Desk]]] = {
    "": (Desk, Desk),
    "lets_go_first": (giver(LetsGoFirst), Desk),
    "takes_first": (giver(TakesFirst), Desk),
    "doubts_too": (giver(DoubtsToo), Desk),
    "takes_twice": (Desk, TakesTwice),
}
