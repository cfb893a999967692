"""Every goal of the performance plan as a row: what is asked, which measurement answers it, and whether it was reached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Raw = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """`ask` is reached by `value >= ask`, or where `most` is true by `value <= ask`. `read` finds the value in a run, or None."""

    name: str
    says: str
    ask: float
    unit: str
    read: Callable[[Raw], float | None]
    most: bool = False

    def reached(self, value: float) -> bool:
        """Whether a measured value is good enough."""
        return value <= self.ask if self.most else value >= self.ask

    def share(self, value: float) -> float:
        """How far beyond the ask: 1 just reaches it, more is better whichever way the goal points."""
        if self.most:
            return min(100.0, self.ask / value) if value else 100.0 if self.ask else 1.0
        return value / self.ask


def at(*path: str) -> Callable[[Raw], float | None]:
    """Reads a value by its path; None where this run did not measure it."""

    def read(raw: Raw) -> float | None:
        found: Any = raw
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        return None if found is None else float(found)

    return read


def worst(*reads: Callable[[Raw], float | None]) -> Callable[[Raw], float | None]:
    """The largest of several, None where none was measured."""

    def read(raw: Raw) -> float | None:
        return max((value for one in reads if (value := one(raw)) is not None), default=None)

    return read


def growth(fewer: str, more: str) -> Callable[[Raw], float | None]:
    """How much longer a recipient takes among `more` than among `fewer`."""

    def read(raw: Raw) -> float | None:
        few, many = (at("growth", one, "us_per_recipient")(raw) for one in (fewer, more))
        return None if few is None or many is None else round(many / few, 3)

    return read


FAN, CASES = ("fan_out",), ("fan_out", "cases")
GOALS = (
    Goal(
        "cmpp_multi",
        "CMPP, 99 destinations to a submit, durable, all receipts: share of the bare loop",
        0.6,
        "×",
        at(*FAN, "ratio_to_bare_loop", "cmpp_multi"),
    ),
    Goal(
        "cmpp_single",
        "CMPP, one destination, window 100: share of the bare loop",
        0.5,
        "×",
        at(*FAN, "ratio_to_bare_loop", "cmpp_single"),
    ),
    Goal(
        "smpp_single",
        "SMPP, one destination, window 100: share of the bare loop",
        0.5,
        "×",
        at(*FAN, "ratio_to_bare_loop", "smpp_single"),
    ),
    Goal(
        "kannel_receipts",
        "SMPP, one destination: times kannel with receipts",
        30,
        "×",
        at(*FAN, "ratio_to", "kannel_receipts"),
    ),
    Goal(
        "kannel_best",
        "SMPP, one destination: times kannel's best case, without receipts",
        4,
        "×",
        at(*FAN, "ratio_to", "kannel_best"),
    ),
    Goal(
        "per_recipient_task",
        "times a task and an UPDATE per recipient",
        300,
        "×",
        at(*FAN, "ratio_to", "per_recipient_task"),
    ),
    Goal(
        "receipts_1m",
        "receipts in random order, durable, a million",
        1_000_000,
        "/s",
        at("receipts", "1000000", "receipts_per_s"),
    ),
    Goal("receipts_10m", "the same, ten million", 500_000, "/s", at("receipts", "10000000", "receipts_per_s")),
    Goal(
        "bytes",
        "bytes on disk per recipient, receipts included (the worst of all cases)",
        24,
        "B",
        worst(
            *(at(*CASES, name, "bytes_per_recipient") for name in ("cmpp_multi", "cmpp_single", "smpp_single")),
            at("receipts", "1000000", "bytes_per_recipient"),
            at("receipts", "10000000", "bytes_per_recipient"),
        ),
        True,
    ),
    Goal(
        "first_pdu",
        "from the order to the first submit at the gateway, a million recipients",
        500,
        "ms",
        at("growth", "1000000", "order_to_first_pdu_ms"),
        True,
    ),
    Goal(
        "rehearsal_first_pdu",
        "from pressing sign-off to the first submit, through all processes",
        500,
        "ms",
        at("rehearsal", "sign_to_first_pdu_ms"),
        True,
    ),
    Goal(
        "utilisation",
        "capped account, 100 to 3,000 a second: share of its rate used",
        0.99,
        "×",
        at("line_rate", "utilisation"),
    ),
    Goal(
        "seconds_over", "capped account: seconds with more than its rate", 0, "", at("line_rate", "seconds_over"), True
    ),
    Goal("growth_1m", "time per recipient at 1,000,000, of that at 10,000", 1.5, "×", growth("10000", "1000000"), True),
    Goal(
        "growth_10m",
        "time per recipient at 10,000,000, of that at 1,000,000",
        1.5,
        "×",
        growth("1000000", "10000000"),
        True,
    ),
    Goal(
        "memory_1m",
        "memory of the sender, a million recipients",
        200,
        "MB",
        at("growth", "1000000", "peak_rss_mb"),
        True,
    ),
    Goal(
        "memory_10m",
        "memory of the sender, ten million recipients",
        600,
        "MB",
        at("growth", "10000000", "peak_rss_mb"),
        True,
    ),
    Goal(
        "pages",
        "desk, compose and recipients with a million contacts: 95 in 100 requests",
        150,
        "ms",
        at("pages", "p95_ms"),
        True,
    ),
)
