"""The account's desk: what belongs to one account and outlives its connections. See `desk`."""

from fenghuo.delivery.sender.desk.desk import Desk

__all__ = ["Desk"]
