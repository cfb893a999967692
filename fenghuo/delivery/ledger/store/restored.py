"""A ledger that came back from a backup."""

from fenghuo.delivery.ledger.database import run as _run


def fence_all() -> int:
    """Every lease ends and every fence rises: whoever held one then may write nothing more. How many accounts there are."""
    return _run(
        "UPDATE delivery_account SET fence = fence + 1, holder = '', lease_until = 0, state = 'down', in_flight = 0"
    )
