"""`fenghuo sender`: gateway sessions and the ledger."""

from argparse import Namespace
from datetime import time

import structlog
from django.conf import settings

from fenghuo.delivery.sender import Timing
from fenghuo.delivery.sender import run as send
from fenghuo.ops import gateways, handles, installation
from fenghuo.ops.processes import leash, watchdog

log = structlog.get_logger("fenghuo.ops")


def run(args: Namespace) -> int:
    """Send until SIGTERM."""
    leash.hold(args.leash)
    handles.secure("sender", handles.for_sender(settings.FENGHUO))
    installation.whole()
    installation.check(wait=args.leash is not None)
    for one in gateways.complaints(settings.FENGHUO, settings.DATA):
        log.error("account_not_served", account=one.name, place=one.place, reason_zh=one.zh, reason_en=one.en)
    timing = Timing.leased(settings.FENGHUO.lease_seconds)
    send(
        gateways=settings.FENGHUO.gateway,
        mode=settings.FENGHUO.mode,
        data=settings.DATA,
        timing=timing,
        beat=watchdog.beat,
        link_test=time.fromisoformat(settings.FENGHUO.link_test_at) if settings.FENGHUO.link_test_at else None,
    )
    return 0
