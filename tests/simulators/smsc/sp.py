"""A small SP for the tests: connects to a centre, remembers every event, acknowledges or not."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Self, TypeVar

from fenghuo.wire import cmpp, text
from simulators.smsc import Centre, Plan

PREFIX = "【下仓镇】"
SAID = "预计未来三小时有暴雨，请立即转移。"
Answer = TypeVar("Answer")


class Sp(asyncio.Protocol):
    """One connection; `acknowledging` says whether DELIVERs are answered."""

    live: ClassVar[list["Sp"]] = []

    def __init__(self, login: cmpp.Login, layout: cmpp.Layout = cmpp.V30, limits: cmpp.Limits | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.session = cmpp.ClientSession(login, limits or cmpp.Limits(), now=self.loop.time(), layout=layout)
        self.events: list[cmpp.Event] = []
        self.acknowledging = True
        self.gone = False
        self.live.append(self)

    @classmethod
    async def to(
        cls,
        port: int,
        secret: str = "exercise",
        sp_id: str = "900001",
        layout: cmpp.Layout = cmpp.V30,
        limits: cmpp.Limits | None = None,
    ) -> Self:
        """Connects and asks to log in; the answer is among the events."""
        login = cmpp.Login(sp_id, secret.encode())
        _, made = await asyncio.get_running_loop().create_connection(
            lambda: cls(login, layout, limits), "127.0.0.1", port
        )
        made.session.connect("1105142942", made.loop.time())
        made.flush()
        await made.until(lambda: bool(made.events) or made.gone)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for event in self.session.receive(data, self.loop.time()):
            self.events.append(event)
            if isinstance(event, cmpp.SubmitResps):
                self.session.release(event.run)
            elif isinstance(event, cmpp.Reports | cmpp.Mo) and self.acknowledging:
                self.session.acknowledge(event.run)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self.events += self.session.lost()

    def flush(self) -> None:
        data = self.session.outgoing()
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def submit(self, numbers: list[str], batch: int = 50, said: str = SAID, src_id: str = "12379") -> int:
        """Sends one text to all these numbers at once (the window has to hold them); returns the first Sequence_Id."""
        rendered = text.compose(PREFIX, said, "", exercise=False)
        envelope = cmpp.Envelope(self.session.login.sp_id, src_id)
        templates = cmpp.compile_submits(envelope, text.split(rendered, 7), self.session.layout)
        frames = -(-len(numbers) // batch) * len(templates)
        first = self.session.reserve(frames)
        block = cmpp.destinations(numbers, self.session.layout.terminal)
        self.session.send(first, frames, cmpp.encode_segments(templates, first, block, batch), self.loop.time())
        self.flush()
        return first

    def of(self, kind: type[Answer]) -> list[Answer]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def results(self) -> dict[int, tuple[int, int]]:
        """Msg_Id and Result by Sequence_Id, of all responses awaited."""
        frames = [event.run.frame(k) for event in self.of(cmpp.SubmitResps) for k in range(event.run.frames)]
        told = [cmpp.decode(frame, self.session.layout) for frame in frames]
        return {one.sequence: (one.msg_id, one.result) for one in told if isinstance(one, cmpp.SubmitResp)}

    def reports(self) -> list[cmpp.Report]:
        """Every status report, in order of arrival."""
        frames = [event.run.frame(k) for event in self.of(cmpp.Reports) for k in range(event.run.frames)]
        delivers = [cmpp.decode(frame, self.session.layout) for frame in frames]
        return [cmpp.Report.decode(one.content) for one in delivers if isinstance(one, cmpp.Deliver)]

    async def until(self, met: Callable[[], bool], seconds: float = 10.0) -> None:
        """Waits for something to become true."""
        async with asyncio.timeout(seconds):
            while not met():
                await asyncio.sleep(0.002)

    async def reported(self, count: int) -> list[cmpp.Report]:
        """Waits for that many reports."""
        await self.until(lambda: len(self.reports()) >= count)
        return self.reports()

    async def answered(self, count: int) -> dict[int, tuple[int, int]]:
        """Waits for that many responses."""
        await self.until(lambda: len(self.results()) >= count)
        return self.results()


def numbers(count: int, start: int = 0) -> list[str]:
    return [f"100{k:08d}" for k in range(start, start + count)]


def with_centre(plan: Plan | None, test: Callable[[Centre], Coroutine[Any, Any, Answer]]) -> Answer:
    """Runs `test` beside a centre in one event loop."""

    async def both() -> Answer:
        centre = await Centre.start(plan)
        try:
            async with asyncio.timeout(60):
                return await test(centre)
        finally:
            await centre.close()
            while Sp.live:
                Sp.live.pop().transport.abort()
            await asyncio.sleep(0)

    return asyncio.run(both())
