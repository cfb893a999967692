"""The dictionary of status words."""

from fenghuo.delivery.ledger.database import rows as _rows
from fenghuo.delivery.ledger.database import run as _run


def word_number(text: str) -> int:
    """The number of a status word, made when new."""
    _run("INSERT INTO delivery_word (text) VALUES (%s) ON CONFLICT DO NOTHING", (text,))
    return int(_rows("SELECT id FROM delivery_word WHERE text = %s", (text,))[0][0])


def words() -> dict[int, str]:
    """Every status word by number."""
    return {int(number): text for number, text in _rows("SELECT id, text FROM delivery_word")}
