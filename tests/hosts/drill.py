"""A release in mid-flight, one thing that goes wrong with the host that sends it, and what came of everybody.

*Lost*: the ledger says handed over, the gateway knows nothing; or the ledger still has somebody whom nobody will send to.
*Unlisted*: somebody was told twice whom the ledger never had in doubt.
"""

import os
import signal
import time
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connections, transaction

from fenghuo.delivery.ledger import actions, queries
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from fenghuo.ops.rehearsal.proof import RECORD
from tests.delivery.makers import CORRECTION, TEXT
from tests.hosts.house import House

ACCOUNT = "mobile"
AFTER = 0.25  # of the recipients have been accepted when it goes wrong
SETTLE = 12.0  # seconds until nobody may be left behind
SLACK = 2.0  # seconds beyond the lease within which another host must send
MOST = 160  # recipients on the line at once: a window of 16 submits with 10 numbers each


@dataclass
class Outcome:
    """`late`: acceptances on the old host's line after the new host's first. `refused`: writes the database refused."""

    fault: str
    recipients: int
    take_over_s: float
    lost: int
    in_doubt: int
    duplicates: int
    unlisted: int
    late: int
    refused: int
    unsent: int
    lease_s: int

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        nothing = self.lost == self.unlisted == self.unsent == 0
        return nothing and self.take_over_s <= self.lease_s + SLACK and self.in_doubt <= MOST

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "good": self.good}


def kill(house: House, name: str) -> None:
    """The power of the host fails."""
    house.hosts[name].kill()


def stop(house: House, name: str) -> None:
    """The sender hangs, as in a machine that swaps or a virtual machine that is moved."""
    house.hosts[name].signal("sender", signal.SIGSTOP)


def stop_between_commits(house: House, name: str) -> None:
    """As `stop`, but never inside a transaction: then nothing but the fence stands between its next write and the ledger."""
    address = house.hosts[name].address
    busy = "SELECT count(*) FROM pg_stat_activity WHERE host(client_addr) = %s AND state <> 'idle'"
    with house.cluster.connect() as admin:
        for _ in range(500):
            stop(house, name)
            time.sleep(0.02)  # what was on its way to the database arrives
            if admin.execute(busy, (address,)).fetchone() == (0,):
                return
            go_on(house, name)
            time.sleep(0.003)
    raise TimeoutError("it was never between two commits")


def go_on(house: House, name: str) -> None:
    """It wakes, and knows nothing of the time that passed."""
    house.hosts[name].signal("sender", signal.SIGCONT)


def cut(*ends: str) -> Callable[[House, str], None]:
    """The cable to that end is pulled."""
    return lambda house, name: house.hosts[name].cut(*ends)


def mend(house: House, name: str) -> None:
    """Whatever was pulled is plugged in, whatever was off is on."""
    if house.hosts[name].running:
        house.hosts[name].mend()
    else:
        house.replace(name)


def deaf(end: str) -> Callable[[House, str], None]:
    """One way only: nothing from that end arrives at the host."""
    return lambda house, name: house.hosts[name].deafen(end)


def mute(end: str) -> Callable[[House, str], None]:
    """One way only: nothing from the host arrives at that end."""
    return lambda house, name: house.hosts[name].mute(end)


# What goes wrong, and what puts it right again once another host sends.
FAULTS: dict[str, tuple[Callable[[House, str], None], Callable[[House, str], None]]] = {
    "kill": (kill, mend),
    "stop": (stop, go_on),
    "stop_between_commits": (stop_between_commits, go_on),
    "cut_database": (cut("database"), mend),
    "cut_gateway": (cut("gateway"), mend),
    "cut_both": (cut("database", "gateway"), mend),
    "deaf_to_database": (deaf("database"), mend),
    "mute_to_database": (mute("database"), mend),
    "deaf_to_gateway": (deaf("gateway"), mend),
    "mute_to_gateway": (mute("gateway"), mend),
}


def drill(house: House, fault: str, *, recipients: int, lease: int, number: int) -> Outcome:
    """Release to `recipients` new numbers, let it go wrong, put it right, and compare everybody."""
    first = 10_100_000_000 + number * 1_000_000
    wrong, right = FAULTS[fault]
    refused = house.refused()
    broadcast = release(first, recipients)
    _until(lambda: len(accepted(house, first)) > AFTER * recipients, 20, "nothing is being sent")
    name, lines = sender_of(house), set(accepted(house, first)["line"].tolist())
    at = time.time()
    wrong(house, name)
    _until(lambda: set(accepted(house, first)["line"].tolist()) - lines, lease + 20, "nobody took over")
    right(house, name)
    _until(lambda: not _open(broadcast, "unsent", "intended"), SETTLE, "")
    _until(lambda: not _open(broadcast, "accepted"), 8, "")
    rows = accepted(house, first)
    new = rows[~np.isin(rows["line"], list(lines))]["at"].min()
    old = rows[np.isin(rows["line"], list(lines))]
    found = _compared(broadcast, rows)
    return Outcome(
        fault=fault, recipients=recipients, take_over_s=round(float(new) - at, 2), late=int((old["at"] > new).sum()),
        refused=house.refused() - refused, lease_s=lease, **found,
    )  # fmt: skip


def release(first: int, recipients: int) -> str:
    """A yellow warning to so many numbers, frozen and ordered as `sign` does it."""
    numbers = array("Q", range(first, first + recipients))
    frozen = actions.freeze(
        broadcast=new_id(), mode="exercise", lane=3, text=TEXT, correction=CORRECTION, src_id="12379",
        expires_at=clock.now() + timedelta(hours=6), policy="patient",
        contact_ids=array("Q", range(1, recipients + 1)), addresses=numbers,
    )  # fmt: skip
    with transaction.atomic(using="default"):
        actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
    return frozen.broadcast


def accepted(house: House, first: int) -> Any:
    """What the gateway wrote down of these numbers."""
    rows = np.frombuffer(house.instance.smsc.packed_rows(), dtype=RECORD)
    numbers = rows["number"].astype("S11").astype(np.int64)
    return rows[(numbers >= first) & (numbers < first + 1_000_000)]


def sender_of(house: House) -> str:
    """The host whose sender holds the account."""
    space = queries.holder_of(ACCOUNT).split(":")[1]
    return next(name for name, host in house.hosts.items() if str(os.stat(f"/proc/{host.pid}/ns/pid").st_ino) == space)


def _open(broadcast: str, *states: str) -> int:
    now = queries.progress([broadcast])[broadcast]
    return sum(getattr(now, state) for state in states)


def _until(condition: Callable[[], Any], seconds: float, words: str) -> None:
    """Wait for it; when it does not come, raise with these words, or without any leave it to whoever compares."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            if words:
                raise TimeoutError(words)
            return
        time.sleep(0.05)


def _compared(broadcast: str, rows: Any) -> dict[str, int]:
    told = Counter(rows["number"].astype("S11").astype(np.int64).tolist())
    lost = in_doubt = unlisted = unsent = 0
    for row in queries.export(broadcast):
        lost += row.state in ("accepted", "delivered", "intended") and not told[row.address]
        in_doubt += row.doubts > 0
        unsent += row.state in ("unsent", "intended")
        unlisted += told[row.address] > 1 and row.doubts == 0
    connections.close_all()
    duplicates = sum(times - 1 for times in told.values())
    return {"lost": lost, "in_doubt": in_doubt, "duplicates": duplicates, "unlisted": unlisted, "unsent": unsent}
