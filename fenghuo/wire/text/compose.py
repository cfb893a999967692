"""One rendered text from its parts: the machine writes the prefix and the exercise marks, nobody types them (W4, W14)."""

from dataclasses import dataclass

from fenghuo.wire.text.problems import (
    EXERCISE_BEGIN,
    EXERCISE_END,
    SIGNATURE_BRACKETS,
    Problem,
    TextError,
    describe,
    forbidden,
)
from fenghuo.wire.text.units import BILLING_UNIT, LIMIT, billed, segments, units


@dataclass(frozen=True, slots=True)
class Count:
    """The length of a text: code units, the carrier's segments, and what the billing rule bills."""

    units: int
    segments: int
    billed: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, its length, and why it may not be (empty where it may)."""

    text: str
    count: Count
    problems: tuple[Problem, ...]


def measure(text: str, *, width: int = 8, billing_unit: int = BILLING_UNIT) -> Count:
    """The length of any text, sendable or not; `width` is the bits of the UDH reference."""
    return Count(units(text), segments(text, width), billed(text, billing_unit))


def compose(prefix: str, body: str, suffix: str, *, exercise: bool, limit: int = LIMIT) -> str:
    """prefix + [（演练）] + body + [（演练结束）] + suffix. Raises TextError with every problem."""
    found = problems(body, prefix=prefix, suffix=suffix, exercise=exercise, limit=limit)
    if found:
        raise TextError(found)
    return _join(prefix, body, suffix, exercise)


def preview(
    prefix: str,
    body: str,
    suffix: str,
    *,
    exercise: bool,
    limit: int = LIMIT,
    width: int = 8,
    billing_unit: int = BILLING_UNIT,
) -> Preview:
    """For the live counter: the same text as `compose`, whatever is wrong with it."""
    text = _join(prefix, body, suffix, exercise)
    found = problems(body, prefix=prefix, suffix=suffix, exercise=exercise, limit=limit)
    return Preview(text, measure(text, width=width, billing_unit=billing_unit), found)


def problems(
    body: str, *, prefix: str = "", suffix: str = "", exercise: bool = False, limit: int = LIMIT
) -> tuple[Problem, ...]:
    """Every reason why this may not be sent, the body's first. All parts count towards `limit` (code units)."""
    found: list[Problem] = []
    if not body.strip():
        found.append(describe("empty", "body"))
    found += forbidden(body, "body")
    marks = [body.find(mark) for mark in (EXERCISE_BEGIN, EXERCISE_END) if mark in body]
    if marks:
        found.append(describe("exercise_mark", "body", tuple(sorted(marks))))
    found += _signature(prefix, "prefix")
    found += _signature(suffix, "suffix")
    length = units(_join(prefix, body, suffix, exercise))
    if length > limit:
        over = length - limit
        en, zh = f"{length} of {limit}, {over} too many", f"{length} 字，超出 {over} 字（上限 {limit}）"
        found.append(describe("too_long", "text", en=en, zh=zh))
    return tuple(found)


def _signature(sign: str, part: str) -> list[Problem]:
    """A prefix is one signature in 【】 and nothing else; a suffix may be one too, or plain words. Either may be absent."""
    found = list(forbidden(sign, part, brackets=False))
    bracketed = SIGNATURE_BRACKETS.intersection(sign)
    if not bracketed and (part == "suffix" or not sign):
        return found
    inside = sign[1:-1]
    if not (sign[0] == "【" and sign[-1] == "】" and inside.strip() and not SIGNATURE_BRACKETS.intersection(inside)):
        found.append(describe(part, part, en=repr(sign), zh=repr(sign)))
    return found


def _join(prefix: str, body: str, suffix: str, exercise: bool) -> str:
    begin, end = (EXERCISE_BEGIN, EXERCISE_END) if exercise else ("", "")
    return f"{prefix}{begin}{body}{end}{suffix}"
