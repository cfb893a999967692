"""The worker's wake-up: feeds that are due are read beside the tick, so that a slow server never holds it up."""

import threading

import structlog
from django.conf import settings
from django.db import OperationalError, connections

from fenghuo.warning.relay import actions

log = structlog.get_logger("fenghuo.relay")

_running = threading.Lock()


def tick() -> None:
    """Begin reading the feeds that are due, unless the last reading still goes on."""
    if settings.FENGHUO.feed and _running.acquire(blocking=False):
        threading.Thread(target=_read, name="feeds", daemon=True).start()


def _read() -> None:
    try:
        actions.poll_feeds()
    except OperationalError as error:  # a busy database: the next round tries again
        log.warning("feeds_postponed", reason=str(error))
    finally:
        connections.close_all()
        _running.release()
