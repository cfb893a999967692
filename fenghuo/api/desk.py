"""What stands beside the main job: gateways and the live counter."""

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router

from fenghuo.api import schemas, shapes
from fenghuo.api.auth import caller, home
from fenghuo.api.gateway_schemas import GatewayList
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import rules as rights
from fenghuo.warning.alerts import queries

router = Router(tags=["desk"])
Kind = Literal["warning", "notice", "meeting", "tip", "handling"]


@router.get("/gateways", response=GatewayList, operation_id="gateways", summary="网关 Gateway accounts")
def gateways(request: HttpRequest) -> GatewayList:
    """Down, refused, throttled or silent within a minute of being so; with what was used of rate and quota."""
    rights.require(account=caller(request), act="gateways_read")
    meters = {one.account: one for one in ledger.gauges()}
    items = [shapes.gateway(one, meters.get(one.name)) for one in ledger.gateways()]
    return GatewayList(items=items, max_in_doubt=ledger.max_in_doubt())


@router.get(
    "/counter", response=schemas.CounterOut, operation_id="counter", summary="计数 Characters, people, cost, time"
)
def counter(
    request: HttpRequest,
    body: str = Query("", max_length=2000, pattern=schemas.TEXT),
    kind: Kind = "warning",
    group: list[schemas.Code] = Query([], max_length=100),  # noqa: B008 - how ninja declares a repeated parameter
    area: list[schemas.Code] = Query([], max_length=100),  # noqa: B008
) -> schemas.CounterOut:
    """As shown while composing: never refuses a half-typed text; `problem` says why the audience counts as nobody."""
    rights.require(account=caller(request), act="alerts_read")
    audience = {"groups": group, "areas": area}
    return shapes.counter(queries.counter(body, home(request), audience, kind=kind))
