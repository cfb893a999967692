"""The sender: drives gateways, writes the ledger. `run` is the body of `fenghuo sender`."""

from fenghuo.delivery.sender.process import run
from fenghuo.delivery.sender.secrecy import Unfit
from fenghuo.delivery.sender.secrecy import read as secret
from fenghuo.delivery.sender.timing import Timing

__all__ = ["Timing", "Unfit", "run", "secret"]
