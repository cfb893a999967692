"""What time it is for an account: wall time, carried on by the clock that nobody sets, and what becomes of it when it is set.

A step of the wall clock is a mistake or its repair, and nobody can tell at once. So it is told to people and waits: until it has
lasted, time goes on as before. Then stamps follow it. No wait is ever shortened by it, and no alert is given more time.
"""

from typing import Any

import numpy as np
import structlog

from fenghuo.ground import clock

STEP = 2.0  # seconds: less is the clock being kept right, and is followed gently
log = structlog.get_logger(__name__)


class Wall:
    """See the module. `lasts`: for how many seconds a step must have stood before it is believed."""

    def __init__(self, lasts: float) -> None:
        self.adopted = 0  # steps believed so far
        self.step = 0.0  # seconds of a step that is not believed yet; 0.0 for none
        self._lasts = lasts
        self._offset = _offset()
        self._looked_at = clock.elapsed()
        self._since = 0.0
        self._anew = self.now()  # where a wait begins whose beginning lies in the future
        self._ahead: list[tuple[int, float]] = []  # steps forward: when, by the time before it, and by how much

    def now_ms(self) -> int:
        """Milliseconds since 1970; it never goes back but by a step that was believed."""
        return round((self._offset + clock.elapsed()) * 1000)

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._offset + clock.elapsed())

    def look(self) -> bool:
        """Look whether the clock was set; True when a step has just been believed."""
        at, found = clock.elapsed(), _offset()
        since_last, self._looked_at = at - self._looked_at, at
        apart = found - self._offset
        if abs(apart) < STEP:
            self.step = 0.0
            self._offset += max(apart, -since_last / 2)  # kept right: time only slows down, it never goes back
            return False
        if abs(apart - self.step) >= STEP:
            self.step, self._since = apart, at
            log.critical("clock_stepped", seconds=round(apart, 1), believed_after=self._lasts)
            return False
        if at - self._since < self._lasts:
            return False
        self._believe(found)
        return True

    def _believe(self, found: float) -> None:
        if found > self._offset:
            self._ahead.append((self.now(), found - self._offset))
        log.critical("clock_step_believed", seconds=round(found - self._offset, 1))
        self._offset, self.step = found, 0.0
        self.adopted += 1
        self._anew = self.now()

    def waited(self, since: Any) -> Any:
        """Seconds since these moments, steps forward not counted; one that has yet to come begins anew."""
        now = self.now()
        waited = now - np.where(since > now, self._anew, since)
        for before, seconds in self._ahead:
            waited = waited - np.where(since <= before, round(seconds), 0)
        return waited

    def until(self, at_ms: int) -> float:
        """When this moment comes, by the clock that nobody sets, as the wall clock stands now."""
        return clock.elapsed() + at_ms / 1000 - clock.now().timestamp()


def _offset() -> float:
    return clock.now().timestamp() - clock.elapsed()
