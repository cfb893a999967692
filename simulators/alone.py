"""A simulator as a process of its own: its command line, its first line of JSON, and how others start it and speak to it."""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol, TextIO

from simulators import leash

ROOT = Path(__file__).resolve().parents[1]


class Played(Protocol):
    """What is simulated."""

    port: int

    async def close(self) -> None:
        """End its connections."""


class Door(Protocol):
    """Where it is asked what it has seen, and told to do otherwise."""

    @property
    def port(self) -> int:
        """On the loopback."""

    def close(self) -> None:
        """Nobody is answered any more."""


Begin = Callable[[], Coroutine[Any, Any, tuple[Played, Door]]]


def main(
    name: str, told: str, load: Callable[[str], Any], serve: Callable[..., None], arguments: list[str] | None
) -> int:
    """Serves until interrupted; prints its ports as one line of JSON. `load` reads a plan from its text."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=told)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: the system chooses")
    parser.add_argument("--control", type=int, default=0, help="port of the control door on the loopback")
    parser.add_argument("--plan", default="{}", help="the plan as JSON, or @FILE")
    parser.add_argument("--leashed", action="store_true", help="end when standard input ends")
    chosen = parser.parse_args(arguments)
    try:
        plan = load(Path(chosen.plan[1:]).read_text("utf-8") if chosen.plan.startswith("@") else chosen.plan)
    except (ValueError, OSError) as wrong:
        print(f"plan: {wrong}", file=sys.stderr)
        return 2
    if chosen.leashed:
        leash.hold()
    serve(plan, host=chosen.host, port=chosen.port, control=chosen.control)
    return 0


def serve(begin: Begin, host: str, out: TextIO | None) -> None:
    """Runs what `begin` starts until interrupted. First prints one line of JSON: {"host", "port", "control"}."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(begin, host, out or sys.stdout))


async def _run(begin: Begin, host: str, out: TextIO) -> None:
    played, door = await begin()
    print(json.dumps({"host": host, "port": played.port, "control": door.port}), file=out, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        door.close()
        await played.close()


@dataclass(frozen=True, slots=True)
class Remote:
    """A simulator in another process, spoken to through its control door."""

    port: int
    control: int
    process: "subprocess.Popen[str] | None" = None

    def ask(self, method: str, path: str, wishes: Mapping[str, Any] | None = None) -> bytes:
        """The body of the answer; ValueError with the simulator's reason where it refuses."""
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
        """The record of a centre as `record.ROW` structures of 64 bytes."""
        return self.ask("GET", "/record.bin")

    def change(self, **settings: Any) -> None:
        """Puts other settings of the plan in force."""
        self.ask("POST", "/plan", settings)

    def message(self, sender: str, to: str, said: str, sp_id: str = "", msg_fmt: int = 8) -> None:
        """A phone writes to a centre (an MO)."""
        wishes = {"from": sender, "to": to, "text": said, "sp_id": sp_id, "msg_fmt": msg_fmt}
        self.ask("POST", "/mo", wishes)


@contextmanager
def launched(name: str, settings: Mapping[str, Any] | None) -> Iterator[Remote]:
    """The simulator of this module's name in a process of its own, gone at the end of the block and with this process."""
    command = [sys.executable, "-m", name, "--leashed", "--plan", json.dumps(settings or {})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Remote(said["port"], said["control"], process)
        finally:
            process.kill()
