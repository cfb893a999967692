"""Everything wrong with what was typed, at once, each with its field and its reason in both languages."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.refusal import CHINESE, ENGLISH, Refused
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules import law
from fenghuo.warning.alerts.rules.content import Content, wording
from fenghuo.warning.alerts.rules.flows import URGENT, whole_network_allowed
from fenghuo.warning.alerts.rules.frame import Frame, body_of, correction_of, frame_of
from fenghuo.warning.alerts.rules.identity import foreign
from fenghuo.warning.alerts.rules.problem import Problem, Weight, problem
from fenghuo.warning.alerts.rules.suspicion import suspicions
from fenghuo.wire import text
from fenghuo.wire.cap import events

CLASSES = {"natural": "11", "accident": "12", "health": "13", "security": "14"}
# What a page shows on several lines is checked line by line; an SMS has but one.
SEVERAL_LINES = ("caution", "measures")
NO_LIMIT = 100_000


def problems(content: Content, organisation: Organisation, alert: Alert | None = None) -> list[Problem]:
    """What keeps this from being submitted (`error`) and what a reviewer should see (`warning`).

    `alert`: where these words stand, so that a follow-up is measured by what it follows; None for words that stand nowhere yet.
    """
    frame = frame_of(organisation)
    relation = alert.relation if alert else ""
    return [
        *_permitted(content, frame, urgent=alert is not None and alert.flow == URGENT),
        *_whole_network(content, frame),
        *law.missing(content, relation),
        *(_following(content, alert) if alert else ()),
        *_required(content, frame),
        *_event(content),
        *_origin(content, relation),
        *_times(content),
        *_places(content, organisation),
        *_texts(content, frame),
        *suspicions(content, frame),
        *foreign(content, organisation, frame),
        *(_audience(content, organisation) if relation != "lift" else ()),  # a lift's is that of what it lifts
    ]


def _permitted(content: Content, frame: Frame, *, urgent: bool = False) -> Iterator[Problem]:
    rules = frame.profile.warnings
    relayed = content.origin is not None
    if content.kind not in rules.kinds.value:
        yield problem(
            "kind",
            "kind",
            _("This government publishes nothing of this kind (%(clause)s)."),
            clause=frame.profile.cited(rules.kinds),
        )
    if content.kind != "warning":
        if content.level is not None:
            yield problem("level_without_warning", "level", _("Only a warning has a level."))
        return
    if relayed and not rules.may_relay.value:
        yield problem(
            "may_not_relay",
            "origin",
            _("This government may not relay warnings (%(clause)s)."),
            clause=frame.profile.cited(rules.may_relay),
        )
    own = frame.profile.urgent.levels if urgent else rules.may_issue
    if not relayed and content.level is not None and content.level not in own.value:
        yield problem(
            "may_not_issue",
            "origin",
            _(
                "This government may not issue a warning of this level itself (%(clause)s); relay one and state its origin."
            ),
            clause=frame.profile.cited(own),
        )


def _whole_network(content: Content, frame: Frame) -> Iterator[Problem]:
    refused = whole_network_allowed(frame.profile, content.kind) if content.audience.everyone else None
    if refused is not None:
        yield _as_problem(refused, "audience")


def _required(content: Content, frame: Frame) -> Iterator[Problem]:
    if not content.headline:
        yield problem("headline_missing", "headline", _("The headline is missing."))
    documents = frame.profile.warnings.decision_document
    if content.kind == "warning" and content.category in documents.value and not content.decision_document:
        yield problem(
            "decision_document",
            "decision_document",
            _("A warning of this category needs the number of the deciding document (%(clause)s)."),
            clause=frame.profile.cited(documents),
        )


def _event(content: Content) -> Iterator[Problem]:
    if not content.event:
        if content.kind == "warning":
            yield problem("event_missing", "event", _("The type of event is missing."))
        return
    if content.event not in {known.code for known in events.warnable()}:
        by_machine = content.origin is not None and content.origin.how in ("cap", "national")
        if by_machine and events.find(content.event) is None and events.CODE.fullmatch(content.event):
            # Nobody mistyped it. The table knows what was seen so far; whoever issued the warning may know more.
            reason = _("Nobody has named the type of event %(code)s here; it is passed on as it came.")
            yield problem("event_unlisted", "event", reason, "warning", code=content.event)
            return
        yield problem(
            "event_unknown",
            "event",
            _("There is no type of event with the code %(code)s that a warning can be about."),
            code=content.event,
        )
    elif content.category and not content.event.startswith((CLASSES[content.category], "19")):
        yield problem(
            "event_category",
            "event",
            _("The type of event %(code)s does not belong to this category."),
            code=content.event,
        )


def _following(content: Content, alert: Alert) -> Iterator[Problem]:
    before = alert.follows
    if before is None:
        return
    if content.kind != before.kind:
        yield problem("kind_follows", "kind", _("It stays of the same class as what it follows."))
    if content.level is None or before.level is None:
        return
    if alert.relation == "raise" and content.level >= before.level:
        yield problem("level_not_raised", "level", _("Raising a warning needs a graver level than before."))
    if alert.relation == "lower" and content.level <= before.level:
        yield problem("level_not_lowered", "level", _("Lowering a warning needs a milder level than before."))
    if alert.relation in ("update", "lift") and content.level != before.level:
        reason = (
            _("An update keeps the level; raise or lower the warning to change it.")
            if alert.relation == "update"
            else _("A lift keeps the level of what it lifts.")
        )
        yield problem("level_changed", "level", reason)


def _origin(content: Content, relation: str) -> Iterator[Problem]:
    origin = content.origin
    if origin is None:
        return
    lifting: Weight = "warning" if relation == "lift" else "error"  # word of a lift may come by telephone, in few words
    if not origin.text.strip():
        yield problem("origin_text", "origin.text", _("Type in the text as it was received."), lifting)
    elif wording(body_of(content)) != wording(origin.text):
        yield problem("wording_changed", "body", _("The wording differs from the text received from above."), "warning")
    if not origin.issuer and content.kind != "warning":  # for a warning the law already asks
        yield problem("origin_issuer", "origin.issuer", _("State who issued this."))
    if origin.received_at is None:
        yield problem("origin_received", "origin.received_at", _("State when it was received."), lifting)
    if not origin.how:
        yield problem("origin_how", "origin.how", _("State how it came."), lifting)
    now = clock.now()
    for field, moment in (("origin.issued_at", origin.issued_at), ("origin.received_at", origin.received_at)):
        if moment and moment > now:
            yield problem("origin_future", field, _("This lies in the future."))
    if origin.issued_at and origin.received_at and origin.received_at < origin.issued_at:
        yield problem("origin_order", "origin.received_at", _("It cannot have been received before it was issued."))


def _times(content: Content) -> Iterator[Problem]:
    if content.expires_at is None:
        yield problem("expires_missing", "expires_at", _("State until when this holds."))
        return
    if content.expires_at <= clock.now():
        yield problem("expired", "expires_at", _("This time has passed: nothing would be sent."))
    if content.starts_at and content.expires_at <= content.starts_at:
        yield problem("expires_before_start", "expires_at", _("It must end after it begins."))


def _places(content: Content, organisation: Organisation) -> Iterator[Problem]:
    if not content.areas:
        if content.kind != "warning":  # for a warning the law already asks
            yield problem("areas_missing", "areas", _("State the area this is about."))
        return
    try:
        areas.get(content.areas)
    except Refused as refused:
        yield _as_problem(refused, "areas")
        return
    outside = [code for code in content.areas if not areas.inside(code, organisation.area_id)]
    if outside:
        yield problem(
            "area_outside",
            "areas",
            _("The area %(codes)s lies outside %(organisation)s."),
            codes=", ".join(outside),
            organisation=organisation.name,
        )


def _texts(content: Content, frame: Frame) -> Iterator[Problem]:
    yield from (_of_text(one, "body") for one in frame.preview(body_of(content)).problems)
    if content.correction or (content.headline and not text.problems(content.headline, limit=NO_LIMIT)):
        # What is wrong with the headline is told there, not a second time in a correction that nobody typed.
        yield from (_of_text(one, "correction") for one in frame.preview(correction_of(content, frame)).problems)
    typed: dict[str, str] = {
        name: getattr(content, name) for name in ("headline", "issuer", "decision_document", *SEVERAL_LINES)
    }
    if content.origin:
        typed["origin.issuer"] = content.origin.issuer
    for field, words in typed.items():
        lines = words.replace("\r\n", "\n").split("\n") if field in SEVERAL_LINES else [words]
        found = {one.code: one for line in lines if line.strip() for one in text.problems(line, limit=NO_LIMIT)}
        yield from (_of_text(one, field) for one in found.values())


def _audience(content: Content, organisation: Organisation) -> Iterator[Problem]:
    audience = content.audience.model_dump()
    try:
        _people, numbers = contacts.count(organisation=organisation, audience=audience)
        drawn = contacts.drawn_count(organisation=organisation, audience=audience)
    except Refused as refused:
        yield _as_problem(refused, refused.field if refused.field == "audience.polygons" else "audience")
        return
    if not numbers:
        yield problem(
            "audience_empty",
            "audience",
            _("Nobody with a number belongs to this audience; it is never taken as “all”."),
        )
    if drawn is not None:
        yield from _drawn(drawn)


def _drawn(drawn: contacts.DrawnCount) -> Iterator[Problem]:
    """What a reviewer should know about outlines: that one was repaired, and whom no outline can choose."""
    for number in drawn.repaired:
        reason = _("Outline %(number)s crossed itself and was repaired; look at the map whether it is what you mean.")
        yield problem("outline_repaired", "audience.polygons", reason, "warning", number=number)
    if drawn.strays:
        reason = _("The outlines have very many points; they are published with lines at most %(metres)s m off.")
        yield problem("outline_coarse", "audience.polygons", reason, "warning", metres=drawn.strays)
    if drawn.unplaced_total:
        yield problem(
            "people_unplaced",
            "audience.polygons",
            _("%(people)s people have no position and live where no boundary is known: choose them by area or group."),
            "warning",
            people=drawn.unplaced_total,
        )


def _of_text(found: text.Problem, field: str) -> Problem:
    return Problem(found.code, field, f"{found.reason_zh}。", f"{found.reason_en[:1].upper()}{found.reason_en[1:]}.")


def _as_problem(refused: Refused, field: str) -> Problem:
    return Problem(refused.code, field, refused.in_language(CHINESE), refused.in_language(ENGLISH))
