"""What came in, what was reached and what was decided."""

from collections.abc import Sequence

from fenghuo.delivery.ledger.database import marks as _marks
from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run
from fenghuo.delivery.ledger.database import run_many as _run_many
from fenghuo.delivery.ledger.values import Heard


def insert_inbound(rows: Sequence[Heard]) -> None:
    """One met before is passed over."""
    _run_many(
        "INSERT INTO delivery_inbound (kind, account, at, message_id, address, text, destination, part) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        rows,
    )


def insert_milestone(number: int, name: str, at: int, counts: str) -> None:
    """Once per broadcast and name."""
    _run(
        "INSERT INTO delivery_milestone (broadcast_id, name, at, counts) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (number, name, at, counts),
    )


def milestone_names(number: int) -> set[str]:
    """The milestones a broadcast has passed."""
    return {row[0] for row in _rows("SELECT name FROM delivery_milestone WHERE broadcast_id = %s", (number,))}


def forget_decisions(ids: Sequence[int]) -> None:
    """They are on the tape."""
    if ids:
        _run(f"DELETE FROM delivery_decision WHERE id IN ({_marks(ids)})", ids)
