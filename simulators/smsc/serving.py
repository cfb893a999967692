"""Three ways to run a centre: as this process, in a thread beside a test, or as a process of its own."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TextIO, TypeVar

from simulators.smsc.centre import Centre
from simulators.smsc.control import Control
from simulators.smsc.plan import Plan

Answer = TypeVar("Answer")
ROOT = Path(__file__).resolve().parents[2]


def serve(
    plan: Plan | None = None, *, host: str = "127.0.0.1", port: int = 0, control: int = 0, out: TextIO | None = None
) -> None:
    """Runs a centre until interrupted. First prints one line of JSON: {"host", "port", "control"}."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(plan or Plan(), host, port, control, out or sys.stdout))


async def _run(plan: Plan, host: str, port: int, control_port: int, out: TextIO) -> None:
    centre = await Centre.start(plan, host, port)
    control = Control(centre)
    await control.listen(control_port)
    print(json.dumps({"host": host, "port": centre.port, "control": control.port}), file=out, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        control.close()
        await centre.close()


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

    async def begin() -> tuple[Centre, Control]:
        centre = await Centre.start(plan)
        control = Control(centre)
        await control.listen()
        return centre, control

    centre, control = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield Threaded(centre, control, loop)
    finally:
        control.close()
        asyncio.run_coroutine_threadsafe(centre.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@dataclass(frozen=True, slots=True)
class Remote:
    """A centre in another process, spoken to through its control door."""

    port: int
    control: int
    process: "subprocess.Popen[str] | None" = None

    def ask(self, method: str, path: str, wishes: Mapping[str, Any] | None = None) -> bytes:
        """The body of the answer; ValueError with the centre's reason where it refuses."""
        connection = HTTPConnection("127.0.0.1", self.control, timeout=120)
        try:
            connection.request(method, path, json.dumps(wishes).encode() if wishes is not None else None)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(json.loads(body)["error"])
        return body

    def summary(self) -> dict[str, Any]:
        """The counters."""
        told: dict[str, Any] = json.loads(self.ask("GET", "/summary"))
        return told

    def rows(self) -> list[dict[str, Any]]:
        """The record; see `record.Row`, with `content` in hex and `text` as a phone shows it."""
        return [json.loads(line) for line in self.ask("GET", "/record").splitlines()]

    def packed_rows(self) -> bytes:
        """The record as `record.ROW` structures of 64 bytes."""
        return self.ask("GET", "/record.bin")

    def change(self, **settings: Any) -> None:
        """Puts other settings of the plan in force."""
        self.ask("POST", "/plan", settings)

    def message(self, sender: str, to: str, said: str, sp_id: str = "", msg_fmt: int = 8) -> None:
        """A phone writes (an MO)."""
        wishes = {"from": sender, "to": to, "text": said, "sp_id": sp_id, "msg_fmt": msg_fmt}
        self.ask("POST", "/mo", wishes)


@contextmanager
def launched(settings: Mapping[str, Any] | None = None) -> Iterator[Remote]:
    """A centre in a process of its own, gone at the end of the block and with this process. `settings` are those of `Plan`."""
    command = [sys.executable, "-m", "simulators.smsc", "--leashed", "--plan", json.dumps(settings or {})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Remote(said["port"], said["control"], process)
        finally:
            process.kill()
