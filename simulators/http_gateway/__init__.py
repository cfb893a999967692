"""A simulated HTTP SMS gateway: signed requests in, receipts out by callback, faults from a seeded plan, and a true record."""

from simulators.http_gateway.gateway import SimulatedGateway
from simulators.http_gateway.plan import Plan
from simulators.http_gateway.record import Record, Row
from simulators.http_gateway.serving import Threaded, launched, running, serve

__all__ = ["Plan", "Record", "Row", "SimulatedGateway", "Threaded", "launched", "running", "serve"]
