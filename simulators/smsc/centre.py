"""The simulated SMS centre: a gateway of CMPP or SMPP on the loopback, its record, and a control door beside it."""

import asyncio
from collections.abc import Mapping
from itertools import count
from typing import Any, Self

from fenghuo.wire import text
from fenghuo.wire.cmpp import Deliver
from fenghuo.wire.cmpp.layout import MAX_CONTENT
from simulators.smsc.line import Line
from simulators.smsc.outbox import Letters
from simulators.smsc.plan import Plan
from simulators.smsc.record import Record
from simulators.smsc.state import State


class Centre:
    """Start it inside a running event loop; one thread, no locks: every method is called in that loop."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.state = State(plan or Plan())
        self.port = 0
        self._lines: dict[int, Line] = {}
        self._numbers = count(1)
        self._references = count(1)
        self._server: asyncio.Server | None = None

    @classmethod
    async def start(cls, plan: Plan | None = None, host: str = "127.0.0.1", port: int = 0) -> Self:
        """A centre that listens; `port` 0 lets the system choose, `centre.port` says which."""
        centre = cls(plan)
        await centre.listen(host, port)
        return centre

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Opens the door (again after `shut`, on the same port if that is given)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._line, host, port, backlog=512, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    def _line(self) -> Line:
        number = next(self._numbers)
        self._lines = {key: line for key, line in self._lines.items() if not line.over}
        line = self._lines[number] = Line(self.state, number, asyncio.get_running_loop())
        return line

    @property
    def record(self) -> Record:
        """The ground truth."""
        return self.state.record

    def summary(self) -> dict[str, Any]:
        """The counters."""
        return self.state.summary()

    def change(self, settings: Mapping[str, Any]) -> None:
        """Puts other settings of the plan in force; ValueError for one that cannot be."""
        self.state.change(settings)
        for line in self.bound():
            line.work()

    def bound(self, sp_id: str = "") -> list[Line]:
        """The connections that are logged in, of one account or of all."""
        return [
            line
            for line in self._lines.values()
            if line.session.state == "bound" and line.desk and sp_id in ("", line.desk.account.sp_id)
        ]

    def receive_message(self, sender: str, to: str, said: str, sp_id: str = "", msg_fmt: int = 8) -> int:
        """A phone writes to us: DELIVERs to the account (the first one without `sp_id`); returns how many.

        `msg_fmt` 8 UCS-2, in parts where it is long; 15 GB 18030 or 0 ASCII, at most 140 bytes at once. ValueError for a text
        that cannot be written so.
        """
        desk = self.state.desks.get(sp_id) if sp_id else next(iter(self.state.desks.values()))
        if desk is None:
            raise ValueError(f"no account {sp_id!r}")
        parts = _parts(said, msg_fmt, next(self._references) % 256)
        ids = self.state.ids.take(len(parts), self.state.moment())
        letters = tuple(
            Deliver(0, msg_id, to, sender, udh + payload, tp_udhi=1 if udh else 0, msg_fmt=msg_fmt)
            for (udh, payload), msg_id in zip(parts, ids, strict=True)
        )
        desk.outbox.put(Letters(letters))
        self.state.figures.messages_sent += len(letters)
        for wake in desk.receivers[:1]:
            wake()
        return len(letters)

    def drop(self) -> int:
        """Breaks every connection at once, without a word; returns how many."""
        live = [line for line in self._lines.values() if not line.over]
        for line in live:
            line.drop()
        return len(live)

    def terminate(self) -> int:
        """Says good-bye on every connection; returns on how many."""
        live = self.bound()
        for line in live:
            line.session.terminate(asyncio.get_running_loop().time())
            line.work()
        return len(live)

    def test_links(self) -> int:
        """Sends an ACTIVE_TEST on every connection; returns on how many."""
        live = self.bound()
        for line in live:
            line.session.test_link(asyncio.get_running_loop().time())
            line.work()
        return len(live)

    def shut(self) -> None:
        """Listens no more; connections stay."""
        if self._server:
            self._server.close()
            self._server = None

    async def close(self) -> None:
        """Listens no more and breaks every connection."""
        self.shut()
        self.drop()
        await asyncio.sleep(0)  # the transports' own goodbyes


def _parts(said: str, msg_fmt: int, reference: int) -> list[tuple[bytes, bytes]]:
    """(user data header, words) of each DELIVER that a text takes."""
    if msg_fmt == 8:
        return [(part.udh, part.payload) for part in text.split(said, reference)]
    encoding = {0: "ascii", 15: "gb18030"}.get(msg_fmt)
    if encoding is None:
        raise ValueError(f"no Msg_Fmt {msg_fmt} for words")
    payload = said.encode(encoding)
    if len(payload) > MAX_CONTENT:
        raise ValueError(f"{len(payload)} bytes do not fit one message")
    return [(b"", payload)]
