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
from fenghuo.readiness.contacts.actions.load import Report, RowError, load_many
from fenghuo.readiness.contacts.actions.people import add_contact, edit_contact, remove_contact
from fenghuo.readiness.contacts.actions.read import import_csv

__all__ = [
    "Report",
    "RowError",
    "add_contact",
    "add_members",
    "add_rule",
    "create_group",
    "edit_contact",
    "import_csv",
    "load_many",
    "remove_contact",
    "remove_group",
    "remove_members",
    "remove_rule",
    "rename_group",
]
