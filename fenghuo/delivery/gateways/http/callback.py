"""What an HTTP gateway posts: receipts and replies, in the words that the account's `[gateway.callback]` describes."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.gateways.digits import addresses
from fenghuo.delivery.gateways.http.answer import LONGEST_ID, Unclear, at, numbers_of, read, text_of
from fenghuo.delivery.gateways.http.request import signature
from fenghuo.delivery.gateways.line import DELIVERED, FAILED, UNDER_WAY, Receipts, Said, Stated

FRESH = 300  # seconds that the time of a callback may differ from ours
MOST = 5_000  # receipts and replies of one callback
LONGEST_TEXT = 4_000
LONGEST_NUMBER = 32
_NONCE = re.compile(r"[!-~]{8,64}")
_STAMP = re.compile(r"\d{1,12}", re.ASCII)
_MASK = 0xFFFF_FFFF


EARLIEST = 946_684_800  # the year 2000: no gateway of today reports of a time before it


class Malformed(Exception):
    """The body is not what the settings of the account say; `said` is why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = (zh, en)


@dataclass(frozen=True)
class Called:
    """What one callback says; `receipts` None where there is none."""

    receipts: Receipts | None
    replies: list[Said]
    undated: int = 0  # receipts that name a time which is none: when we heard of it counts for them

    def ahead(self, now: float) -> int:
        """How many receipts are dated later than a clock a little wrong explains; for them, too, our own time counts."""
        return int((self.receipts.done > now + FRESH).sum()) if self.receipts else 0

    @property
    def count(self) -> int:
        """How many receipts."""
        return len(self.receipts.ids) if self.receipts else 0


def genuine(gateway: HttpGateway, secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
    """The nonce of a callback that bears a fresh and right signature; None for any other."""
    request = gateway.request
    stamp, nonce = headers.get(request.timestamp_header, ""), headers.get(request.nonce_header, "")
    told = headers.get(request.signature_header, "")
    if not _STAMP.fullmatch(stamp) or not _NONCE.fullmatch(nonce) or not told.isascii():
        return None
    right = signature(secret, stamp, nonce, body, request.signature)
    if request.signature == "hex":
        told = told.lower()
    same = hmac.compare_digest(right.encode(), told.encode())
    return nonce if same and abs(now - int(stamp)) <= FRESH else None


def called(gateway: HttpGateway, body: bytes) -> Called:
    """What a callback says. Raises Malformed."""
    try:
        said = read(body)
    except Unclear as wrong:
        raise Malformed("内容不是 JSON", "the body is not JSON") from wrong
    receipts, replies = _listed(said, gateway.callback.receipts), _listed(said, gateway.callback.replies)
    if gateway.callback.replies == gateway.callback.receipts:
        replies = []
    if receipts is None and replies is None:
        raise Malformed(
            "在设置所写的位置既没有回执也没有回复",
            "there are neither receipts nor replies where the settings say they stand",
        )
    if len(receipts or []) + len(replies or []) > MOST:
        raise Malformed(f"一次超过 {MOST} 条回执和回复", f"more than {MOST} receipts and replies at once")
    undated = sum(_undated(at(one, gateway.callback.time)) for one in receipts or [])
    return Called(_receipts(gateway, receipts or []), [_reply(gateway, one) for one in replies or []], undated)


def _listed(said: Any, where: str) -> list[Any] | None:
    """The entries at a place; one alone is a list of one, and nothing there is None."""
    found = at(said, where)
    if isinstance(found, dict):
        found = [found]
    if found is not None and not (isinstance(found, list) and all(isinstance(one, dict) for one in found)):
        raise Malformed(f"{where or '内容'} 不是由对象组成的列表", f"{where or 'the body'} is not a list of tables")
    return found


def _receipts(gateway: HttpGateway, entries: list[Any]) -> Receipts | None:
    if not entries:
        return None
    shape = gateway.callback
    ids = [text_of(at(one, shape.id)) for one in entries]
    written = [(text_of(at(one, shape.number)) or "")[:LONGEST_NUMBER] for one in entries]
    numbers = [one.encode("ascii", "replace") for one in written]
    words = [text_of(at(one, shape.status)) for one in entries]
    if None in words:
        raise Malformed(f"有回执缺少 {shape.status}", f"a receipt has no {shape.status}")
    kinds = dict.fromkeys(shape.delivered, DELIVERED) | dict.fromkeys(shape.under_way, UNDER_WAY)
    block = np.array(numbers, dtype=f"S{LONGEST_NUMBER}").view(np.uint8).reshape(len(entries), LONGEST_NUMBER)
    notation = "text" if gateway.answer.reference else gateway.answer.message_ids
    return Receipts(
        ids=numbers_of(ids, notation),
        addresses=addresses(block),
        codes=np.array([kinds.get(word or "", FAILED) for word in words], dtype=np.uint8),
        words=np.array([(word or "").encode("ascii", "replace")[:20] or b"?" for word in words]),
        done=np.array([_seconds(at(one, shape.time)) for one in entries], dtype=np.uint32),
        token=None,
        taken=Stated(np.array([_seconds(at(one, shape.taken)) for one in entries], dtype=np.uint32), np.asarray)
        if shape.taken
        else None,
        names=Stated(np.array([_plain(one or "")[:LONGEST_ID] for one in ids], dtype=object), np.ndarray.tolist),
        written=Stated(np.array([_plain(one) for one in written], dtype=object), np.ndarray.tolist),
    )


def _undated(value: Any) -> bool:
    """Whether something is said about the time, and it is no time."""
    return value is not None and _seconds(value) == 0


def _seconds(value: Any) -> int:
    """Seconds since 1970 (milliseconds are known by their size), or ISO 8601 with a zone; 0 where it is neither, or long ago."""
    text = text_of(value) or ""
    if text.isascii() and text.isdigit():
        number = int(text[:15])
        seconds = number // 1000 if number > 10**11 else number
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return 0
        seconds = int(moment.timestamp()) if moment.tzinfo else 0
    return min(seconds, _MASK) if seconds >= EARLIEST else 0


def _reply(gateway: HttpGateway, one: Any) -> Said:
    shape = gateway.callback
    number, text, to = (text_of(at(one, where)) for where in (shape.number, shape.text, shape.to))
    if text is None or not number:
        raise Malformed("每条回复都要有号码和内容", "a reply needs a number and a text")
    name = text_of(at(one, shape.id)) or ""
    ids = numbers_of([name], gateway.answer.message_ids)
    whole = (_plain(number)[:LONGEST_NUMBER], _plain(text)[:LONGEST_TEXT], None, _plain(to or "")[:21])
    return Said(int(ids[0]), *whole, name=_plain(name)[:LONGEST_ID])


def _plain(text: str) -> str:
    """Without what no database keeps: zero characters and halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()
