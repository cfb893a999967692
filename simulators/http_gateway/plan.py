"""What the simulated HTTP gateway does to those who post to it: contract, delays and faults, all from one seed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from zlib import crc32

Span = tuple[float, float]
DELIVERED = "DELIVRD"


@dataclass(frozen=True, slots=True)
class Plan:
    """Positions such as `drop_before` count posted requests from 1 over the gateway's whole life; each acts once.

    Ratios are 0–1 and are decided by seed and number, so a run can be repeated. Delays are seconds, lowest and highest.
    """

    seed: int = 1
    account: str = "900001"
    secret: str = "exercise"
    path: str = "/messages"
    check: str = "/status"
    rate: int = 0  # numbers per second (0: unlimited); beyond it 429
    burst: float = 1.0
    most: int = 1000  # numbers in one request
    country_code: str = ""  # stands before each number
    # Answers
    response_delay: Span = (0.0, 0.0)
    one_id: bool = False  # one id for the request, not one for each number
    close: bool = False  # ends the connection after each answer
    keep_alive: float = 60.0  # seconds after which an unused connection is ended
    statuses: Mapping[int, int] = field(default_factory=dict)  # position → HTTP status; nothing is taken
    check_statuses: tuple[int, ...] = ()  # HTTP statuses of the first answers at `check`
    retry_after: int = 0  # seconds that a refusal with 429 or 503 asks for; 0: it does not say
    retry_date: bool = False  # and says so as a moment, which is whole seconds
    codes: Mapping[int, str] = field(default_factory=dict)  # position → result code; nothing is taken
    bad_numbers: frozenset[str] = frozenset()  # one of them refuses its whole request with 422
    drop_before: frozenset[int] = frozenset()  # ends the connection, nothing taken
    drop_after: frozenset[int] = frozenset()  # takes it, and ends the connection without an answer
    mute_at: frozenset[int] = frozenset()  # takes it and never answers
    half_at: frozenset[int] = frozenset()  # takes it and sends half of the answer
    wrong_count_at: frozenset[int] = frozenset()  # takes it and leaves out an id
    huge_at: frozenset[int] = frozenset()  # takes it and answers two megabytes
    malformed_at: frozenset[int] = frozenset()  # takes it and answers what is not JSON
    garbage_at: frozenset[int] = frozenset()  # takes it and answers what is not HTTP
    failed_at: frozenset[int] = frozenset()  # takes it and answers 500
    # Receipts
    callback: str = ""  # http://host:port/path to which receipts go; empty: none
    callback_secret: str = ""  # empty: the account's
    report_delay: Span = (0.0, 0.0)
    failing: Mapping[str, str] = field(default_factory=dict)  # number → status word
    failing_ratio: Mapping[str, float] = field(default_factory=dict)  # status word → share of numbers
    lose_reports: float = 0.0
    duplicate_reports: float = 0.0

    @classmethod
    def of(cls, settings: Mapping[str, Any], base: "Plan | None" = None) -> "Plan":
        """A plan from JSON-like values over `base`; ValueError names a setting that does not exist or has a wrong type."""
        known = {item.name for item in fields(cls)}
        unknown = set(settings) - known
        if unknown:
            names, there = ", ".join(sorted(unknown)), ", ".join(sorted(known))
            raise ValueError(f"没有这个设置 / no such setting: {names}（可用 there are: {there}）")
        base = base or cls()
        return replace(base, **{name: _like(name, value, getattr(base, name)) for name, value in settings.items()})

    @classmethod
    def load(cls, text: str) -> "Plan":
        """A plan from a JSON object."""
        settings = json.loads(text)
        if not isinstance(settings, dict):
            raise ValueError("应为 JSON 对象 / a plan is a JSON object")
        return cls.of(settings)

    def drawn(self, kind: str, number: str, ratio: float) -> bool:
        """Whether something that hits that share of all hits this number."""
        return crc32(f"{self.seed}:{kind}:{number}".encode()) / 2**32 < ratio

    def fate(self, number: str) -> str:
        """The final status word of a number; the same number always fares alike. Empty where its receipt is lost."""
        if self.drawn("lose", number, self.lose_reports):
            return ""
        if number in self.failing:
            return self.failing[number]
        drawn, share = crc32(f"{self.seed}:fail:{number}".encode()) / 2**32, 0.0
        for word, ratio in self.failing_ratio.items():
            share += ratio
            if drawn < share:
                return word
        return DELIVERED


def _like(name: str, value: Any, model: Any) -> Any:
    """`value` in the type of the setting's present value."""
    try:
        if name in ("response_delay", "report_delay"):
            low, high = (value, value) if isinstance(value, int | float) else value
            return (float(low), float(high))
        if name in ("statuses", "codes"):
            kind = int if name == "statuses" else str
            return {int(position): kind(one) for position, one in dict(value).items()}
        if isinstance(model, tuple):
            return tuple(int(one) for one in value)
        if isinstance(model, frozenset):
            return frozenset(value)
        if isinstance(model, Mapping):
            return dict(value)
        return type(model)(value)
    except (TypeError, ValueError) as wrong:
        raise ValueError(f"{name}：值不对 / is not such a value: {wrong}") from wrong
