"""How an account's session is, as the desk is told: bound, connecting, refused, throttled, silent, paused or down."""

from dataclasses import dataclass

THROTTLED_FOR = 12.0  # seconds: longer than the longest pause after a throttling


@dataclass
class Health:
    """`state` of the connection itself; `shown` adds what only time and the pace know."""

    state: str = "down"
    error: str = ""
    since_ms: int = 0
    heard_ms: int = 0
    told: tuple[str, str] = ("", "")

    def becomes(self, state: str, error: str, now_ms: int) -> None:
        """The connection's state changed, or did not."""
        if (state, error) != (self.state, self.error):
            self.state, self.error, self.since_ms = state, error, now_ms


def shown(state: str, *, paused: bool, away: bool, unheard: float, silent: float, throttled_ago: float | None) -> str:
    """What the desk shows. Durations in seconds; `throttled_ago` None: never; `away`: nothing was taken for too long."""
    if state != "bound":
        return state
    if unheard > silent:
        return "silent"
    if paused:
        return "paused"
    if throttled_ago is not None and throttled_ago < THROTTLED_FOR:
        return "throttled"  # however long: it answers
    return "silent" if away else "bound"
