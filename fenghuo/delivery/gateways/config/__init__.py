"""What an operator says about the accounts at carriers' gateways: `[[gateway]]` tables, a class for each protocol."""

from fenghuo.delivery.gateways.config.base import Gateway, Mode
from fenghuo.delivery.gateways.config.cmpp import LAYOUTS, CmppGateway
from fenghuo.delivery.gateways.config.http import HttpGateway
from fenghuo.delivery.gateways.config.smpp import SmppGateway
from fenghuo.delivery.gateways.config.tables import KINDS, Account, Fault, WrongAccount, serving

__all__ = [
    "KINDS",
    "LAYOUTS",
    "Account",
    "CmppGateway",
    "Fault",
    "Gateway",
    "HttpGateway",
    "Mode",
    "SmppGateway",
    "WrongAccount",
    "serving",
]
