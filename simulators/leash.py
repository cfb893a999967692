"""A simulator that somebody started hangs on its standard input: when that ends, because the other is gone, so does it."""

import os
import sys
import threading


def hold() -> None:
    """Watch standard input from a thread."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while sys.stdin.buffer.read(64):
        pass  # nobody writes; only the end means something
    os._exit(0)  # nothing of a simulator is kept
