"""Templates for machines: what may be used, a new wording, and the decisions on it. `id` is always a version's."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from pydantic import Field

from fenghuo.api import schemas
from fenghuo.api.auth import caller, home
from fenghuo.api.once import Key, once
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused
from fenghuo.warning.templates import actions, queries, rules, values
from fenghuo.warning.templates.models import TemplateVersion

router = Router(tags=["templates"])
ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
Kind = Literal["warning", "notice", "meeting", "tip", "handling"]
State = Literal["draft", "proposed", "approved", "retired"]


class BlankOut(Schema):
    """A blank of a template: its name is its label."""

    name: str
    kind: Literal["place", "period", "moment", "number", "phone", "text"]


class TemplateOut(Schema):
    """One version of a template. `shipped` ones belong to nobody until a person adopts them."""

    id: str
    key: str
    name: str
    shipped: bool
    kind: Kind
    category: str
    event: str
    level: int | None
    relation: str
    life_safety: bool
    note: str
    number: int
    state: State
    headline: str
    body: str
    caution: str
    measures: str
    correction: str
    hours: int
    blanks: list[BlankOut]
    author: str | None
    approver: str | None
    at: datetime
    reason: str
    end_reason: str


class TemplateList(Schema):
    """Templates, by class, event and level."""

    total: int
    items: list[TemplateOut]


class WordsIn(schemas.Given):
    """The words of a version; a blank is written {时间}."""

    headline: Annotated[str, Field(max_length=120)]
    body: Annotated[str, Field(max_length=2000)]
    caution: Annotated[str, Field(max_length=2000)] = ""
    measures: Annotated[str, Field(max_length=2000)] = ""
    correction: Annotated[str, Field(max_length=2000)] = ""
    hours: Annotated[int, Field(ge=1, le=720)]
    reason: Annotated[str, Field(max_length=300)] = ""


class PurposeIn(schemas.Given):
    """What a new template is for."""

    name: Annotated[str, Field(max_length=60)]
    kind: Kind
    event: Annotated[str, Field(max_length=5)] = ""
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    relation: Literal["", "update", "raise", "lower", "lift"] = ""
    life_safety: bool = False
    note: Annotated[str, Field(max_length=300)] = ""


class TemplateIn(schemas.Given):
    """Words for a new template (`purpose`), or for a further version of one (`based_on`: a version's id): one of the two."""

    purpose: PurposeIn | None = None
    based_on: Annotated[str, Field(max_length=40)] | None = None
    words: WordsIn


class EndIn(schemas.Given):
    """Why a version is declined, withdrawn or taken out of use."""

    reason: Annotated[str, Field(min_length=1, max_length=300)]


def _version(request: HttpRequest, id: str) -> TemplateVersion:
    if not ULID.fullmatch(id):
        raise Refused("template_unknown", _("There is no such template."), kind="missing")
    return queries.version(home(request), id)


def _shown(one: TemplateVersion) -> TemplateOut:
    template = one.template
    purpose: dict[str, Any] = {
        name: getattr(template, name)
        for name in ("key", "name", "kind", "category", "event", "level", "relation", "life_safety", "note")
    }
    own = (
        "number",
        "state",
        "headline",
        "body",
        "caution",
        "measures",
        "correction",
        "hours",
        "at",
        "reason",
        "end_reason",
    )
    return TemplateOut(
        id=one.pk,
        shipped=template.organisation_id is None,
        author=one.author_person.name if one.author_person else None,
        approver=one.approver_person.name if one.approver_person else None,
        blanks=[
            BlankOut(name=blank.name, kind=blank.kind)
            for blank in values.blanks(*(getattr(one, name) for name in TemplateVersion.WORDS))
        ],
        **purpose,
        **{name: getattr(one, name) for name in own},
    )


@router.get("", response=TemplateList, operation_id="templates", summary="模板列表 Templates")
def listing(
    request: HttpRequest,
    kind: Kind | None = None,
    event: schemas.Code = "",
    level: int | None = Query(None, ge=1, le=4),
    state: State = "approved",
    text: str = Query("", max_length=100, pattern=schemas.TEXT),
) -> TemplateList:
    """What may be used now (`state=approved`: own and shipped), or one's own in another state."""
    rights.require(account=caller(request), act="alerts_read")
    found = queries.listing(home(request), kind=kind or "", event=event, level=level, state=state, text=text)
    return TemplateList(total=len(found), items=[_shown(one) for one in found])


@router.get("/{id}", response=TemplateOut, operation_id="template", summary="查看模板 One version")
def read(request: HttpRequest, id: str) -> TemplateOut:
    """Also one that is retired."""
    found = _version(request, id)
    rights.require(account=caller(request), act="alerts_read")
    return _shown(found)


@router.post("", response=TemplateOut, operation_id="template_write", summary="编写模板 Write a version")
@once(together=True)
def write(request: HttpRequest, body: TemplateIn, key: str = Key) -> TemplateOut:
    """A draft; `propose` asks for approval. From a shipped version it becomes the organisation's own."""
    if (body.purpose is None) == (body.based_on is None):
        raise Refused("purpose", _("Give either purpose, for a new template, or based_on."), field="purpose")
    words = rules.read_wording(body.words.model_dump())
    if body.purpose is not None:
        purpose = rules.read_purpose(body.purpose.model_dump())
        return _shown(actions.create(purpose=purpose, words=words, by=caller(request)))
    return _shown(actions.revise(version=_version(request, body.based_on or ""), words=words, by=caller(request)))


@router.post("/{id}/propose", response=TemplateOut, operation_id="template_propose", summary="提请批准 Propose")
@once()
def propose(request: HttpRequest, id: str, key: str = Key) -> TemplateOut:
    """Asks for the approval of a leader or signer who has not written it."""
    return _shown(actions.propose(version=_version(request, id), by=caller(request)))


@router.post(
    "/{id}/approve", response=TemplateOut, operation_id="template_approve", summary="批准模板 Approve or adopt"
)
@once()
def approve(request: HttpRequest, id: str, key: str = Key) -> TemplateOut:
    """Puts a proposed version into use. A shipped one is adopted: the answer is the organisation's own copy, with its own id."""
    version = _version(request, id)
    act = actions.adopt if version.template.organisation_id is None else actions.approve
    return _shown(act(version=version, by=caller(request)))


@router.post("/{id}/retire", response=TemplateOut, operation_id="template_retire", summary="停用模板 Take out of use")
@once()
def retire(request: HttpRequest, id: str, body: EndIn, key: str = Key) -> TemplateOut:
    """Also declines a proposal or withdraws a draft."""
    return _shown(actions.retire(version=_version(request, id), reason=body.reason, by=caller(request)))
