"""The last hour as bars, drawn by the server: plain SVG with the site's own classes, no script and no inline style."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 600, 90, 2


@dataclass(frozen=True)
class Bar:
    """One minute: where it stands, how high it is, and what it says."""

    x: int
    y: int
    width: int
    height: int
    messages: int


@dataclass(frozen=True)
class Chart:
    """Bars from the oldest minute to now; `most` is the height of the highest in messages, `contract` what a minute may hold."""

    bars: tuple[Bar, ...]
    most: int
    contract: int
    width: int = WIDTH
    height: int = HEIGHT


def chart(minutes: Sequence[int], rate: int) -> Chart:
    """The hour that `minutes` tell of."""
    most = max(minutes, default=0)
    step = WIDTH // max(1, len(minutes))
    bars = []
    for number, messages in enumerate(minutes):
        if messages:
            high = max(2, round(messages * HEIGHT / most))
            bars.append(Bar(number * step, HEIGHT - high, step - GAP, high, messages))
    return Chart(tuple(bars), most, rate * 60)
