"""How long an account waits, whatever it speaks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timers:
    """Seconds: link test after `idle`, every answer due within `answer`, `tries` in all."""

    idle: float = 30.0
    answer: float = 60.0
    tries: int = 3
