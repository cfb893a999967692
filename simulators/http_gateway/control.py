"""The gateway's control door: a few JSON requests over HTTP on the loopback, for tests in another process.

GET /summary /models /repeated /record (one JSON object a line) /record.bin · POST /plan {setting: value} ·
/mo {from, to, text} · /drop
"""

import asyncio
import json
from dataclasses import asdict
from typing import Any

from simulators.http_gateway.gateway import SimulatedGateway
from simulators.http_gateway.http import Asked, Unreadable, answer, request


class Control:
    """Listens on the loopback only: whoever can reach it can do everything."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        self._gateway = gateway
        self.port = 0
        self._server: asyncio.Server | None = None

    async def listen(self, port: int = 0) -> None:
        """Opens the door; `control.port` says where."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listens no more."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await asyncio.wait_for(request(reader), 10)
            try:
                said = answer(200, self._answer(asked), close=True)
            except (ValueError, TypeError, KeyError) as wrong:
                said = answer(400, json.dumps({"error": f"{type(wrong).__name__}: {wrong}"}).encode(), close=True)
            writer.write(said)
            await writer.drain()
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, Unreadable):
            writer.transport.abort()
        finally:
            writer.close()

    def _answer(self, asked: Asked) -> bytes:
        gateway, record = self._gateway, self._gateway.record
        match asked.method, asked.path:
            case "GET", "/record.bin":
                return record.packed()
            case "GET", "/record":
                return b"".join(_json(row) for row in record.told())
            case "GET", "/summary":
                return _json({**gateway.summary(), "callbacks_waiting": gateway.callbacks.waiting})
            case "GET", "/models":
                return _json(record.models())
            case "GET", "/repeated":
                return _json({"repeated": record.repeated()})
            case "POST", "/plan":
                gateway.change(json.loads(asked.body))
                return _json({"plan": {key: _plain(value) for key, value in asdict(gateway.plan).items()}})
            case "POST", "/mo":
                said = json.loads(asked.body)
                gateway.callbacks.reply(str(said["from"]), str(said["text"]), str(said.get("to", "")))
                return _json({})
            case "POST", "/drop":
                return _json({"lines": gateway.drop()})
        raise ValueError(f"{asked.method} {asked.path}: no such thing")


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
