"""What a template must be, and who may do what to a version and why not."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeVar

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused, RefusedMany, Said, refusals
from fenghuo.warning.templates import states
from fenghuo.warning.templates.models import TemplateVersion
from fenghuo.warning.templates.values import stray_brace
from fenghuo.wire import text
from fenghuo.wire.cap import events

STATES = {
    "draft": Said("草稿", "draft"),
    "proposed": Said("待批准", "proposed"),
    "approved": Said("使用中", "in use"),
    "retired": Said("已停用", "retired"),
}
ACTS = {
    "propose": "template_write",
    "approve": "template_approve",
    "retire": "template_approve",
    "adopt": "template_approve",
}
SEVERAL_LINES = ("caution", "measures")
NO_LIMIT = 100_000


def _storable(value: str) -> str:
    if "\x00" in value or any("\ud800" <= one <= "\udfff" for one in value):
        raise PydanticCustomError("not_text", "it contains something that is not text")
    return value.replace("\r\n", "\n")


def _level(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise PydanticCustomError("int_type", "it must be a whole number")
    return None if value == "" else value


_TEXT = AfterValidator(_storable)
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), _TEXT]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), _TEXT]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), _TEXT]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), _TEXT]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), _TEXT]


class Wording(BaseModel):
    """What people write in a template: its words, how long such a message holds, and why it is worded so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headline: Line
    body: Body
    caution: Words = ""
    measures: Words = ""
    correction: Words = ""
    hours: Annotated[int, Field(ge=1, le=720)]
    reason: Note = ""


class Purpose(BaseModel):
    """What a new template is for; fixed for all its versions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    kind: Literal["warning", "notice", "meeting", "tip", "handling"]
    event: Annotated[str, StringConstraints(max_length=5), _TEXT] = ""
    level: Annotated[Annotated[int, Field(ge=1, le=4)] | None, BeforeValidator(_level)] = None
    relation: Literal["", "update", "raise", "lower", "lift"] = ""
    life_safety: bool = False
    note: Note = ""


def read_wording(data: dict[str, Any]) -> Wording:
    """Words from a form or the API. Raises RefusedMany, one refusal per wrong field."""
    return _checked(Wording, data, _wrong_words)


def read_purpose(data: dict[str, Any]) -> Purpose:
    """A purpose from a form or the API. Raises RefusedMany."""
    return _checked(Purpose, data, _wrong_purpose)


Read = TypeVar("Read", bound=BaseModel)


def _checked(model: type[Read], data: dict[str, Any], wrong: Callable[[Read], Iterator[Refused]]) -> Read:
    try:
        found = model.model_validate(data)
    except ValidationError as error:
        raise RefusedMany(refusals(error)) from error
    problems = list(wrong(found))
    if problems:
        raise RefusedMany(problems)
    return found


def _wrong_words(words: Wording) -> Iterator[Refused]:
    for field in TemplateVersion.WORDS:
        value: str = getattr(words, field)
        at = stray_brace(value)
        if at is not None:
            reason = _(
                "A blank is written {时间}: character %(place)s is a brace without its partner, or the name is longer than 20."
            )
            yield Refused("stray_brace", reason, field=field, params={"place": at + 1})
        lines = value.split("\n") if field in SEVERAL_LINES else [value]
        faults = {one.code: one for line in lines if line.strip() for one in text.problems(line, limit=NO_LIMIT)}
        for fault in faults.values():
            said = Said(f"{fault.reason_zh}。", f"{fault.reason_en[:1].upper()}{fault.reason_en[1:]}.")
            yield Refused(fault.code, "%(said)s", field=field, params={"said": said})


def _wrong_purpose(purpose: Purpose) -> Iterator[Refused]:
    if purpose.kind != "warning" and purpose.level is not None:
        yield Refused("level_without_warning", _("Only a warning has a level."), field="level")
    if purpose.life_safety and purpose.level not in (1, 2):
        yield Refused("life_safety", _("Only a red or orange warning is a life-safety template."), field="life_safety")
    if purpose.event and purpose.event not in {one.code for one in events.warnable()}:
        reason = _("There is no type of event with the code %(code)s that a warning can be about.")
        yield Refused("event_unknown", reason, field="event", params={"code": purpose.event})


def may(*, version: TemplateVersion, verb: str, account: Account) -> Refused | None:
    """None when `account` may do `verb` (propose, approve, retire, adopt) to a version now, else why not."""
    shipped = version.template.organisation_id is None
    organisation = account.person.organisation if shipped else version.template.organisation
    own = verb == "retire" and version.state != states.APPROVED and version.author_person_id == account.person_id
    refused = rights.may(account=account, act="template_write" if own else ACTS[verb], organisation=organisation)
    return refused or _state(version, verb, shipped) or _four_eyes(version, verb, account)


def require(*, version: TemplateVersion, verb: str, account: Account) -> None:
    """As `may`, raising the reason."""
    refused = may(version=version, verb=verb, account=account)
    if refused is not None:
        raise refused


def _state(version: TemplateVersion, verb: str, shipped: bool) -> Refused | None:
    if shipped != (verb == "adopt"):
        reason = (
            _("This template ships with the program; adopt it first.")
            if shipped
            else _("This is already a template of your own.")
        )
        return Refused("template_shipped" if shipped else "template_own", reason, kind="conflict")
    if verb == "adopt":
        gone = version.state != states.APPROVED
        return (
            Refused("template_old", _("A newer version of this template is in use."), kind="conflict") if gone else None
        )
    if states.GRAPH.allows(verb, version.state):
        return None
    return Refused(
        "wrong_state",
        _("This version is in the state “%(state)s”; this step is not possible any more."),
        kind="conflict",
        params={"state": STATES[version.state]},
    )


def _four_eyes(version: TemplateVersion, verb: str, account: Account) -> Refused | None:
    if verb == "approve" and version.author_person_id == account.person_id:
        return Refused("own_template", _("You wrote this; another person must approve it."), kind="forbidden")
    return None


def fit_for_urgent(*, version: TemplateVersion, organisation: Organisation) -> Refused | None:
    """None when an urgent release of `organisation` may be written from this version, else why not (FAULTS §4)."""
    if not version.template.life_safety:
        return Refused("not_life_safety", _("Only a life-safety template may be released urgently."), field="template")
    if version.template.organisation_id != organisation.pk or version.state != states.APPROVED:
        reason = _("A person of this organisation must have approved this template before it may be released urgently.")
        return Refused("template_not_approved", reason, field="template")
    return None
