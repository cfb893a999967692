"""Whose turn it is: a host that does not reach a gateway gives the account to another host that waits for it."""

from fenghuo.delivery.ledger import actions

WAITS_MS = 2000  # who asked for the lease within so long still waits for it
TRIES = 2  # connections that may fail before another host has its turn; after a line that fell dead none is tried
LEAST = 2.0  # seconds to stand back, so that whoever waits is served first


class Turn:
    """One account's. `cut_off`: the network swallowed the last connection, or the gateway said nothing any more."""

    def __init__(self, account: str, backoff: tuple[float, ...]) -> None:
        self._account = account
        self._backoff = backoff
        self.cut_off = False

    def over(self, failures: int) -> bool:
        """Whether another host should try now. Without another that waits there is no use in that."""
        if not self.cut_off and failures < TRIES:
            return False
        return actions.wanted(self._account, within_ms=WAITS_MS)

    def stand_back(self, failures: int) -> float:
        """Seconds to let the other go first: more each time, so that an account nobody can serve does not go round and round."""
        self.cut_off = False
        return max(LEAST, self._backoff[min(failures, len(self._backoff)) - 1])
