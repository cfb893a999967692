"""The address that web answers on, held open by whoever supervises it: while web restarts, callers wait instead of failing."""

import socket

from fenghuo.ops.config import ConfigError

BACKLOG = 512


def listen(bind: str) -> socket.socket:
    """A listening socket on address:port; port 0 takes a free one. Raises ConfigError when it cannot."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, int(port)))
        server.listen(BACKLOG)
    except (OSError, OverflowError, ValueError) as error:
        server.close()
        raise ConfigError(
            f"bind：{bind}：无法监听，可用 --bind 换一个端口 / cannot listen there, try another --bind: {error}"
        ) from None
    return server
