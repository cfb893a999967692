"""Requests of an account as its operator described them: a body from a template, and headers that sign it."""

import base64
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import numpy as np

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.gateways.config.http import MARKS, PLACEHOLDER
from fenghuo.delivery.gateways.digits import DIGITS, written

_MARKED = re.compile(f"{MARKS[0]}(\\w+){MARKS[1]}")
_WHOLE = f'"{MARKS[0]}numbers{MARKS[1]}"'
_LIST = f"{MARKS[0]}list{MARKS[1]}"
VARYING = frozenset({"numbers", "list", "reference", "timestamp", "nonce"})


@dataclass(frozen=True)
class Stamp:
    """What makes a request one of a kind: the time in seconds since 1970, and characters that never come twice."""

    at: int
    nonce: str


class Letter:
    """A text ready to be addressed: the body with gaps, literal bytes and names of what goes between them in turn."""

    def __init__(self, gateway: HttpGateway, text: str, sender: str) -> None:
        request = gateway.request
        self._json = request.body == "json"
        self._country = request.country_code.encode()
        fixed = {"text": text, "sender": sender, "account": gateway.source_addr}
        self._pieces: list[tuple[bytes, str]] = []
        at, literal = 0, ""
        layout = _json(request.fields, request.numbers == "list") if self._json else _form(request.fields)
        for found in _MARKED.finditer(layout):
            literal, at = literal + layout[at : found.start()], found.end()
            if found[1] in VARYING:
                self._pieces.append((literal.encode(), found[1]))
                literal = ""
            else:
                literal += self._escaped(fixed[found[1]])
        self._pieces.append(((literal + layout[at:]).encode(), ""))

    def body(self, numbers: Any, stamp: Stamp) -> bytes:
        """The body for these numbers (uint64)."""
        parts = []
        for literal, name in self._pieces:
            parts.append(literal)
            if name in ("list", "numbers"):
                parts.append(self._numbers(numbers, b'"' if name == "list" else b""))
            elif name:
                parts.append({"timestamp": str(stamp.at)}.get(name, stamp.nonce).encode())
        return b"".join(parts)

    def _numbers(self, numbers: Any, quote: bytes) -> bytes:
        country, comma = self._country, b","
        if not self._json:
            country, comma = quote_plus(country).encode(), b"%2C"
        before, after = quote + country, quote + comma
        width = len(before) + DIGITS + len(after)
        rows = np.frombuffer(written(numbers, width, before), dtype=np.uint8).reshape(len(numbers), width).copy()
        rows[:, -len(after) :] = np.frombuffer(after, dtype=np.uint8)
        return rows.tobytes()[: -len(comma)]

    def _escaped(self, value: str) -> str:
        return json.dumps(value, ensure_ascii=False)[1:-1] if self._json else quote_plus(value)


def _json(fields: dict[str, Any], as_list: bool) -> str:
    layout = json.dumps(_marked(fields), ensure_ascii=False, separators=(",", ":"))
    return layout.replace(_WHOLE, f"[{_LIST}]") if as_list else layout


def _form(fields: dict[str, Any]) -> str:
    def laid(value: Any) -> str:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        parts = PLACEHOLDER.split(text)  # literal, name, literal, name …
        return "".join(f"{MARKS[0]}{one}{MARKS[1]}" if at % 2 else quote_plus(one) for at, one in enumerate(parts))

    return "&".join(f"{quote_plus(str(key))}={laid(value)}" for key, value in fields.items())


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _marked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_marked(one) for one in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub(f"{MARKS[0]}\\1{MARKS[1]}", value)
    return value


def signed(gateway: HttpGateway, secret: bytes, body: bytes, stamp: Stamp) -> list[tuple[str, str]]:
    """The headers of a request with this body."""
    request = gateway.request
    default = 443 if gateway.tls else 80
    host = f"[{gateway.host}]" if ":" in gateway.host else gateway.host
    kind = "application/json; charset=utf-8" if request.body == "json" else "application/x-www-form-urlencoded"
    headers = [
        ("Host", host if gateway.port == default else f"{host}:{gateway.port}"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        (request.account_header, gateway.source_addr),
        (request.timestamp_header, str(stamp.at)),
        (request.nonce_header, stamp.nonce),
        (request.signature_header, signature(secret, stamp.at, stamp.nonce, body, request.signature)),
        *request.headers.items(),
    ]
    return [*headers, ("Content-Type", kind), ("Content-Length", str(len(body)))] if body else headers


def signature(secret: bytes, at: int | str, nonce: str, body: bytes, written_as: str = "hex") -> str:
    """HMAC-SHA256 of time, line feed, nonce, line feed, body."""
    digest = hmac.digest(secret, f"{at}\n{nonce}\n".encode() + body, "sha256")
    return digest.hex() if written_as == "hex" else base64.b64encode(digest).decode()
