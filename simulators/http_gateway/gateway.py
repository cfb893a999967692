"""The simulated gateway: a door for requests, its record, and the callbacks that follow."""

import asyncio
import hmac
import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from email.utils import formatdate
from itertools import count
from typing import Any, Self

from simulators.http_gateway.callbacks import Callbacks
from simulators.http_gateway.http import MOST_HEAD, Asked, Unreadable, answer, request
from simulators.http_gateway.plan import Plan
from simulators.http_gateway.record import Record, Row
from simulators.http_gateway.signing import name, sign

FRESH = 300
BUSY = (429, 503)


class SimulatedGateway:
    """Start it inside a running event loop; one thread, no locks: every method is called in that loop."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or Plan()
        self.record = Record()
        self.figures: Counter[str] = Counter()
        self.port = 0
        self.callbacks = Callbacks(lambda: self.plan, self.figures)
        self._ids = count(1)
        self._lines = count(1)
        self._nonces: set[str] = set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._level, self._at = 0.0, 0.0
        self._wanted_at = 0.0  # nothing is wanted before that
        self._random = random.Random(self.plan.seed)

    @classmethod
    async def start(cls, plan: Plan | None = None, host: str = "127.0.0.1", port: int = 0, ssl: Any = None) -> Self:
        """A gateway that listens; `port` 0 lets the system choose, `gateway.port` says which."""
        gateway = cls(plan)
        await gateway.listen(host, port, ssl)
        return gateway

    async def listen(self, host: str = "127.0.0.1", port: int = 0, ssl: Any = None) -> None:
        """Opens the door."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=MOST_HEAD, ssl=ssl)
        self.port = self._server.sockets[0].getsockname()[1]

    def change(self, settings: Mapping[str, Any]) -> None:
        """Puts other settings of the plan in force; ValueError for one that cannot be."""
        self.plan = Plan.of(settings, self.plan)

    def summary(self) -> dict[str, Any]:
        """The counters."""
        return {**self.figures, "accepted": len(self.record.rows), "repeated": self.record.repeated()}

    def drop(self) -> int:
        """Breaks every connection at once; returns how many."""
        for writer in list(self._writers):
            writer.transport.abort()
        return len(self._writers)

    async def close(self) -> None:
        """Listens no more, breaks every connection, calls no more."""
        if self._server:
            self._server.close()
        self.drop()
        await self.callbacks.close()

    # --- requests ---------------------------------------------------------------------------------------------------------
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = next(self._lines)
        self.figures["connections"] += 1
        self._writers.add(writer)
        try:
            while await self._one(await asyncio.wait_for(request(reader), self.plan.keep_alive), writer, line):
                pass
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, Unreadable):
            self.figures["connections_ended"] += 1
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, asked: Asked, writer: asyncio.StreamWriter, line: int) -> bool:
        """Answer one request; whether the connection goes on."""
        plan = self.plan
        low, high = plan.response_delay
        if high:
            await asyncio.sleep(self._random.uniform(low, high))
        if not self._signed(asked):
            self.figures["unsigned"] += 1
            return await self._say(writer, answer(401, b'{"code":"signature"}'))
        if asked.method == "GET" and asked.path == plan.check:
            self.figures["checks"] += 1
            checks = self.figures["checks"]
            if checks <= len(plan.check_statuses):
                return await self._refuse(writer, plan.check_statuses[checks - 1], b'{"code":"planned"}')
            return await self._say(writer, answer(200, b'{"code":"0"}'))
        if asked.method != "POST" or asked.path != plan.path:
            return await self._say(writer, answer(404, b'{"code":"no such thing"}'))
        self.figures["requests"] += 1
        self.figures["too_early"] += time.monotonic() < self._wanted_at
        return await self._posted(asked.body, writer, line, self.figures["requests"])

    async def _posted(self, body: bytes, writer: asyncio.StreamWriter, line: int, position: int) -> bool:
        plan = self.plan
        if position in plan.drop_before:
            writer.transport.abort()
            return False
        refused = self._refused(body, position)
        if refused:
            self.figures[f"refused_{refused[0]}"] += 1
            return await self._refuse(writer, *refused)
        ids = self._take(body, line)
        if position in plan.mute_at:
            await asyncio.sleep(3600)
        if position in plan.drop_after:
            writer.transport.abort()
            return False
        told: dict[str, Any] = {"code": "0", "ids": ids[0] if plan.one_id else ids}
        if position in plan.wrong_count_at:
            told["ids"] = ids[:-1]
        said = json.dumps(told).encode()
        whole = answer(500 if position in plan.failed_at else 200, said, close=plan.close)
        if position in plan.huge_at:
            whole = answer(200, b'{"code":"0","x":"' + b"x" * (2 << 20) + b'"}')
        if position in plan.malformed_at:
            whole = answer(200, said[:-3])
        if position in plan.garbage_at:
            whole = b"\x00\x01\x02 no HTTP at all\r\n\r\n"
        if position in plan.half_at:
            await self._say(writer, whole[: len(whole) // 2])
            return False
        return await self._say(writer, whole) and not plan.close

    async def _refuse(self, writer: asyncio.StreamWriter, status: int, body: bytes) -> bool:
        plan, later = self.plan, ""
        if plan.retry_after and status in BUSY:
            self._wanted_at = time.monotonic() + plan.retry_after - (1 if plan.retry_date else 0)
            later = (
                formatdate(time.time() + plan.retry_after, usegmt=True) if plan.retry_date else str(plan.retry_after)
            )
        return await self._say(writer, answer(status, body, close=plan.close, later=later))

    def _refused(self, body: bytes, position: int) -> tuple[int, bytes] | None:
        """Status and body where nothing is taken."""
        plan = self.plan
        if position in plan.statuses:
            return plan.statuses[position], b'{"code":"planned"}'
        if position in plan.codes:
            return 200, json.dumps({"code": plan.codes[position]}).encode()
        try:
            said = json.loads(body)
            numbers, text = said["to"], said["text"]
        except (ValueError, KeyError, TypeError):
            return 400, b'{"code":"body"}'
        if not isinstance(text, str) or not isinstance(numbers, list) or not 0 < len(numbers) <= plan.most:
            return 400, b'{"code":"fields"}'
        if any(not self._number(one) or self._number(one) in plan.bad_numbers for one in numbers):
            return 422, b'{"code":"number"}'
        return None if self._admitted(len(numbers)) else (429, b'{"code":"slow"}')

    def _number(self, said: Any) -> str:
        """The number without its country code; empty for what is none."""
        text = str(said)
        bare = text.removeprefix(self.plan.country_code) if text.startswith(self.plan.country_code) else ""
        return bare if len(bare) == 11 and bare.isdigit() else ""

    def _admitted(self, numbers: int) -> bool:
        rate, now = self.plan.rate, time.monotonic()
        if not rate:
            return True
        most = rate * self.plan.burst
        self._level = min(most, self._level + (now - self._at) * rate) if self._at else most
        self._at = now
        if self._level < numbers:
            return False
        self._level -= numbers
        return True

    def _take(self, body: bytes, line: int) -> list[str]:
        said, at = json.loads(body), time.time()
        text, ids = self.record.text(said["text"]), []
        one_id = next(self._ids) if self.plan.one_id else 0
        for number in map(self._number, said["to"]):
            own = one_id or next(self._ids)
            row = Row(own, number, self.plan.fate(number), text, at, line, str(said.get("reference", "")))
            self.record.rows.append(row)
            ids.append(name(own))
            self.callbacks.report(row)
        return ids

    def _signed(self, asked: Asked) -> bool:
        stamp, nonce = asked.headers.get("x-timestamp", ""), asked.headers.get("x-nonce", "")
        if asked.headers.get("x-account") != self.plan.account or nonce in self._nonces:
            return False
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > FRESH:
            return False
        right = sign(self.plan.secret, stamp, nonce, asked.body)
        if not hmac.compare_digest(right, asked.headers.get("x-signature", "")):
            return False
        self._nonces.add(nonce)
        return True

    async def _say(self, writer: asyncio.StreamWriter, data: bytes) -> bool:
        writer.write(data)
        with suppress(ConnectionError):
            await writer.drain()
        return not writer.is_closing()
