"""What every protocol of framed requests and answers has in common: runs of equal frames as columns, and the window."""

from fenghuo.wire.stream.columns import Run, gather, numbers, packed, repeats, scatter, sequence_column, transfer
from fenghuo.wire.stream.errors import ProtocolError, length_error
from fenghuo.wire.stream.window import Window

__all__ = [
    "ProtocolError",
    "Run",
    "Window",
    "gather",
    "length_error",
    "numbers",
    "packed",
    "repeats",
    "scatter",
    "sequence_column",
    "transfer",
]
