"""JSON as RFC 8259 means it: no NaN, no key twice, nothing nested without end."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser


class StrictJson(Parser):
    """Raises ValueError or RecursionError for whatever is not a JSON document; ninja answers 400."""

    def parse_body(self, request: HttpRequest) -> Any:
        text = request.body.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_key_twice)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a key twice")
    return found
