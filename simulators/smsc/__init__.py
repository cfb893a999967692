"""A simulated SMS centre that speaks CMPP or SMPP: contracts, delays, losses and faults from a seeded plan, and a true record."""

from simulators.alone import Remote
from simulators.smsc.centre import Centre
from simulators.smsc.plan import Account, Plan
from simulators.smsc.record import ROW, Record, Row
from simulators.smsc.serving import Threaded, launched, running, serve

__all__ = ["ROW", "Account", "Centre", "Plan", "Record", "Remote", "Row", "Threaded", "launched", "running", "serve"]
