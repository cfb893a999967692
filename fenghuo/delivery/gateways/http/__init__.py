"""HTTP gateways: a line of kept-alive connections, and the callbacks by which such a gateway reports."""

from fenghuo.delivery.gateways.http.line import Http

__all__ = ["Http"]
