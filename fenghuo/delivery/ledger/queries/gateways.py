"""The gateway accounts as their senders last reported them."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from fenghuo.delivery.gateways.config import Gateway, WrongAccount, serving
from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.queries.times import moment
from fenghuo.delivery.ledger.states import AGAIN, IN_DOUBT, INTENDED, UNSENT

STALE_MS = 45_000  # a sender reports its sessions every few seconds; silence shows as down well within a minute


@dataclass(frozen=True)
class GatewayHealth:
    """A gateway account as its sender last reported it: bound, connecting, refused, throttled, silent, paused or down.

    `detail`: the file, or the lines of the settings, that a person must mend. `idle`: for how many seconds the gateway had taken
    nothing of what waited.
    """

    name: str
    protocol: str
    state: str
    since: datetime | None
    last_error: str
    rate: int
    window: int
    in_flight: int
    last_seen: datetime | None
    detail: str = ""
    idle: float = 0.0


def gateways() -> list[GatewayHealth]:
    """Every configured account of this data folder's mode; one that no sender reports shows as down within a minute.

    A table of the settings that is wrong stands here too, refused, with what is wrong with it.
    """
    reported = {row[0]: row[1:] for row in store.health()}
    healths = []
    for gateway in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode):
        state, since, error, flying, heard, age, idle = reported.get(
            gateway.name, ("down", 0, "", 0, 0, STALE_MS + 1, 0)
        )
        if age > STALE_MS:
            state, error, flying = "down", "no_sender", 0
        healths.append(
            GatewayHealth(
                gateway.name,
                gateway.protocol,
                state,
                moment(since),
                error,
                gateway.rate,
                gateway.window,
                flying,
                moment(heard),
                _file(gateway, error),
                idle / 1000,
            )
        )
    return healths + [_wrong(one) for one in getattr(settings.FENGHUO, "wrong_gateways", ())]


def unreached() -> dict[str, int]:
    """By account, how many people of released alerts it has yet to reach: not sent to, or nobody knows."""
    found: dict[str, int] = {}
    for name, _lane, recipients, _messages in store.backlog((UNSENT, AGAIN, INTENDED, IN_DOUBT)):
        found[name] = found.get(name, 0) + recipients
    return found


def _wrong(one: WrongAccount) -> GatewayHealth:
    detail = "\n".join(fault.text for fault in one.faults)
    return GatewayHealth(one.name, one.protocol, "refused", None, "settings", 0, 0, 0, None, detail)


def _file(gateway: Gateway, error: str) -> str:
    """The file that an error is about, "" for none."""
    if error == "tls_ca_file":
        return str(gateway.tls_ca_file or "")
    return str(gateway.secret_file) if error.startswith("secret_") else ""


def holder_of(account: str) -> str:
    """Who held an account's lease last, "" for nobody."""
    return store.holder_of(account)
