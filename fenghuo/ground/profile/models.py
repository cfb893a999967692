"""A jurisdiction profile (辖区规则): every number and habit that differs from one government to the next.

Each rule is a `Rule`: its value and the clause it comes from ("XC 9", "law 64"; "+" where no document asks for it). A file
that is wrong in any key is refused whole: half a policy is worse than none.
"""

from datetime import date
from string import Formatter
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from fenghuo.ground.refusal import Said

Value = TypeVar("Value")

KINDS = ("warning", "notice", "meeting", "tip", "handling")
CATEGORIES = ("natural", "accident", "health", "security")
Kind = Literal["warning", "notice", "meeting", "tip", "handling"]
Category = Literal["natural", "accident", "health", "security"]
Level = Annotated[int, Field(ge=1, le=4)]
# What is taken into account when leader approval is decided: the kind, and for warnings whose words they are.
Subject = Literal["own_warning", "relayed_warning", "notice", "meeting", "tip", "handling"]
Way = Literal["system", "sms", "phone", "paper"]
# What the sender does with a recipient in doubt: resend once soon, or wait for a receipt first (DESIGN §3).
Policy = Literal["urgent", "patient"]


class Strict(BaseModel):
    """No unknown key, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Strict, Generic[Value]):
    """One rule: what applies, and which clause says so."""

    value: Value
    clause: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Document(Strict):
    """A document that clauses come from: its title in both languages, what its parts are called ("5"; "五.2" for a point)."""

    zh: Annotated[str, StringConstraints(min_length=1)]
    en: Annotated[str, StringConstraints(min_length=1)]
    part: str = "cl."
    part_zh: str = "条"

    def cited(self, parts: str) -> Said:
        """`parts` as a clause writes them ("5, 9"), the way people cite them: 《…》第五条、第九条."""
        numbers = [one.strip() for one in parts.split(",") if one.strip()]
        zh = "、".join(self._in_chinese(one) for one in numbers)
        return Said(f"《{self.zh}》{zh}", f"{self.en}, {self.part} {', '.join(numbers)}" if numbers else self.en)

    def _in_chinese(self, number: str) -> str:
        part, _dot, point = number.partition(".")
        return f"第{_in_chinese(part)}{self.part_zh}" + (f"第{point}点" if point else "")


def _titled(value: object) -> object:
    """A title alone stands for both languages."""
    return {"zh": value, "en": value} if isinstance(value, str) else value


DIGITS = "零一二三四五六七八九"


def _in_chinese(number: str) -> str:
    """64 as 六十四, the way articles are numbered; what is no number below a hundred stays as it is written."""
    if not number.isdecimal() or not 0 < int(number) < 100:
        return number
    tens, ones = divmod(int(number), 10)
    return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")


class Sms(Strict):
    """How a text message is composed, limited and billed."""

    prefix: Rule[str]
    suffix: Rule[str]
    limit: Rule[Annotated[int, Field(ge=1, le=1000)]]  # UTF-16 code units of one message, all segments
    frame_counts: Rule[bool]  # whether prefix and suffix count towards the limit
    billing: Rule[Annotated[int, Field(ge=1, le=1000)]]  # code units per billed message
    price_fen: Rule[Annotated[int, Field(ge=0)]]  # fen per billed message
    free_kinds: Rule[list[Kind]]  # kinds the carriers deliver free of charge
    src_id: Rule[Annotated[str, StringConstraints(pattern=r"^[0-9]{3,21}$")]]  # the number shown on the phone
    correction_template: Rule[str]  # blanks: {headline}
    lift_headline: Rule[str]  # the title proposed for a lift (解除); blanks: {headline}
    lift_template: Rule[str]  # the words proposed for a lift; blanks: {headline}

    @model_validator(mode="after")
    def _room_for_words(self) -> "Sms":
        if len(self.prefix.value) + len(self.suffix.value) >= self.limit.value:
            raise PydanticCustomError("frame_too_long", "prefix and suffix leave no room for words within the limit")
        return self

    @model_validator(mode="after")
    def _known_blanks(self) -> "Sms":
        for name in ("correction_template", "lift_headline", "lift_template"):
            try:
                blanks = {blank for _, blank, _, _ in Formatter().parse(getattr(self, name).value) if blank is not None}
            except ValueError:
                blanks = {"?"}
            if not blanks <= {"headline"}:
                raise PydanticCustomError(
                    "template_blanks", "{template} knows only the blank {{headline}}", {"template": name}
                )
        return self


class Warnings(Strict):
    """What this government may say, and in whose name."""

    may_issue: Rule[list[Level]]  # levels of warnings it may issue itself; law art. 64: county and above
    may_relay: Rule[bool]
    kinds: Rule[list[Kind]]
    decision_document: Rule[list[Category]]  # categories that need the number of the deciding document
    public_kinds: Rule[list[Kind]]  # what also stands on the public page and in the feeds
    whole_network: Rule[bool]
    whole_network_kinds: Rule[list[Kind]]  # what may go to everyone, by a second approval
    # The kind of agency in the national sender code (GB/T 4657; 416 is meteorological); 000: none assigned.
    agency: Rule[Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]] = Rule(value="000", clause="+")


class Flow(Strict):
    """Whose hands a message passes through."""

    approval_for: Rule[list[Subject]]
    approval_ways: Rule[list[Way]]
    third_person_levels: Rule[list[Level]]  # author, signer and approving leader must be three persons
    sms_reply_minutes: Rule[Annotated[int, Field(ge=1, le=1440)]]  # how long a question by SMS may be answered

    def leader_approval(self, kind: str, relayed: bool) -> bool:
        """Whether a leader must approve before sign-off."""
        subject = kind if kind != "warning" else "relayed_warning" if relayed else "own_warning"
        return subject in self.approval_for.value


class Urgent(Strict):
    """Urgent release (紧急发布): one signer, an approved life-safety text, others afterwards. Its limits never block."""

    # Of life-safety templates that may be released so; none: no such flow.
    levels: Rule[list[Annotated[int, Field(ge=1, le=2)]]]
    confirm_minutes: Rule[Annotated[int, Field(ge=1, le=1440)]]  # until a second person has confirmed
    review_hours: Rule[Annotated[int, Field(ge=1, le=720)]]  # until another person has reviewed it in writing
    once_in_minutes: Rule[Annotated[int, Field(ge=1, le=1440)]]  # one by the same person within so many
    most_in_a_month: Rule[Annotated[int, Field(ge=1, le=1000)]]  # of the organisation, in a calendar month


class InDoubt(Strict):
    """The policy for recipients in doubt, per level and for what has no level."""

    red: Policy
    orange: Policy
    yellow: Policy
    blue: Policy
    notice: Policy


class Delivery(Strict):
    """How a text is got to people."""

    in_doubt: Rule[InDoubt]

    def policy(self, level: int | None) -> str:
        """The in-doubt policy for a level 1 (red) … 4 (blue), or None for what is not a warning."""
        rule = self.in_doubt.value
        return rule.notice if level is None else (rule.red, rule.orange, rule.yellow, rule.blue)[level - 1]


class Word(Strict):
    """A word that should not go out, and why."""

    word: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
    reason: Annotated[Document, BeforeValidator(_titled)]


class Words(Strict):
    """Words of this government's own that are refused, and words that are shown to whoever writes, reviews and signs."""

    forbidden: Rule[Annotated[list[Word], Field(max_length=500)]] = Rule(value=[], clause="+")
    doubtful: Rule[Annotated[list[Word], Field(max_length=500)]] = Rule(value=[], clause="+")


