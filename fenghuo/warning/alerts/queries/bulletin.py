"""The CAP messages of an alert: itself, its recall and its correction, all written before anyone signs.

Only two things are not known then: when each is sent, and, for the two that refer to the alert, when that was sent. They stand
as `frozen_at` in the signed text and are filled in at release; `unfilled` takes them out again, so that anyone can prove that
what was sent is what was signed. What a follow-up refers to has left long before, so its references are signed as they are.
See docs/decisions/2026-11-22-what-the-digest-binds.md.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fenghuo.ground.areas import queries as areas
from fenghuo.warning.alerts.rules import Content, Frame
from fenghuo.warning.alerts.rules.outlines import DRAWN, outlines_of
from fenghuo.wire import cap
from fenghuo.wire.cap import events, levels
from fenghuo.wire.cap.times import write_time

SENT = re.compile(r"<sent>[^<]*</sent>")
REFERENCES = re.compile(r"<references>([^<,]*,[^<,]*),[^<,]*</references>")
KINDS = {"notice": "通知", "meeting": "会议通知", "tip": "安全提示", "handling": "处置信息", "warning": "预警"}
CATEGORIES = {
    "natural": cap.Category.MET,
    "accident": cap.Category.SAFETY,
    "health": cap.Category.HEALTH,
    "security": cap.Category.SECURITY,
}


def bulletins(
    content: Content,
    words: dict[str, str],
    frame: Frame,
    *,
    area: str,
    broadcast: str,
    page: str,
    frozen_at: datetime,
    relation: str = "",
    references: Sequence[cap.Reference] = (),
) -> dict[str, str]:
    """The three messages as text: `alert`, `recall`, `correction`. `words`: the rendered words of the page, already marked.

    `references`: what a follow-up of this `relation` refers to. A lift is a Cancel that says so in words, and All Clear.
    """
    name, sender = f"{area}.{broadcast}", f"fenghuo.{area}"
    status = cap.Status.EXERCISE if frame.exercise else cap.Status.ACTUAL
    head = cap.Alert(name, sender, frozen_at, status, _type(relation, references), cap.Scope.PUBLIC)
    info = _info(content, words, page, frozen_at)
    head = replace(
        head,
        source=words["issuer"],
        note=words["headline"] if frame.exercise else None,
        references=cap.write_references(references) or None,
        infos=(_all_clear(info) if relation == "lift" else info,),
    )
    reference = cap.write_references([cap.Reference(sender, name, frozen_at)])
    # The town itself takes back and corrects: neither comes from whoever issued the warning.
    after = replace(head, source=words["publisher"], references=reference)
    recall = replace(
        after,
        identifier=f"{name}.recall",
        msg_type=cap.MsgType.CANCEL,
        note=words["recall"],
        infos=(),
    )
    later = timedelta(hours=frame.profile.deadlines.correction_hours.value)
    correction = replace(
        after,
        identifier=f"{name}.correct",
        msg_type=cap.MsgType.UPDATE,
        infos=(_correction(head.infos[0], words, later),),
    )
    messages = {"alert": head, "recall": recall, "correction": correction}
    return {which: cap.build(message, indent=False).decode() for which, message in messages.items()}


def _info(content: Content, words: dict[str, str], page: str, frozen_at: datetime) -> cap.Info:
    known = events.find(content.event) if content.event else None
    level = levels.Level(content.level) if content.level else None
    return cap.Info(
        categories=_categories(content),
        event=known.zh if known else KINDS[content.kind],
        urgency=_urgency(content, frozen_at),
        severity=level.severity if level else cap.Severity.UNKNOWN,
        # Law art. 63: a warning is given when an event is about to happen or has become more likely.
        certainty=cap.Certainty.LIKELY if content.kind == "warning" else cap.Certainty.UNKNOWN,
        event_codes=(levels.event_code(content.event),) if content.event else (),
        onset=content.starts_at,
        expires=content.expires_at,
        sender_name=words["publisher"],
        headline=words["headline"],
        description="\n".join(one for one in (words["body"], words["caution"]) if one),
        instruction=words["measures"] or None,
        web=page,
        parameters=(levels.level_parameter(level),) if level else (),
        areas=_areas(content),
    )


def _areas(content: Content) -> tuple[cap.Area, ...]:
    """The areas by code, and what was drawn as one more: receivers that know no codes can place it."""
    named = areas.paths(content.areas).items()
    coded = [cap.Area(name, geocodes=(levels.geocode(code),)) for code, name in named]
    drawn = outlines_of(content)
    return (*coded, *([cap.Area(DRAWN, polygons=drawn)] if drawn else []))


def _type(relation: str, references: Sequence[cap.Reference]) -> cap.MsgType:
    if not (relation and references):  # what it follows was never public: to the public it is the first
        return cap.MsgType.ALERT
    return cap.MsgType.CANCEL if relation == "lift" else cap.MsgType.UPDATE


def _all_clear(info: cap.Info) -> cap.Info:
    """The same event and place, of which nothing is to be feared any more."""
    return replace(
        info,
        response_types=(cap.ResponseType.ALL_CLEAR,),
        urgency=cap.Urgency.PAST,
        severity=cap.Severity.UNKNOWN,
        certainty=cap.Certainty.UNLIKELY,
        onset=None,
        instruction=None,
        parameters=(),
    )


def _correction(info: cap.Info, words: dict[str, str], later: timedelta) -> cap.Info:
    """The same event and place; the severity of what was wrong is not repeated."""
    return replace(
        info,
        response_types=(),
        urgency=cap.Urgency.UNKNOWN,
        severity=cap.Severity.UNKNOWN,
        certainty=cap.Certainty.UNKNOWN,
        onset=None,
        expires=info.expires + later if info.expires else None,
        headline=words["correction_headline"],
        description=words["correction"],
        instruction=None,
        parameters=(),
    )


def _categories(content: Content) -> tuple[cap.Category, ...]:
    if content.event and events.find(content.event):
        return events.categories(content.event)
    return (CATEGORIES.get(content.category, cap.Category.OTHER),)


def _urgency(content: Content, frozen_at: datetime) -> cap.Urgency:
    """CAP-v1.2 §3.2.2: Immediate now, Expected within the hour, Future beyond."""
    if content.kind != "warning" or content.starts_at is None:
        return cap.Urgency.UNKNOWN
    if content.starts_at <= frozen_at:
        return cap.Urgency.IMMEDIATE
    return cap.Urgency.EXPECTED if content.starts_at <= frozen_at + timedelta(hours=1) else cap.Urgency.FUTURE


def filled(signed: str, *, sent: datetime, alert_sent: datetime | None = None) -> bytes:
    """The message as it goes out: the signed text with the times that were not known when it was signed."""
    text = SENT.sub(f"<sent>{write_time(sent)}</sent>", signed, count=1)
    if alert_sent is not None:
        text = REFERENCES.sub(rf"<references>\1,{write_time(alert_sent)}</references>", text, count=1)
    return text.encode()


def unfilled(message: bytes, frozen_at: datetime, *, kind: str) -> str:
    """The signed text of a message that went out. Only a recall and a correction refer to what had not left when signed."""
    return filled(message.decode(), sent=frozen_at, alert_sent=None if kind == "release" else frozen_at).decode()


def identifier_of(signed: str) -> str:
    """The CAP identifier of a message."""
    found: Any = re.search(r"<identifier>([^<]+)</identifier>", signed)
    return str(found[1])
