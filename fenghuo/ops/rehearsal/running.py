"""The real processes of an installation, started beside whoever rehearses or tests them, and gone afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import IO, Any

from fenghuo.ground import clock
from fenghuo.ops.preparation import SOURCE_ADDR, Prepared
from fenghuo.ops.processes.health import answers
from simulators.smsc import Remote

START = 30.0  # seconds until everything must answer
STOP = 20.0


class NotStarted(Exception):
    """A process ended, or never answered; the log says more."""


@contextmanager
def running(prepared: Prepared, behaviour: dict[str, Any], kind: str = "cmpp") -> Iterator[Remote]:
    """`fenghuo up` and a simulated gateway on the prepared folder, until the end of the block; gives the gateway's control door.
    `kind` is what it speaks.

    Both hang on a pipe of this process: they end with it however it ends. What they say goes to `running.log` in the folder.
    """
    with ExitStack() as stack:
        log = stack.enter_context((prepared.data / "running.log").open("ab"))
        leash, held = os.pipe()
        stack.callback(os.close, leash)
        stack.callback(os.close, held)
        if kind == "http":
            behaviour = behaviour | {"callback": prepared.callback}
        account = [
            "--source-addr",
            SOURCE_ADDR,
            "--secret-file",
            str(prepared.secret_file),
            "--plan",
            json.dumps(behaviour),
        ]
        simulate = ["simulate", kind, "--port", str(prepared.gateway_port), *account]
        centre = stack.enter_context(_process(simulate, leash, log, prepared.data, stdout=subprocess.PIPE))
        said = json.loads((centre.stdout.readline() if centre.stdout else b"") or b"{}")
        if "control" not in said:
            raise NotStarted(f"the simulated gateway did not start; see {prepared.data / 'running.log'}")
        up = stack.enter_context(_process(["up"], leash, log, prepared.data))
        _wait_for_web(up, prepared)
        yield Remote(said["port"], said["control"])


@contextmanager
def _process(
    arguments: list[str], leash: int, log: IO[bytes], data: Path, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "fenghuo", *arguments, "--leash", str(leash)]
    environment = {**os.environ, "FENGHUO_DATA": str(data)}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log if stdout is None else stdout,
        stderr=log,
        pass_fds=(leash,),
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _wait_for_web(up: "subprocess.Popen[bytes]", prepared: Prepared) -> None:
    deadline = clock.monotonic() + START
    while not answers(prepared.web_port, "127.0.0.1"):
        if up.poll() is not None or clock.monotonic() > deadline:
            raise NotStarted(f"fenghuo up did not start; see {prepared.data / 'running.log'}")
        Event().wait(0.05)
