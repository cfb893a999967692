"""What a gateway delivered and nobody can read, as text that people see: why, and the bytes as they came."""

from collections.abc import Iterator
from typing import Any

from fenghuo.delivery.gateways.line import Said
from fenghuo.wire.stream import ProtocolError, Run

MOST = 1024  # bytes of a frame that are kept


def unread(run: Run, error: ProtocolError, token: Any) -> Iterator[Said]:
    """Every frame of a run for itself; the last bears the token, which acknowledges them all."""
    for k in range(run.frames):
        frame = run.frame(k)
        more = f"… ({len(frame)} bytes)" if len(frame) > MOST else ""
        text = f"{error.code}: {error.reason_en} | {frame[:MOST].hex()}{more}"
        yield Said(0, "", text, token if k == run.frames - 1 else None)
