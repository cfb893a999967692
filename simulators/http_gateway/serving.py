"""Three ways to run a gateway: as this process, in a thread beside a test, or as a process of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TextIO, TypeVar

from simulators import alone
from simulators.http_gateway.control import Control
from simulators.http_gateway.gateway import SimulatedGateway
from simulators.http_gateway.plan import Plan

Answer = TypeVar("Answer")


def serve(
    plan: Plan | None = None, *, host: str = "127.0.0.1", port: int = 0, control: int = 0, out: TextIO | None = None
) -> None:
    """Runs a gateway until interrupted. First prints one line of JSON: {"host", "port", "control"}."""
    alone.serve(lambda: _begun(plan or Plan(), host, port, control), host, out)


async def _begun(plan: Plan, host: str, port: int, control_port: int) -> tuple[SimulatedGateway, Control]:
    gateway = await SimulatedGateway.start(plan, host, port)
    control = Control(gateway)
    await control.listen(control_port)
    return gateway, control


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


def launched(settings: Mapping[str, Any] | None = None) -> AbstractContextManager[alone.Remote]:
    """A gateway in a process of its own, gone at the end of the block and with this process. `settings` are those of `Plan`."""
    return alone.launched("simulators.http_gateway", settings)
