"""The web server: gunicorn, one process of threads, so that counters and caches are one."""

import os
import signal
import socket
import struct
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

from fenghuo.ground import clock
from fenghuo.ground.disk import queries as disk
from fenghuo.ops import log

SILENCE = 5  # seconds a client may say nothing in the middle of its request
MOST_UNREAD = 64 << 20  # bytes of a refused body that are listened to and thrown away


def _patience(arbiter: Any) -> None:
    """Accepted sockets inherit it: whoever begins a request and falls silent does not hold one of the few threads for ever."""
    for listener in arbiter.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", SILENCE, 0))


def _hear_out(request: Any) -> None:
    """Whoever is still sending what was refused unread would never see the answer: ending the connection wipes it away."""
    left, until = MOST_UNREAD, clock.monotonic() + SILENCE
    with suppress(OSError):
        while left > 0 and clock.monotonic() < until and (data := request.body.read(min(left, 1 << 16))):
            left -= len(data)


def _after(worker: Any, request: Any, environ: Any, response: Any) -> None:
    """A process that met a fault of the disk ends once it has answered: its successor reads what is really there (fault B4)."""
    _hear_out(request)
    if disk.failed():
        os.kill(os.getpid(), signal.SIGTERM)


class Server(BaseApplication):
    """gunicorn without its own command line and configuration file."""

    def __init__(self, bind: str, *, connections: int) -> None:
        """`bind` is address:port, or fd://N for a socket that listens already; callers beyond `connections` wait at the door."""
        self._bind = bind
        self._connections = connections
        super().__init__()

    def load_config(self) -> None:
        logging = log.configuration(settings.FENGHUO.log_level)
        logging["loggers"]["gunicorn.error"] = {"handlers": [], "level": "INFO", "propagate": True}
        # Who looked at what is the journal's affair; addresses may hold one-time links. /metrics counts requests.
        logging["loggers"]["gunicorn.access"] = {"handlers": [], "propagate": False}
        values: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": settings.FENGHUO.web_threads,
            "worker_connections": self._connections,
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 15,
            "limit_request_line": 8190,
            "forwarded_allow_ips": ",".join(["127.0.0.1", "::1", *settings.FENGHUO.proxies]),
            "control_socket_disable": True,
            "when_ready": _patience,
            "post_request": _after,
            "logconfig_dict": logging,
            "proc_name": "fenghuo-web",
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Only here, in the serving process: static files are collected by now, and no connection is shared with the parent.
        return get_wsgi_application()
