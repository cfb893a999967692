"""Three ways to run a gateway: as this process, in a thread beside a test, or as a process of its own."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, TypeVar

from simulators.http_gateway.control import Control
from simulators.http_gateway.gateway import SimulatedGateway
from simulators.http_gateway.plan import Plan
from simulators.smsc.serving import Remote

Answer = TypeVar("Answer")
ROOT = Path(__file__).resolve().parents[2]


def serve(
    plan: Plan | None = None, *, host: str = "127.0.0.1", port: int = 0, control: int = 0, out: TextIO | None = None
) -> None:
    """Runs a gateway until interrupted. First prints one line of JSON: {"host", "port", "control"}."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(plan or Plan(), host, port, control, out or sys.stdout))


async def _run(plan: Plan, host: str, port: int, control_port: int, out: TextIO) -> None:
    gateway = await SimulatedGateway.start(plan, host, port)
    control = Control(gateway)
    await control.listen(control_port)
    print(json.dumps({"host": host, "port": gateway.port, "control": control.port}), file=out, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        control.close()
        await gateway.close()


class Threaded:
    """A gateway in a thread of this process. `call` runs something in its loop and brings back the answer."""

    def __init__(self, gateway: SimulatedGateway, loop: asyncio.AbstractEventLoop) -> None:
        self.gateway = gateway
        self.port = gateway.port
        self._loop = loop

    def call(self, question: Callable[[SimulatedGateway], Answer]) -> Answer:
        """What `question` answers about the gateway, asked between two of its steps."""

        async def ask() -> Answer:
            return question(self.gateway)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(60)


@contextmanager
def running(plan: Plan | None = None, ssl: Any = None) -> Iterator[Threaded]:
    """A gateway beside the caller, gone at the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="http-gateway", daemon=True)
    thread.start()
    gateway = asyncio.run_coroutine_threadsafe(SimulatedGateway.start(plan, ssl=ssl), loop).result(10)
    try:
        yield Threaded(gateway, loop)
    finally:
        asyncio.run_coroutine_threadsafe(_gone(gateway), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _gone(gateway: SimulatedGateway) -> None:
    await gateway.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.01)  # the transports' own goodbyes


@contextmanager
def launched(settings: Mapping[str, Any] | None = None) -> Iterator[Remote]:
    """A gateway in a process of its own, gone at the end of the block and with this process. `settings` are those of `Plan`."""
    command = [sys.executable, "-m", "simulators.http_gateway", "--leashed", "--plan", json.dumps(settings or {})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Remote(said["port"], said["control"], process)
        finally:
            process.kill()
