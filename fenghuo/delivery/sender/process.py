"""The sender process: one thread per gateway account, each with its own socket and its own database connections."""

import gc
import os
import threading
from collections.abc import Callable, Sequence
from datetime import time as TimeOfDay
from pathlib import Path

import structlog
from django.db import Error as DatabaseError
from django.db import connections

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.sender import secrecy
from fenghuo.delivery.sender.keeper import Connector, Keeper
from fenghuo.delivery.sender.lines import line_of
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ending import Ending

log = structlog.get_logger(__name__)


def run(
    *,
    gateways: Sequence[Gateway],
    mode: str,
    data: Path,
    timing: Timing | None = None,
    stop: threading.Event | None = None,
    link_test: TimeOfDay | None = None,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Serve these accounts until SIGTERM, SIGINT or `stop`. One that is not fit is refused on the desk, the others are served.

    `link_test` is the local time at which each account's link is tested without an SMS.
    `beat` is called about twice a second while every account's thread gets on (fault G6).
    `data` is the folder that relative secret files lie in. Called outside the main thread, only `stop` ends it.
    """
    timing, ending = timing or Timing(), Ending(stop)
    if threading.current_thread() is threading.main_thread():
        ending.heed()
    gc.freeze()  # what is loaded by now stays: the collector need not walk it while a warning goes out
    if not gateways:
        _obey_alone(mode, timing, ending, beat)
        return
    names = [gateway.name for gateway in gateways]
    keepers = [
        Keeper(
            gateway, connector(gateway, mode=mode, data=data, timing=timing), mode=mode, accounts=names, peers=gateways,
            timing=timing, stop=ending.stop, link_test=link_test,
        )
        for gateway in gateways
    ]  # fmt: skip
    threads = [
        threading.Thread(target=_keep, args=(keeper,), name=f"account-{keeper.gateway.name}", daemon=True)
        for keeper in keepers
    ]
    for thread in threads:
        thread.start()
    _watch(keepers, threads, timing, ending, beat)
    for thread in threads:
        thread.join(timing.good_bye + timing.stuck)


def _watch(
    keepers: Sequence[Keeper],
    threads: Sequence[threading.Thread],
    timing: Timing,
    ending: Ending,
    beat: Callable[[], None],
) -> None:
    """Until the end is asked for; a sign of life while every account's thread gets on."""
    while not ending.wait(0.5):
        if all(clock.monotonic() - keeper.alive_at < timing.hung for keeper in keepers):
            beat()
        if not all(thread.is_alive() for thread in threads):
            # A thread ends only by an error nobody foresaw. Half a sender is worse than one that its supervisor starts anew.
            log.critical("account_thread_ended")
            os._exit(70)


def _obey_alone(mode: str, timing: Timing, ending: Ending, beat: Callable[[], None]) -> None:
    """No account is configured: nothing can leave, but a pause or a recall must not wait until one is."""
    while not ending.wait(timing.tick):
        beat()
        try:
            actions.obey_alone(mode=mode, now_ms=round(clock.now().timestamp() * 1000))
        except DatabaseError as wrong:
            log.error("ledger_failed", account="", error=str(wrong))
            connections.close_all()
            ending.wait(1.0)


def _keep(keeper: Keeper) -> None:
    try:
        keeper.run()
    finally:
        connections.close_all()


def connector(gateway: Gateway, *, mode: str, data: Path, timing: Timing) -> Connector:
    """What opens a line of this account; it raises Unfit while its secret is not fit for use, or the account of the other mode."""

    def opened(now: float) -> Line:
        if gateway.mode != mode:
            raise secrecy.Unfit("mode")
        return line_of(gateway, secrecy.read(data / gateway.secret_file), timing.timers, now)

    return opened
