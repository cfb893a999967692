"""The worker's wake-up: everything unfinished, found again from the rows each time."""

from fenghuo.warning.alerts import actions


def tick() -> None:
    """Journal what the sender reached, forget audiences nobody named. Called every second; costs two small reads when idle."""
    actions.record_milestones()
    actions.sweep_orphans()
