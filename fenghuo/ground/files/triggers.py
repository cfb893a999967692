"""The database itself refuses to change or forget an attachment: it may be the proof of an approval."""

from fenghuo.ground.triggers import append_only

TABLE = "ground_attachment"
MESSAGE = "an attachment is never changed"

TRIGGERS = append_only(table=TABLE, name="attachment", unique=("id", "place"), message=MESSAGE)
install, remove = TRIGGERS.install, TRIGGERS.remove
