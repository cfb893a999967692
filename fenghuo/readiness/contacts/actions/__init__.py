"""Every write of contacts.

The journal keeps ids and counts, never names or numbers: personal data must be destroyable (law art. 85).
"""

from fenghuo.readiness.contacts.actions.exports import (
    agree_export,
    ask_export,
    decline_export,
    fetch_export,
    may_agree,
    may_ask,
)
from fenghuo.readiness.contacts.actions.exports import digest as export_digest
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
from fenghuo.readiness.contacts.actions.show import may_show, show_numbers
from fenghuo.readiness.contacts.actions.upkeep import check_contact, check_group, may_check, set_owner

__all__ = [
    "Report",
    "RowError",
    "add_contact",
    "add_members",
    "add_rule",
    "advance",
    "agree_export",
    "ask_export",
    "begin_import",
    "check_contact",
    "check_group",
    "create_group",
    "decline_export",
    "drop_import",
    "edit_contact",
    "export_digest",
    "fetch_export",
    "finish",
    "forget_imports",
    "import_csv",
    "import_file",
    "load_many",
    "map_columns",
    "may_agree",
    "may_ask",
    "may_check",
    "may_show",
    "remove_contact",
    "remove_group",
    "remove_members",
    "remove_rule",
    "rename_group",
    "report",
    "set_owner",
    "show_numbers",
    "start_import",
    "undo_import",
]
