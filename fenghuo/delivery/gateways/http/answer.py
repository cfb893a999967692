"""What a gateway's answer to a request says: taken, try later, refused, a wrong login, or nothing that can be relied on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config.http import Answer
from fenghuo.delivery.gateways.ids import numbered
from fenghuo.delivery.gateways.line import REFUSED, RETRY, TAKEN

TOO_MANY = 429
LATER = frozenset({408, 425, TOO_MANY, 503})  # nothing was taken, and later it may be
LOGIN = frozenset({401, 403, 407})
SPOILT = frozenset({400, 413, 422})  # by something in the request: one number may spoil it for the others
LONGEST_ID = 128
UNKNOWN = 0xFFFF_FFFF


@dataclass(frozen=True)
class Verdict:
    """`verdict`: one of line's, None where nothing is known. `ended`: why the account cannot go on like this, "" for no reason."""

    verdict: int | None
    result: int = 0
    word: str = ""
    ended: str = ""
    ids: Any = None  # uint64, one for each number


class Unclear(Exception):
    """The answer does not say what became of the request."""


def judged(answer: Answer, status: int, body: bytes, numbers: Any) -> Verdict:
    """What became of a request to these numbers (uint64)."""
    if status in LATER:
        return Verdict(RETRY, status)
    if status >= 500:
        return Verdict(None, status)
    if status in SPOILT:
        return Verdict(REFUSED, status, _told(answer, body))
    if not 200 <= status < 300:
        return Verdict(RETRY, status, ended=wrong(status))  # nothing was taken, and nothing will be before it is mended
    try:
        return _accepted(answer, body, numbers)
    except Unclear:
        return Verdict(None, status)


def wrong(status: int) -> str:
    """What to call a status that a person must do something about; "" for others."""
    if status in LOGIN:
        return f"login_{status}"
    return f"http_{status}" if 300 <= status < 500 and status not in LATER else ""


def _accepted(answer: Answer, body: bytes, numbers: Any) -> Verdict:
    said = read(body)
    if answer.code:
        word = text_of(at(said, answer.code))
        if word is None:
            raise Unclear
        number = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else UNKNOWN
        if word in answer.retry:
            return Verdict(RETRY, number, word)
        if word in answer.login:
            return Verdict(RETRY, number, word, ended=f"login_{word[:16]}")
        if word not in answer.taken:
            return Verdict(REFUSED, number, word)
    return Verdict(TAKEN, ids=_ids(answer, said, numbers))


def _told(answer: Answer, body: bytes) -> str:
    try:
        return (text_of(at(read(body), answer.code)) if answer.code else None) or ""
    except Unclear:
        return ""


def _ids(answer: Answer, said: Any, numbers: Any) -> Any:
    """The ids, one for each number, as far as the answer has them; 0 for the others: their receipts are known by the number."""
    found = at(said, answer.ids) if answer.ids else None
    texts: Sequence[str | None]
    if isinstance(found, dict):
        by_number = {_digits(key): text_of(value) for key, value in found.items()}
        texts = [by_number.get(number) for number in numbers.tolist()]
    elif isinstance(found, list) and found and all(isinstance(one, dict) for one in found):
        by_number = {_digits(text_of(at(one, answer.number)) or ""): text_of(at(one, answer.id)) for one in found}
        texts = [by_number.get(number) for number in numbers.tolist()]
    elif isinstance(found, list):
        texts = [text_of(one) for one in found] if len(found) == len(numbers) else [None] * len(numbers)
    else:
        texts = [text_of(found)] * len(numbers)
    return numbers_of(texts, answer.message_ids)


def numbers_of(texts: Sequence[str | None], notation: Any) -> Any:
    """Ids as the ledger keeps them."""
    rows = [(text or "").encode("utf-8", "replace")[:LONGEST_ID] for text in texts]
    block = np.array(rows, dtype=f"S{max(1, max(map(len, rows), default=1))}")
    return numbered(block.view(np.uint8).reshape(len(rows), -1), notation)


def read(body: bytes) -> Any:
    """The body as JSON. Raises Unclear, also for what is nested without end."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Unclear from wrong


def at(value: Any, where: str) -> Any:
    """What stands at a place of a JSON value; None for nothing."""
    for key in where.split(".") if where else ():
        if isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 6:
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def text_of(value: Any) -> str | None:
    """A text or a whole number as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= 10**30:
        return None  # no id and no code; and turning very long ones into text takes for ever
    return str(value)


def _digits(text: str) -> int:
    """The last eleven digits of a number as it is written; 0 for what is none."""
    digits = text[-11:]
    return int(digits) if len(digits) == 11 and digits.isascii() and digits.isdigit() else 0
