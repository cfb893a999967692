"""Three ways to run a centre: as this process, in a thread beside a test, or as a process of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TextIO, TypeVar

from simulators import alone
from simulators.smsc.centre import Centre
from simulators.smsc.control import Control
from simulators.smsc.plan import Plan

Answer = TypeVar("Answer")


def serve(
    plan: Plan | None = None, *, host: str = "127.0.0.1", port: int = 0, control: int = 0, out: TextIO | None = None
) -> None:
    """Runs a centre until interrupted. First prints one line of JSON: {"host", "port", "control"}."""
    alone.serve(lambda: _begun(plan or Plan(), host, port, control), host, out)


async def _begun(plan: Plan, host: str = "127.0.0.1", port: int = 0, control_port: int = 0) -> tuple[Centre, Control]:
    centre = await Centre.start(plan, host, port)
    control = Control(centre)
    await control.listen(control_port)
    return centre, control


class Threaded:
    """A centre in a thread of this process. `call` runs something in its loop and brings back the answer."""

    def __init__(self, centre: Centre, control: Control, loop: asyncio.AbstractEventLoop) -> None:
        self.centre = centre
        self.port = centre.port
        self.control = control.port
        self.loop = loop

    def call(self, question: Callable[[Centre], Answer]) -> Answer:
        """What `question` answers about the centre, asked between two of its steps."""

        async def ask() -> Answer:
            return question(self.centre)

        return asyncio.run_coroutine_threadsafe(ask(), self.loop).result(60)


@contextmanager
def running(plan: Plan | None = None) -> Iterator[Threaded]:
    """A centre beside the caller, gone at the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="smsc", daemon=True)
    thread.start()
    centre, control = asyncio.run_coroutine_threadsafe(_begun(plan or Plan()), loop).result(10)
    try:
        yield Threaded(centre, control, loop)
    finally:
        control.close()
        asyncio.run_coroutine_threadsafe(centre.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def launched(settings: Mapping[str, Any] | None = None) -> AbstractContextManager[alone.Remote]:
    """A centre in a process of its own, gone at the end of the block and with this process. `settings` are those of `Plan`."""
    return alone.launched("simulators.smsc", settings)
