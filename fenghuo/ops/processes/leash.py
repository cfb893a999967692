"""A child holds one end of a pipe whose other end only its parent has: when the parent is gone, however it went, the child ends."""

import os
import signal
import threading

GRACE = 10.0  # seconds to end in good order before it ends at once


def hold(fd: int | None) -> None:
    """Watch the pipe from a thread; nothing to do where no parent gave one."""
    if fd is not None:
        threading.Thread(target=_watch, args=(fd,), name="leash", daemon=True).start()


def _watch(fd: int) -> None:
    while os.read(fd, 64):
        pass  # nobody writes; only the end of the pipe means something
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
