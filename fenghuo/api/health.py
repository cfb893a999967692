"""Is it well? One address for load balancers, monitors and the person who asks at night."""

from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.disk import queries as disk
from fenghuo.ground.pulse import queries as pulse
from fenghuo.ground.upkeep import queries as upkeep
from fenghuo.ground.upkeep.models import Chore

WORKER = "worker"
OLDEST_TICK = timedelta(seconds=30)
GOOD = ("bound", "connecting", "throttled", "paused")


def facts() -> dict[str, Any]:
    """Each part with `ok` and what is known. A database that cannot be read makes everything that needs it not ok."""
    found: dict[str, Any] = {"web": {"ok": True}, "database": {"ok": True}}
    for alias in ("default", "ledger"):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
            found["database"][alias] = "ok"
        except DatabaseError as error:
            found["database"] |= {"ok": False, alias: type(error).__name__}
    found["disk"] = _disk()
    found["worker"] = _guarded(_worker)
    found["sender"] = _guarded(_sender)
    found["backup"] = _guarded(_backup)
    found["integrity"] = _guarded(_integrity)
    return found


def _guarded(part: Any) -> dict[str, Any]:
    try:
        known: dict[str, Any] = part()
    except DatabaseError as error:
        known = {"ok": False, "reason": type(error).__name__}
    return known


def _disk() -> dict[str, Any]:
    """A fault of the disk is an alarm at once (B4). A full one is shown: pages must stay reachable while space is freed (B3)."""
    found = disk.disk()
    return {"ok": not found.trouble, "state": found.state, "free_mb": found.free_mb, "reserve": found.reserve}


def _worker() -> dict[str, Any]:
    age = pulse.age(WORKER)
    seconds = None if age is None else round(age.total_seconds(), 1)
    return {"ok": age is not None and age <= OLDEST_TICK, "seconds_since_tick": seconds}


def _sender() -> dict[str, Any]:
    """A sender that runs reports on every account; one it cannot bind is a fact of the outside world, shown as it is."""
    accounts = ledger.gateways()
    running = all(one.last_error != "no_sender" for one in accounts)
    return {"ok": running, "gateways": {one.name: one.state for one in accounts}}


def _backup() -> dict[str, Any]:
    """An old backup is an alarm, and no reason for a load balancer to take web away: `ok` is of serving, `late` the alarm."""
    found = upkeep.backup()
    age = None if found.age is None else round(found.age.total_seconds())
    allowed = round(found.allowed.total_seconds())
    return {"ok": True, "on": found.on, "late": found.late, "seconds_since": age, "seconds_allowed": allowed}


def _integrity() -> dict[str, Any]:
    """What the last look at every page of the databases found; a damaged one is never called well (fault B5)."""
    found = upkeep.found(Chore.INTEGRITY)
    return {"ok": found.ok, "at": found.at.isoformat() if found.at else None}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when all is well, else 503; the body says which part is not."""
    found = facts()
    well = all(part["ok"] for part in found.values())
    response = JsonResponse({"status": "ok" if well else "degraded", **found}, status=200 if well else 503)
    response.headers["Cache-Control"] = "no-store"
    return response
