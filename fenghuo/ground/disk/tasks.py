"""The worker's part: the reserve is laid again when there is room, and trouble that has passed is no longer shown."""

from fenghuo.ground.disk import actions


def tick() -> None:
    """A few looks at the file system."""
    actions.lay_reserve()
    actions.look_again()
