"""JSON as RFC 8259 means it: no NaN, no key twice, nothing nested without end."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from fenghuo.ground.refusal import Said


class NotJson(ValueError):
    """What Python's parser would let pass."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.en)
        self.said = said


class StrictJson(Parser):
    """Raises ValueError or RecursionError for whatever is not a JSON document; ninja answers 400."""

    def parse_body(self, request: HttpRequest) -> Any:
        text = request.body.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_key_twice)


def _no_constant(name: str) -> NoReturn:
    raise NotJson(Said(f"{name} 不是 JSON 的值", f"{name} is no value of JSON"))


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson(Said("同一对象中有重复的键", "an object names a key twice"))
    return found
