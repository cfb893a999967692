"""Lists of people for machines: a file in, a preview, applied or taken back; rows that are refused come with their reasons."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import StringConstraints

from fenghuo.api import errors, schemas
from fenghuo.api.auth import caller, home
from fenghuo.api.once import Key, once
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import ContactImport

router = Router(tags=["contacts"])
Heading = Annotated[str, StringConstraints(max_length=60, pattern=schemas.TEXT)]
State = Literal["reading", "read", "previewed", "running", "done", "undoing", "undone", "failed", "dropped"]


class Sheet(Schema):
    """A sheet of the file: `columns` is where each field was found, `missing` what a person must still name."""

    name: str
    hidden: bool
    rows: int
    headings: list[str]
    columns: dict[str, int]
    missing: list[str]


class RowOut(Schema):
    """A refused row: the reasons of its cells, as of every refusal of the API."""

    sheet: str
    row: int
    errors: list[schemas.ErrorItem]


class ImportOut(Schema):
    """An import. `progress` of `total` rows are read, applied or taken back; `refused_rows` are the first 100."""

    id: str
    state: State
    file_name: str
    sha256: str
    total: int
    progress: int
    new: int
    changed: int
    same: int
    refused: int
    added: int
    updated: int
    left: int
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    reason_zh: str | None
    reason_en: str | None
    sheets: list[Sheet]
    refused_rows: list[RowOut]


class MapIn(schemas.Given):
    """The field ("" for none) by the heading of its column."""

    mapping: dict[Heading, str]


def _import(request: HttpRequest, id: str) -> ContactImport:
    """The caller's organisation's import, for those who keep the contacts; any other is missing."""
    parent = queries.import_(home(request), id if people.is_id(id) else "")
    rights.require(account=caller(request), act="contacts_edit")
    return parent


def _shown(parent: ContactImport) -> ImportOut:
    parent = queries.import_(parent.organisation, parent.id)
    counts = queries.counts(parent)
    reason = Refused(**parent.reason) if parent.reason else None
    plain: dict[str, Any] = {
        name: getattr(parent, name)
        for name in ("id", "state", "file_name", "sha256", "total", "progress", "created_at", "applied_at", "undone_at")
    }
    return ImportOut(
        **plain,
        **vars(counts),
        reason_zh=reason.in_language(errors.CHINESE) if reason else None,
        reason_en=reason.in_language(errors.ENGLISH) if reason else None,
        sheets=[Sheet(**{name: one[name] for name in Sheet.model_fields}) for one in parent.sheets],
        refused_rows=[_row(parent, one) for one in queries.rows(parent, "refused", size=100).rows],
    )


def _row(parent: ContactImport, entry: dict[str, Any]) -> RowOut:
    reasons = [schemas.ErrorItem(**errors.shape(one)) for one in queries.reasons(entry)]
    return RowOut(sheet=parent.sheets[entry["s"]]["name"], row=entry["r"], errors=reasons)


@router.post("", response=ImportOut, operation_id="import_contacts", summary="导入 Read a list of people")
@once()
def begin(
    request: HttpRequest,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    sheet: str = Form("", max_length=100, pattern=schemas.TEXT),
    key: str = Key,
) -> ImportOut:
    """XLSX or CSV. Nothing is changed yet; a large file is read in the background (`state` is `reading` until then)."""
    account = caller(request)
    rights.require(account=account, act="contacts_edit")
    parent = actions.begin_import(
        organisation=home(request), name=file.name or "", data=file.read(), sheet=sheet, by=account
    )
    return _shown(parent)


@router.get("/{id}", response=ImportOut, operation_id="import_read", summary="查看导入 One import")
def read(request: HttpRequest, id: str) -> ImportOut:
    """How far it is and what it would do, or did."""
    return _shown(_import(request, id))


@router.post("/{id}/map", response=ImportOut, operation_id="import_map", summary="指定列 Name the columns")
@once()
def map_columns(request: HttpRequest, id: str, body: MapIn, key: str = Key) -> ImportOut:
    """Which heading is which field; the file is read again."""
    return _shown(actions.map_columns(parent=_import(request, id), mapping=body.mapping, by=caller(request)))


@router.post("/{id}/apply", response=ImportOut, operation_id="import_apply", summary="确认导入 Apply")
@once()
def apply(request: HttpRequest, id: str, key: str = Key) -> ImportOut:
    """Goes on in the background until `state` is `done`."""
    return _shown(actions.start_import(parent=_import(request, id), by=caller(request)))


@router.post("/{id}/undo", response=ImportOut, operation_id="import_undo", summary="撤销导入 Take back")
@once()
def undo(request: HttpRequest, id: str, key: str = Key) -> ImportOut:
    """Within 30 days; what somebody has changed since stays, and is counted in `left`."""
    return _shown(actions.undo_import(parent=_import(request, id), by=caller(request)))


@router.post("/{id}/drop", response=ImportOut, operation_id="import_drop", summary="放弃导入 Forget the file")
@once()
def drop(request: HttpRequest, id: str, key: str = Key) -> ImportOut:
    """Of a file that was not applied."""
    return _shown(actions.drop_import(parent=_import(request, id), by=caller(request)))


@router.get("/{id}/rows", response=list[RowOut], operation_id="import_rows", summary="有误的行 Refused rows")
def refused_rows(
    request: HttpRequest, id: str, page: int = Query(1, ge=1, le=100_000), size: int = Query(100, ge=1, le=500)
) -> list[RowOut]:
    """In the order of the file."""
    parent = _import(request, id)
    return [_row(parent, one) for one in queries.rows(parent, "refused", page=page, size=size).rows]
