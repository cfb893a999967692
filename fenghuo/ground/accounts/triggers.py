"""An administrator or auditor holds no other post: refused by the database itself, whoever writes (FAULTS §4).

Rows of one person contradict each other here, which no CHECK can see; hence a trigger. Run by a migration and by tests.
"""

from fenghuo.ground.accounts.rights import ALONE
from fenghuo.ground.triggers import Triggers

TABLE = "ground_posting"
MESSAGE = "an administrator or auditor holds no other post"

_ALONE = ", ".join(f"'{post}'" for post in ALONE)
_CLASH = (
    f"SELECT 1 FROM {TABLE} other WHERE other.person_id = NEW.person_id AND other.until IS NULL AND other.id <> NEW.id"
    f" AND other.post <> NEW.post AND (other.post IN ({_ALONE}) OR NEW.post IN ({_ALONE}))"
)
_SQLITE = {
    f"posting_alone_{event}": f"BEFORE {event.upper()} ON {TABLE} WHEN NEW.until IS NULL AND EXISTS ({_CLASH})"
    f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    for event in ("insert", "update")
}
# Two transactions that give one person two posts do not see each other's row; the lock on the person makes them stand in line.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION fenghuo_posting_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.until IS NULL THEN
    PERFORM 1 FROM ground_person WHERE id = NEW.person_id FOR UPDATE;
    IF EXISTS ({_CLASH}) THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END IF;
  END IF;
  RETURN NEW;
END $$
"""
_POSTGRESQL = {
    "posting_alone": f"BEFORE INSERT OR UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION fenghuo_posting_alone()"
}


TRIGGERS = Triggers(TABLE, _SQLITE, _POSTGRESQL, _POSTGRESQL_FUNCTION)
install, remove = TRIGGERS.install, TRIGGERS.remove
