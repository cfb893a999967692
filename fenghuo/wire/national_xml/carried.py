"""The CAP parameters that carry what the national XML has and CAP has not: `national:` and the element's name.

Written only where the value could not be told from the rest of the CAP message; documented in docs/reference/national-xml.md.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fenghuo.wire.cap import CapError, Info, Pair
from fenghuo.wire.cap.references import NAME
from fenghuo.wire.national_xml import model, values
from fenghuo.wire.national_xml.times import read_time, write_time

PREFIX = "national:"
METHOD = f"{PREFIX}method"

# Element names with the attributes that hold them; nothing here changes what a person reads of the warning.
OF_ALERT = {
    "identifier": "identifier", "sender": "sender", "senderCode": "sender_code", "phone": "phone", "scope": "scope",
    "secClassification": "classification", "references": "references", "note": "note",
}  # fmt: skip
OF_INFO = {
    "language": "language", "certainty": "certainty", "effective": "effective", "senderName": "sender_name", "web": "web",
}  # fmt: skip
_CHOICES: dict[str, type[values.Scope] | type[values.Classification] | type[values.Certainty]] = {
    "scope": values.Scope, "secClassification": values.Classification, "certainty": values.Certainty,
}  # fmt: skip
_OPTIONAL = ("phone", "references", "note", "effective", "web")


def ours(pair: Pair) -> bool:
    """Whether a CAP parameter is one of these."""
    return pair.name.startswith(PREFIX)


def differing(names: dict[str, str], wanted: Any, told: Any) -> tuple[Pair, ...]:
    """A parameter for each element whose value would otherwise be told wrongly."""
    return tuple(
        Pair(PREFIX + tag, _written(tag, getattr(wanted, attribute)))
        for tag, attribute in names.items()
        if getattr(wanted, attribute) != getattr(told, attribute)
    )


def corrected(names: dict[str, str], told: Any, info: Info) -> Any:
    """`told` with the values that the parameters of `info` carry; one that makes no sense is passed over."""
    held = {pair.name.removeprefix(PREFIX): pair.value for pair in info.parameters if ours(pair)}
    changes = {}
    for tag, attribute in names.items():
        if tag in held:
            try:
                changes[attribute] = _read(tag, held[tag])
            except (ValueError, CapError):  # CapError is a ValueError: named for the reader
                continue
    return replace(told, **changes)


def sender_code(info: Info) -> str:
    """The sender's code that an info carries, "" when it carries none."""
    texts = (pair.value for pair in info.parameters if pair.name == f"{PREFIX}senderCode")
    return next((text for text in texts if values.SENDER_CODE.fullmatch(text)), "")


def methods(held: Iterable[model.Method]) -> tuple[Pair, ...]:
    """One parameter for each way of release; one empty parameter when there is none."""
    written = tuple(
        Pair(METHOD, json.dumps([one.name, one.message, list(one.groups), list(one.recipients)], ensure_ascii=False))
        for one in held
    )
    return written or (Pair(METHOD, ""),)


def read_methods(info: Info) -> tuple[model.Method, ...] | None:
    """The ways of release that an info carries; None when it says nothing of them or something unreadable."""
    texts = [pair.value for pair in info.parameters if pair.name == METHOD]
    if not texts:
        return None
    try:
        return tuple(_method(json.loads(text)) for text in texts if text)
    except (ValueError, TypeError, RecursionError):
        return None


def _method(held: Any) -> model.Method:
    name, message, groups, recipients = held
    words = [name, message, *groups, *recipients]
    if not all(isinstance(one, str) for one in words) or isinstance(groups, str) or isinstance(recipients, str):
        raise ValueError("a method is two texts and two lists of texts")
    return model.Method(name, message, tuple(groups), tuple(recipients))


def _written(tag: str, value: Any) -> str:
    if value is None:
        return ""
    return write_time(value, tag) if tag == "effective" else str(value)


def _read(tag: str, text: str) -> Any:
    if not text and tag in _OPTIONAL:
        return None
    if tag in _CHOICES:
        return _CHOICES[tag](text)
    if tag == "effective":
        return read_time(text, tag, [])
    if tag in ("identifier", "references") and not NAME.fullmatch(text):
        raise ValueError(tag)
    if tag == "senderCode" and not values.SENDER_CODE.fullmatch(text):
        raise ValueError(tag)
    return text
