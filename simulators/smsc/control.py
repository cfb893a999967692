"""The centre's control door: a few JSON requests over HTTP on the loopback, for tests in another process.

GET /summary /models /repeated · GET /record (one JSON object a line) · GET /record.bin (`record.ROW` structures)
POST /plan {setting: value} · /mo {from, to, text, msg_fmt?, sp_id?} · /drop /terminate /test /shut /open
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict
from typing import Any, Final

from simulators.smsc.centre import Centre
from simulators.smsc.record import Row

MAX_HEAD: Final = 16_384
MAX_BODY: Final = 4 << 20
_REASONS: Final = {200: "OK", 400: "Bad Request", 404: "Not Found", 413: "Content Too Large"}


class Refusal(Exception):
    """A request that is answered with an HTTP status and a reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Control:
    """Listens on the loopback only: whoever can reach it can do everything."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.port = 0
        self._server: asyncio.Server | None = None

    async def listen(self, port: int = 0) -> None:
        """Opens the door; `control.port` says where."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listens no more."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            method, path, body = await asyncio.wait_for(_request(reader), 10)
            kind, chunks = await self._answer(method, path, body)
            await _reply(writer, 200, kind, chunks)
        except Refusal as no:
            await _reply(writer, no.status, "application/json", _json({"error": str(no)}))
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, body: bytes) -> tuple[str, Iterator[bytes]]:
        if method == "GET":
            if path == "/record.bin":
                return "application/octet-stream", self.centre.record.packed_rows()
            if path == "/record":
                return "application/jsonl", _lines(self.centre.record.rows())
            reads: dict[str, Callable[[], Any]] = {
                "/summary": self.centre.summary,
                "/models": self._models,
                "/repeated": lambda: {"repeated": self.centre.record.repeated()},
            }
            if path in reads:
                return "application/json", _json(reads[path]())
        elif method == "POST":
            return "application/json", _json(await self._act(path, body))
        raise Refusal(404, f"{method} {path}: no such thing")

    async def _act(self, path: str, body: bytes) -> Any:
        try:
            wishes = json.loads(body or b"{}")
            if not isinstance(wishes, dict):
                raise TypeError("the body is a JSON object")
            match path:
                case "/plan":
                    self.centre.change(wishes)
                    return {"plan": _plain(asdict(self.centre.state.plan))}
                case "/mo":
                    sender, said = wishes.pop("from"), wishes.pop("text")
                    return {"delivers": self.centre.receive_message(sender=sender, said=said, **wishes)}
                case "/drop":
                    return {"lines": self.centre.drop()}
                case "/terminate":
                    return {"lines": self.centre.terminate()}
                case "/test":
                    return {"lines": self.centre.test_links()}
                case "/shut":
                    self.centre.shut()
                    return {}
                case "/open":
                    await self.centre.listen(port=self.centre.port)
                    return {"port": self.centre.port}
        except (ValueError, TypeError, KeyError, AttributeError, OSError) as wrong:
            raise Refusal(400, f"{type(wrong).__name__}: {wrong}") from wrong
        raise Refusal(404, f"POST {path}: no such thing")

    def _models(self) -> list[dict[str, Any]]:
        return [_plain(asdict(model)) for model in self.centre.record.models]


def _plain(value: Any) -> Any:
    """JSON's own types: sets sorted, bytes in hex."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(_plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


def _json(value: Any) -> Iterator[bytes]:
    yield json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _lines(rows: Iterator[Row]) -> Iterator[bytes]:
    for row in rows:
        told = {**row._asdict(), "content": row.content.hex(), "text": row.text}
        yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError as long:
        raise Refusal(413, "the head of the request is too long") from long
    first, *headers = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise Refusal(400, "not an HTTP request")
    sizes = [line.split(":", 1)[1].strip() for line in headers if line.lower().startswith("content-length:")]
    if any(not size.isascii() or not size.isdigit() for size in sizes):
        raise Refusal(400, "Content-Length is not a number")
    size = int(sizes[0]) if sizes else 0
    if size > MAX_BODY:
        raise Refusal(413, "the body of the request is too long")
    return words[0], words[1], await reader.readexactly(size)


async def _reply(writer: asyncio.StreamWriter, status: int, kind: str, chunks: Iterator[bytes]) -> None:
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    async for chunk in _paced(chunks):
        writer.write(chunk)
        await writer.drain()


async def _paced(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Lets the gateway work between two pieces of a long answer."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        if len(gathered) > 1 << 18:
            yield bytes(gathered)
            gathered.clear()
            await asyncio.sleep(0)
    yield bytes(gathered)
