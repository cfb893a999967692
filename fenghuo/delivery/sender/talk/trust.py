"""What a gateway is believed after what its last connections have shown, and how long is waited before the next.

A login proves nothing: a gateway may answer it and nothing else. Whoever did so is asked for a heartbeat first, and then for a
single number; it counts as well, and gets its window, when it has answered.
"""

import random
from dataclasses import dataclass, field

from fenghuo.delivery.sender.talk.brake import Brake


@dataclass
class Trust:
    """One account's, from one connection to the next."""

    doubted: bool = False  # the last connection ended without an answer to anything but the login
    mute: bool = False  # and submits were among what it left unanswered
    beats: bool = False  # it has answered a heartbeat before: one that does not come means something
    failures: int = 0  # connections in a row that came to nothing
    brake: Brake = field(default_factory=lambda: Brake(""))

    def ended(self, *, proved: bool, mute: bool, well: bool) -> None:
        """A connection is over. `proved`: more than the login was answered; `well`: it did some good, or stood for long."""
        if well:
            self.failures = 0
        self.failures += 1
        self.mute = mute
        self.doubted = mute or not proved

    def pause(self, backoff: tuple[float, ...]) -> float:
        """Seconds until the next attempt: longer each time. Jitter keeps many senders apart."""
        longest = backoff[min(max(self.failures, 1), len(backoff)) - 1]
        return longest * random.uniform(0.5, 1.0)