class Accounts(Strict):
    """Who gives accounts out."""

    provisioner: Rule[Literal["parent", "self"]]


class Contacts(Strict):
    """How lists of people are kept true."""

    stale_days: Rule[Annotated[int, Field(ge=1, le=3650)]] = Rule(
        value=180, clause="+"
    )  # without a check a list is stale


class Deadlines(Strict):
    """Seconds within which something must be done."""

    relay_seconds: Rule[Annotated[int, Field(ge=1)]]
    correction_hours: Rule[Annotated[int, Field(ge=1)]]  # how long after the alert's expiry its correction still stands


class Profile(Strict):
    """One government's rules, from `effective_from` until a later version takes over."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: Annotated[str, StringConstraints(min_length=1)]
    version: Annotated[int, Field(ge=1)]
    effective_from: date  # local date, from midnight on
    area: Annotated[str, StringConstraints(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]
    documents: dict[str, Annotated[Document, BeforeValidator(_titled)]]  # by the short name that clauses use
    sms: Sms
    warnings: Warnings
    flow: Flow
    words: Words = Words()
    urgent: Urgent
    delivery: Delivery
    accounts: Accounts
    contacts: Contacts = Contacts()
    deadlines: Deadlines

    def cited(self, rule: Rule[Any]) -> Said:
        """Where a rule comes from, as people say it."""
        name, _, parts = rule.clause.partition(" ")
        if name in self.documents:
            return self.documents[name].cited(parts)
        return Said("本地规则", "a rule of this government's own") if name == "+" else Said(rule.clause, rule.clause)
