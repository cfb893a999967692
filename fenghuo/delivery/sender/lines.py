"""Which line speaks an account's protocol."""

from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway, Gateway, HttpGateway, SmppGateway
from fenghuo.delivery.gateways.http import Http
from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.gateways.smpp import Smpp
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.ground import clock


def line_of(gateway: Gateway, secret: bytes, timers: Timers, now: float) -> Line:
    """A new line of this account, begun at a monotonic time."""
    match gateway:
        case CmppGateway():
            return Cmpp(gateway, secret, timers, now)
        case SmppGateway():
            return Smpp(gateway, secret, timers, now)
        case HttpGateway():
            return Http(gateway, secret, timers, now, lambda: clock.now().timestamp())
        case _:
            raise TypeError(f"no line speaks {gateway.protocol}")
