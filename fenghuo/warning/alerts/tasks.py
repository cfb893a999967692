"""The worker's wake-up: everything unfinished, found again from the rows each time."""

from fenghuo.warning.alerts import actions


def tick() -> None:
    """Journal what the sender reached, take in what phones wrote and answer it, keep the clocks of urgent releases, forget
    audiences nobody named. Called every second; costs a few small reads when idle."""
    actions.record_milestones()
    actions.take_replies()
    actions.answer_replies()
    actions.keep_clocks()
    actions.publish_waiting()
    actions.sweep_orphans()
