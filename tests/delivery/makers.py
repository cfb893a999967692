"""Makers of what delivery works on."""

from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fenghuo.delivery.gateways.config import CmppGateway, Gateway, SmppGateway
from fenghuo.delivery.ledger import actions
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id

TEXT = "【下仓镇】（演练）今天夜里有大到暴雨，请危房和低洼处住户立即转移。（演练结束）【蓟州区下仓镇】"
CORRECTION = "【下仓镇】（演练）刚才的预警发布有误，请以本条为准。（演练结束）【蓟州区下仓镇】"


def gateway(name: str = "one", **changes: Any) -> CmppGateway:
    values = {
        "name": name,
        "protocol": "cmpp3",
        "mode": "exercise",
        "host": "127.0.0.1",
        "port": 7890,
        "source_addr": "901234",
        "secret_file": Path("secret"),
        "rate": 1_000_000,
        "max_in_flight_recipients": 100_000,
    }
    return CmppGateway(**{**values, **changes})


def smpp_gateway(name: str = "one", **changes: Any) -> SmppGateway:
    """An account that speaks SMPP; the rest as `gateway`."""
    values = gateway(name).model_dump(exclude={"service_id", "most_bytes", "require_ismg_auth", "batch"})
    return SmppGateway(**{**values, "protocol": "smpp", "window": 100, **changes})


def config(*gateways: Gateway) -> SimpleNamespace:
    return SimpleNamespace(mode="exercise", gateway=list(gateways))


def freeze(
    numbers: Iterable[int],
    *,
    people: Iterable[int] | None = None,
    lane: int = 1,
    text: str = TEXT,
    policy: str = "urgent",
    expires_at: datetime | None = None,
    organisation: str = "",
    correction: str = CORRECTION,
) -> actions.Frozen:
    addresses = array("Q", numbers)
    return actions.freeze(
        broadcast=new_id(),
        mode="exercise",
        lane=lane,
        text=text,
        correction=correction,
        src_id="12379",
        expires_at=expires_at or clock.now() + timedelta(hours=6),
        policy=policy,
        contact_ids=array("Q", people if people is not None else range(1, len(addresses) + 1)),
        addresses=addresses,
        organisation=organisation,
    )
