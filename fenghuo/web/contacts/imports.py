"""Lists of people on their way in: choose a file, look at what it would do, apply it, take it back."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy, gettext_noop, pgettext_lazy

from fenghuo.ground import clock
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries, rules, states
from fenghuo.readiness.contacts.models import ContactImport
from fenghuo.web.contacts import words
from fenghuo.web.contacts.forms import ColumnsForm, UploadForm
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, organisation_of, page_number

SIZE = 50
SHOWN = 30
MOVING = (states.READING, states.RUNNING, states.UNDOING)
TABS = (
    ("new", gettext_lazy("new")),
    ("changed", gettext_lazy("changed")),
    ("same", gettext_lazy("the same")),
    ("refused", pgettext_lazy("of rows", "refused")),
)


def listing(request: HttpRequest) -> HttpResponse:
    """The last imports, and a new file."""
    organisation, account = organisation_of(request), account_of(request)
    rights.require(account=account, act="contacts_edit")
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        try:
            made = actions.begin_import(organisation=organisation, name=file.name or "", data=file.read(), by=account)
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("contact-import", id=made.id)
    shown = [{"one": one, "state": words.IMPORTS[one.state]} for one in queries.imports(organisation)[:SHOWN]]
    context = {"form": form, "imports": shown, "limits": rules.LIMITS, "fields": words.FIELDS}
    return render(request, "contacts/imports.html", context, status=422 if form.errors else 200)


def one(request: HttpRequest, id: str) -> HttpResponse:
    """One import: its columns to name, its preview, its progress, its outcome; `?part` is the moving part alone."""
    account, parent = account_of(request), queries.import_(organisation_of(request), id)
    rights.require(account=account, act="contacts_edit")
    if request.method == "POST":
        return _act(request, parent)
    if "part" in request.GET:
        return _moved(request, parent)
    return _page(request, parent)


def _act(request: HttpRequest, parent: ContactImport) -> HttpResponse:
    account, do = account_of(request), request.POST.get("do", "")
    if do == "map":
        form = ColumnsForm(request.POST, sheets=parent.sheets)
        if not form.is_valid():
            return _page(request, parent, form, status=422)
        actions.map_columns(parent=parent, mapping=form.mapping(), by=account)
    elif do == "apply":
        actions.start_import(parent=parent, by=account)
    elif do == "undo":
        actions.undo_import(parent=parent, by=account)
    elif do == "drop":
        actions.drop_import(parent=parent, by=account)
        messages.success(request, gettext("The file is forgotten; nothing was changed."))
        return redirect("contact-imports")
    else:
        raise Refused("unknown_act", gettext_noop("This page does not know that act."))
    return redirect("contact-import", id=parent.id)


def _moved(request: HttpRequest, parent: ContactImport) -> HttpResponse:
    """What the page asks for every second while something moves; at its end the whole page is fetched anew."""
    answer = render(request, "contacts/_import_progress.html", _progress(parent))
    if parent.state not in MOVING:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _progress(parent: ContactImport) -> dict[str, Any]:
    done = round(100 * parent.progress / parent.total) if parent.total else None
    return {
        "import": parent,
        "state": words.IMPORTS[parent.state],
        "moving": parent.state in MOVING,
        "percent": done,
    }


def _page(
    request: HttpRequest, parent: ContactImport, columns: ColumnsForm | None = None, status: int = 200
) -> HttpResponse:
    counts = queries.counts(parent)
    kind = request.GET.get("kind", "")
    if kind not in queries.KINDS:
        kind = next((name for name in ("refused", "changed", "new") if getattr(counts, name)), "same")
    page = queries.rows(parent, kind, page=page_number(request), size=SIZE)
    names = queries.areas_named(page.rows)
    context: dict[str, Any] = _progress(parent) | {
        "counts": counts,
        "kind": kind,
        "tabs": [{"code": code, "text": text, "count": getattr(counts, code)} for code, text in TABS],
        "rows": [words.row(entry, parent.sheets, names) for entry in page.rows],
        "page": page,
        "pages": page.pages,
        "query": f"kind={kind}&",
        "columns": columns or ColumnsForm(sheets=parent.sheets),
        "left_out": [sheet for sheet in parent.sheets if sheet["hidden"] or (sheet["rows"] and sheet["missing"])],
        "left": [words.left(one) for one in queries.left_alone(parent)] if counts.left else [],
        "forgotten": parent.state in (states.DONE, states.UNDONE) and not page.rows and bool(page.total),
        "undo_until": rules.undo_until(parent.applied_at) if parent.applied_at else None,
        "may_undo": parent.state == states.DONE
        and parent.applied_at is not None
        and clock.now() <= rules.undo_until(parent.applied_at),
        "reason": words.reason(parent),
    }
    return render(request, "contacts/import.html", context, status=status)


def refused_rows(request: HttpRequest, id: str, shape: str) -> HttpResponse:
    """The refused rows as a file, each with its reason, to be corrected and chosen again."""
    parent = queries.import_(organisation_of(request), id)
    rights.require(account=account_of(request), act="contacts_edit")
    if shape not in ("xlsx", "csv"):
        raise Refused("missing", gettext_noop("There is no such thing here."), kind="missing")
    return download(queries.refused_file(parent, shape), f"refused-{parent.id}", shape)


def download(content: bytes, name: str, shape: str) -> HttpResponse:
    """A table as an attachment that no browser opens in our origin."""
    kinds = {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    answer = HttpResponse(content, content_type=kinds[shape])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{shape}"'
    return answer
