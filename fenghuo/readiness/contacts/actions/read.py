"""A whole list in one call: read, previewed and applied in this process."""

from typing import IO

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import headings, states
from fenghuo.readiness.contacts.actions import apply, imports
from fenghuo.readiness.contacts.actions.load import Report
from fenghuo.readiness.contacts.models import ContactImport
from fenghuo.readiness.contacts.packed import unpack


def import_file(
    *, organisation: Organisation, name: str, data: bytes, sheet: str = "", apply: bool = True, by: Account | None
) -> tuple[ContactImport, Report]:
    """Keep the people of an XLSX or CSV; each wrong row is reported with field and reason, the others are kept.

    Without `apply` only the preview is made. Raises Refused when the file itself, or which column is which, is not understood.
    """
    parent = imports.begin_import(organisation=organisation, name=name, data=data, sheet=sheet, by=by)
    imports.finish(parent=parent)
    if parent.state == states.FAILED and parent.reason:
        raise Refused(field="file", kept="nothing", **parent.reason)
    if parent.state == states.READ:
        imports.drop_import(parent=parent, by=by)
        raise _columns(parent)
    if apply:
        imports.start_import(parent=parent, by=by)
        imports.finish(parent=parent)
    return parent, report(parent)


def import_csv(*, organisation: Organisation, file: IO[bytes] | IO[str], by: Account | None) -> Report:
    """As `import_file`, from an open file."""
    content = file.read()
    data = content if isinstance(content, bytes) else content.encode()
    return import_file(organisation=organisation, name="CSV", data=data, by=by)[1]


def report(parent: ContactImport) -> Report:
    """What became of each row: added and updated once it is applied, refused in any case."""
    done = apply.totals(parent)
    found = Report(rows=parent.total, added=done["added"], updated=done["updated"])
    for part in parent.parts.iterator(chunk_size=4):
        entries = [one for one in unpack(part.rows) if one["k"] == "refused"]
        entries += unpack(part.left) if part.applied and not part.undone else []
        for entry in sorted(entries, key=lambda one: (one["s"], one["r"])):
            for field, _column, code, reason, params in entry["e"][:1]:
                found.refuse(entry["r"], Refused(code, reason, field=field, params=params))
    return found


def _columns(parent: ContactImport) -> Refused:
    missing = {field for sheet in parent.sheets for field in sheet["missing"]}
    return Refused(
        "contacts_columns",
        _("The file lacks the columns %(columns)s."),
        field="file",
        params={"columns": "、".join(headings.FIELDS[one][0] for one in headings.REQUIRED if one in missing)},
    )
