"""One connection's conversation with the gateway, and what is believed of a gateway from one to the next. See `talk`."""

from fenghuo.delivery.sender.talk.talk import Talk

__all__ = ["Talk"]
