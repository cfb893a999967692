"""The worker's wake-up: what ships with this program is in the tables."""

from functools import cache

from fenghuo.warning.templates import actions


def tick() -> None:
    """Once per process: files change only with the program."""
    _shipped()


@cache
def _shipped() -> int:
    return actions.ship()
