"""Start children, start them again when they fall, end them all in good order; none outlives its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

import structlog

from fenghuo.ground import clock
from fenghuo.ground.ending import USUAL, Ending
from fenghuo.ops.outcome import CONFIGURATION, DONE

log = structlog.get_logger("fenghuo.up")

LOOK = 0.1  # seconds between two looks at the children
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # before a fallen child is started again; doubles each time
STEADY = 60.0  # seconds alive after which earlier falls are forgotten
STOPPING = 15.0  # seconds a child may take to end


@dataclass
class Child:
    """A `fenghuo` command run as a process. `fds` are open files it inherits."""

    name: str
    arguments: list[str]
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    again_at: float | None = field(default=None)


class Supervisor:
    """`run` returns when a signal asked for the end, or at once when a child says that the settings are wrong."""

    def __init__(
        self, children: list[Child], *, ready: Callable[[], bool] = lambda: True, output: IO[bytes] | None = None
    ) -> None:
        """`ready` is called at every look until it returns True: for what is to be said once all is up.

        `output` takes what the children write; without it they write where this process does.
        """
        self._children = children
        self._output = output
        self._ready = ready
        self._ending = Ending()
        # Not inheritable, so no child holds the end that must close when this process dies.
        self._leash_read, self._leash_write = os.pipe()

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT. Returns an exit status."""
        before = self._ending.heed((*USUAL, signal.SIGHUP))
        try:
            for child in self._children:
                self._start(child)
            return self._watch()
        finally:
            self._end()
            for one, handler in before.items():
                signal.signal(one, handler)

    def _start(self, child: Child) -> None:
        command = [sys.executable, "-m", "fenghuo", *child.arguments, "--leash", str(self._leash_read)]
        # Its own session: Ctrl-C reaches only this process, which then ends the children in order.
        child.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            pass_fds=(self._leash_read, *child.fds),
            start_new_session=True,
        )
        child.started, child.again_at = clock.monotonic(), None
        log.info("started", child=child.name, child_pid=child.process.pid)

    def _watch(self) -> int:
        said = False
        while not self._ending.wait(LOOK):
            for child in self._children:
                if self._look_at(child) == CONFIGURATION:
                    return CONFIGURATION
            said = said or self._ready()
        return DONE

    def _look_at(self, child: Child) -> int | None:
        """The exit status of a child that just fell, after its restart was planned; None while there is nothing to tell."""
        now = clock.monotonic()
        if child.again_at is not None:
            if now >= child.again_at:
                self._start(child)
            return None
        status = child.process.poll() if child.process else None
        if status is None:
            return None
        child.falls = 0 if now - child.started > STEADY else child.falls
        wait = min(FIRST_WAIT * 2**child.falls, LONGEST_WAIT)
        child.falls, child.again_at = child.falls + 1, now + wait
        log.error("fell", child=child.name, status=status, again_in_seconds=wait)
        return status

    def _end(self) -> None:
        alive = [child for child in self._children if child.process and child.process.poll() is None]
        for child in reversed(alive):
            if child.process:
                child.process.terminate()
        deadline = clock.monotonic() + STOPPING
        for child in alive:
            if not child.process:
                continue
            try:
                child.process.wait(max(0.0, deadline - clock.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("killed", child=child.name, reason="did not end in time")
                child.process.kill()
                child.process.wait()
        os.close(self._leash_write)
        os.close(self._leash_read)
