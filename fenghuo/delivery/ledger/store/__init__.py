"""All SQL of the delivery floor.

Everything here runs on the alias `ledger`, except `orders_after`, which reads `default`. Times are milliseconds since 1970 UTC.
The functions that write must be called inside `writing()`.
"""

from fenghuo.delivery.ledger.database import writing
from fenghuo.delivery.ledger.store.blocks import (
    block_columns,
    block_hashes,
    block_index,
    delete_broadcasts,
    insert_blocks,
    load_blocks,
    some_blocks,
)
from fenghuo.delivery.ledger.store.heard import forget_decisions, insert_inbound, insert_milestone, milestone_names
from fenghuo.delivery.ledger.store.leases import (
    drop_lease,
    health,
    holder_of,
    holders,
    keep_lease,
    report_health,
    report_use,
    take_lease,
)
from fenghuo.delivery.ledger.store.orders import (
    Control,
    StoredOrder,
    control,
    lock_control,
    one_at_a_time,
    orders_after,
    set_control,
)
from fenghuo.delivery.ledger.store.strays import adopt_blocks, strays
from fenghuo.delivery.ledger.store.tallies import accounts_of, has_tally, move_tally, moving, tallies
from fenghuo.delivery.ledger.store.tape import (
    append,
    cut_tape,
    last_append,
    submissions,
    tape,
    write_outcomes,
    write_submissions,
)
from fenghuo.delivery.ledger.store.usage import (
    add_usage,
    backlog,
    first_minute,
    forget_usage,
    last_link_test,
    link_tests,
    minutes,
    months,
    put_link_test,
    shares,
)
from fenghuo.delivery.ledger.store.words import word_number, words

__all__ = [
    "Control",
    "StoredOrder",
    "accounts_of",
    "add_usage",
    "adopt_blocks",
    "append",
    "backlog",
    "block_columns",
    "block_hashes",
    "block_index",
    "control",
    "cut_tape",
    "delete_broadcasts",
    "drop_lease",
    "first_minute",
    "forget_decisions",
    "forget_usage",
    "has_tally",
    "health",
    "holder_of",
    "holders",
    "insert_blocks",
    "insert_inbound",
    "insert_milestone",
    "keep_lease",
    "last_append",
    "last_link_test",
    "link_tests",
    "load_blocks",
    "lock_control",
    "milestone_names",
    "minutes",
    "months",
    "move_tally",
    "moving",
    "one_at_a_time",
    "orders_after",
    "put_link_test",
    "report_health",
    "report_use",
    "set_control",
    "shares",
    "some_blocks",
    "strays",
    "submissions",
    "take_lease",
    "tallies",
    "tape",
    "word_number",
    "words",
    "write_outcomes",
    "write_submissions",
    "writing",
]
