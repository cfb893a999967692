"""Every write of contacts.

The journal keeps ids and counts, never names or numbers: personal data must be destroyable (law art. 85).
"""

from fenghuo.readiness.contacts.actions.groups import (
    add_members,
    add_rule,
    create_group,
    remove_group,
    remove_members,
    remove_rule,
    rename_group,
)
from fenghuo.readiness.contacts.actions.imports import (
    advance,
    begin_import,
    drop_import,
    finish,
    forget_imports,
    map_columns,
    start_import,
    undo_import,
)
from fenghuo.readiness.contacts.actions.load import Report, RowError, load_many
from fenghuo.readiness.contacts.actions.people import add_contact, edit_contact, remove_contact
from fenghuo.readiness.contacts.actions.read import import_csv, import_file, report

__all__ = [
    "Report",
    "RowError",
    "add_contact",
    "add_members",
    "add_rule",
    "advance",
    "begin_import",
    "create_group",
    "drop_import",
    "edit_contact",
    "finish",
    "forget_imports",
    "import_csv",
    "import_file",
    "load_many",
    "map_columns",
    "remove_contact",
    "remove_group",
    "remove_members",
    "remove_rule",
    "rename_group",
    "report",
    "start_import",
    "undo_import",
]
