"""The bare loop: the same SUBMITs, window and receipts as the durable sender, with nothing remembered.

It is the ceiling that the whole path is measured against, so it is as fast as this wire can be driven: frames are encoded in
one go, responses and receipts are counted as runs, acknowledgements leave in the same tick, and no session, ledger or clock
stands in the way. Its counts are checked all the same.

    python -m benchmarks.bare_loop --recipients 1000000 --batch 50 --window 16 --json
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from fenghuo.wire import cmpp, text
from fenghuo.wire.cmpp.authentication import authenticator_source
from fenghuo.wire.cmpp.layout import CONNECT_RESP, DELIVER, SUBMIT_RESP
from fenghuo.wire.stream import Run
from simulators.smsc import Remote, launched

SECRET = b"exercise"
BODY = "经会商研判，预计未来三小时本辖区有暴雨，请低洼地带群众立即转移。"


@dataclass(frozen=True, slots=True)
class Figure:
    """One run. `seconds` from the first SUBMIT to the last receipt acknowledged."""

    recipients: int
    batch: int
    window: int
    seconds: float
    recipients_per_second: float


class BareClient(asyncio.Protocol):
    """Logs in, then keeps `window` SUBMITs in flight until every number has its response and its receipt.

    `width` is how many bytes of `block` are one number. What differs between protocols is `_login`, `_heard` and `_frames`.
    """

    def __init__(
        self, templates: Sequence[Any], block: bytes, batch: int, window: int, width: int, framer: Any
    ) -> None:
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._templates = tuple(templates)
        self._framer = framer
        self._block = block
        self._batch = batch
        self._width = width
        self._at = 0
        self._sequence = 2
        self._free = window
        self._receipts = len(block) // width * len(templates)
        self._responses = -(-(len(block) // width) // batch) * len(templates)
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._login())

    def data_received(self, data: bytes) -> None:
        out = [self._heard(run) for run in self._framer.feed(data)]
        if self._free and self._at < len(self._block) and self._began:
            out.append(self._more())
        self._transport.write(b"".join(out))
        if not self._responses and not self._receipts and not self.done.done():
            self.done.set_result(time.perf_counter() - self._began)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the simulator closed the line"))

    def _more(self) -> bytes:
        """Encodes as many SUBMITs as the window has room for."""
        whole = self._free // len(self._templates)
        block = self._block[self._at : self._at + whole * self._batch * self._width]
        if not block:
            return b""
        frames = -(-len(block) // (self._batch * self._width)) * len(self._templates)
        sequence, self._sequence = self._sequence, self._sequence + frames & 0x7FFF_FFFF
        self._at += len(block)
        self._free -= frames
        return self._frames(sequence, block)

    def _answered(self, frames: int, refused: bytes) -> None:
        if refused:
            raise RuntimeError("the simulator refused a SUBMIT")
        self._responses -= frames
        self._free += frames

    def _login(self) -> bytes:
        raise NotImplementedError

    def _heard(self, run: Run) -> bytes:
        raise NotImplementedError

    def _frames(self, sequence: int, block: bytes) -> bytes:
        raise NotImplementedError


class CmppClient(BareClient):
    """CMPP 2.0 or 3.0."""

    def __init__(self, templates: Sequence[cmpp.SubmitTemplate], block: bytes, batch: int, window: int) -> None:
        self._layout = templates[0].layout
        super().__init__(templates, block, batch, window, self._layout.terminal, cmpp.Framer(self._layout))

    def _login(self) -> bytes:
        stamp = f"{datetime.now().astimezone():%m%d%H%M%S}"
        source = authenticator_source("900001", SECRET, stamp)
        return cmpp.encode(cmpp.Connect(1, "900001", source, self._layout.version, int(stamp)), self._layout)

    def _heard(self, run: Run) -> bytes:
        if run.command == DELIVER:
            self._receipts -= run.frames
            return cmpp.encode_deliver_resps(run, self._layout)
        if run.command == SUBMIT_RESP:
            self._answered(run.frames, run.column(20, self._layout.result).strip(b"\0"))
        elif run.command == CONNECT_RESP:
            self._began = time.perf_counter()
        return b""

    def _frames(self, sequence: int, block: bytes) -> bytes:
        return cmpp.encode_segments(self._templates, sequence, block, self._batch)


def numbers(count: int, width: int) -> bytes:
    """`count` different numbers that no carrier assigns (100…), packed."""
    return cmpp.destinations((f"100{k:08d}" for k in range(count)), width)


def run(port: int, block: bytes, batch: int, window: int, layout: cmpp.Layout = cmpp.V30, body: str = BODY) -> Figure:
    """Sends one text to every number of `block` through a simulator on `port` and times it."""
    templates = cmpp.compile_submits(cmpp.Envelope("900001", "12379"), segments(body), layout)
    seconds = driven(port, lambda: CmppClient(templates, block, batch, window))
    recipients = len(block) // layout.terminal
    return Figure(recipients, batch, window, round(seconds, 4), round(recipients / seconds))


def segments(body: str) -> Any:
    """The parts of the text that both sides of a comparison send."""
    return text.split(text.compose("【下仓镇】", body, "", exercise=True), 1)


def driven(port: int, client: Callable[[], BareClient]) -> float:
    """Seconds that a client takes."""

    async def drive() -> float:
        transport, driving = await asyncio.get_running_loop().create_connection(client, "127.0.0.1", port)
        try:
            return await asyncio.wait_for(driving.done, 600)
        finally:
            transport.close()

    return asyncio.run(drive())


def checked(centre: Remote, recipients: int) -> None:
    """Raises RuntimeError unless the simulator accepted every number and had every receipt acknowledged."""
    summary = centre.summary()
    if summary["accepted"] != recipients or summary["reports_acknowledged"] != recipients:
        raise RuntimeError(f"the simulator's record disagrees: {summary}")


def main(arguments: list[str] | None = None) -> int:
    """Prints the median of `--rounds` runs, each against a fresh simulator."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bare_loop", description="the bare loop, against a simulated SMS centre"
    )
    parser.add_argument("--recipients", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    block = numbers(chosen.recipients, cmpp.V30.terminal)
    figures = []
    for _ in range(chosen.rounds):
        with launched() as centre:
            figures.append(run(centre.port, block, chosen.batch, chosen.window))
            checked(centre, chosen.recipients)
    median = statistics.median(figure.recipients_per_second for figure in figures)
    if chosen.json:
        print(json.dumps({"recipients_per_second": median, "rounds": [asdict(figure) for figure in figures]}))
    else:
        print(f"{median:,.0f} recipients/s, median of {chosen.rounds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
