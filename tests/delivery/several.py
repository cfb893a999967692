"""Several accounts, each with its own SMS centre and its own thread, as the sender process runs them."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connections

from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.timing import Timing
from simulators.smsc import Centre
from simulators.smsc.serving import Threaded
from tests.delivery.running import QUICK, SECRET

SHARING = replace(QUICK, share=0.05, health=0.3, lease=5.0, lease_margin=0.2)


@contextmanager
def keepers(gateways: Sequence[CmppGateway], timing: Timing = SHARING) -> Iterator[None]:
    """Every account is served, each by a thread of its own, until the end of the block."""
    stop = threading.Event()

    def keep(gateway: CmppGateway) -> None:
        try:
            Keeper(
                gateway,
                lambda now: Cmpp(gateway, SECRET, timing.timers, now),
                mode="exercise",
                accounts=[one.name for one in gateways],
                peers=gateways,
                timing=timing,
                stop=stop,
            ).run()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=keep, args=(gateway,)) for gateway in gateways]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)


def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait; AssertionError when it takes too long."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "what was waited for did not come"
        time.sleep(0.02)


def order(kind: str, frozen: actions.Frozen, **detail: Any) -> None:
    actions.order(kind=kind, broadcast=frozen.broadcast, by={"system": True}, detail=detail)


def told(*centres: Any) -> Counter[int]:
    """How often each number was accepted, over all centres."""
    return Counter(int(row.number) for centre in centres for row in centre.call(lambda one: list(one.record.rows())))


def accepted(centre: Threaded) -> int:
    """How many numbers this centre has taken."""
    return centre.call(lambda one: one.record.recipients)


def die(centre: Threaded) -> None:
    """The gateway's machine is gone: nothing listens, and every line breaks. Its record stays, for the test to read."""

    def gone(one: Centre) -> None:
        one.shut()
        one.drop()

    centre.call(gone)


def rise(centre: Threaded) -> None:
    """It is there again, on its port."""
    asyncio.run_coroutine_threadsafe(centre.centre.listen(port=centre.port), centre.loop).result(10)
