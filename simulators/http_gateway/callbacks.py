"""What the simulated gateway posts to its customer: receipts and replies, signed, and again until they are taken."""

import asyncio
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from simulators.http_gateway.plan import Plan
from simulators.http_gateway.record import Row
from simulators.http_gateway.signing import name, sign

AT_ONCE = 500
AGAIN = 0.3  # seconds until a call that was not taken is made again
LOOK = 0.02
ANSWER = 30.0


class Callbacks:
    """One caller; what is due at the same time goes in one call."""

    def __init__(self, plan: Callable[[], Plan], figures: Counter[str]) -> None:
        self._plan = plan
        self._figures = figures
        self._due: list[tuple[float, int, str, dict[str, Any]]] = []  # when, order, list, entry
        self._order = count()
        self._replies = count(1)
        self._task: asyncio.Task[None] | None = None
        self._random = random.Random(plan().seed)

    def report(self, row: Row) -> None:
        """A receipt for a number that was taken."""
        plan = self._plan()
        if not plan.callback or not row.stat:
            return
        entry = {
            "id": name(row.id),
            "number": plan.country_code + row.number,
            "status": row.stat,
            "time": int(time.time()),
        }
        for _ in range(1 + plan.drawn("twice", row.number, plan.duplicate_reports)):
            self._put("receipts", entry, self._random.uniform(*plan.report_delay))

    def reply(self, number: str, text: str, to: str) -> None:
        """A phone writes."""
        entry = {"id": f"r{next(self._replies)}", "number": number, "text": text, "to": to, "time": int(time.time())}
        self._put("replies", entry, 0.0)

    def _put(self, kind: str, entry: dict[str, Any], delay: float) -> None:
        heappush(self._due, (time.monotonic() + delay, next(self._order), kind, entry))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    @property
    def waiting(self) -> int:
        """Receipts and replies that were not taken yet."""
        return len(self._due)

    async def close(self) -> None:
        """Calls no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            taken: list[tuple[float, int, str, dict[str, Any]]] = []
            while self._due and self._due[0][0] <= time.monotonic() and len(taken) < AT_ONCE:
                taken.append(heappop(self._due))
            if not taken:
                await asyncio.sleep(LOOK)
                continue
            said: dict[str, list[Any]] = {"receipts": [], "replies": []}
            for _, _, kind, entry in taken:
                said[kind].append(entry)
            status = await self._call(json.dumps(said, ensure_ascii=False).encode())
            self._figures[f"callbacks_{status}"] += 1
            if status == 200:
                self._figures["receipts"] += len(said["receipts"])
                continue
            for one in taken:
                heappush(self._due, one)
            await asyncio.sleep(AGAIN)

    async def _call(self, body: bytes) -> int:
        """The status of the answer; 0 where there is none."""
        plan = self._plan()
        parts, stamp, nonce = urlsplit(plan.callback), str(int(time.time())), secrets.token_hex(16)
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nX-Account: {plan.account}\r\n"
            f"X-Timestamp: {stamp}\r\nX-Nonce: {nonce}\r\n"
            f"X-Signature: {sign(plan.callback_secret or plan.secret, stamp, nonce, body)}\r\n\r\n"
        )
        try:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            writer.write(head.encode() + body)
            first = await asyncio.wait_for(reader.readline(), ANSWER)
            writer.close()
        except (OSError, TimeoutError):
            return 0
        words = first.split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
