"""A machine at the public door: the HTTP API as any outside program would call it."""

import http.client
import json
from typing import Any

from fenghuo.ground.ids import new_id

TIMEOUT = 120.0  # seconds; freezing a hundred thousand recipients takes a few


class Declined(Exception):
    """The API said no: status and the answer's own words."""

    def __init__(self, status: int, answer: Any) -> None:
        words = (
            f"{answer['field']}：{answer['reason_zh']} / {answer['reason_en']}"
            if "reason_en" in answer
            else str(answer)
        )
        super().__init__(f"HTTP {status}: {words[:600]}")
        self.status = status
        self.answer = answer


class Client:
    """One person's token at one address. A connection per call, as from programs that call rarely."""

    def __init__(self, port: int, token: str = "", *, host: str = "127.0.0.1") -> None:
        self._host, self._port = host, port
        self._headers = {"Host": f"localhost:{port}"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def get(self, path: str) -> Any:
        """The answer's JSON. Raises Declined."""
        return json.loads(self._ask("GET", path, None, {}))

    def raw(self, path: str) -> bytes:
        """The answer's bytes. Raises Declined."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> Any:
        """The answer's JSON; a key of its own for each act unless one is given. Raises Declined."""
        return json.loads(self._ask("POST", path, body, {"Idempotency-Key": key or new_id()}))

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """The answer's JSON. Raises Declined."""
        return json.loads(self._ask("PUT", path, body, {}))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> bytes:
        line = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        try:
            text = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            kind = {"Content-Type": "application/json"} if body is not None else {}
            line.request(method, path, text, {**self._headers, **headers, **kind})
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        if answer.status >= 300:
            raise Declined(answer.status, _read(said))
        return said


def _read(said: bytes) -> Any:
    try:
        return json.loads(said)
    except ValueError:
        return said.decode("utf-8", "replace")
