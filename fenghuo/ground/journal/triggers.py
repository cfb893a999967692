"""The database itself refuses to change or forget what the journal holds (fault X17). Run by migration 0002 and by tests."""

from fenghuo.ground.triggers import append_only

TABLE = "ground_journalentry"

TRIGGERS = append_only(
    table=TABLE, name="journal", unique=("seq", "hash", "once"), message="the journal is append-only"
)
HEADS = append_only(
    table="ground_signedhead", name="signed_head", unique=("seq",), message="a signed head of the journal stays"
)
install, remove = TRIGGERS.install, TRIGGERS.remove
