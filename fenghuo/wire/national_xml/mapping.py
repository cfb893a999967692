"""From the national XML to CAP and back, nothing lost on the way.

National → CAP: what CAP has no element for travels in `national:` parameters. CAP → national: the national XML has a closed list of
elements, so where something would be lost the whole CAP message is carried, as text, in one parameter named CAP-1.2; it counts
only while it agrees with the elements that people read. `whole=False` leaves it out, for receivers that accept the bare format.
"""

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from fenghuo.wire import cap
from fenghuo.wire.cap import CapError, events, levels
from fenghuo.wire.cap.errors import warning
from fenghuo.wire.cap.references import read_references, write_references
from fenghuo.wire.national_xml import carried, model, values
from fenghuo.wire.national_xml.times import CHINA, read_compact

WHOLE = "CAP-1.2"
INNER = "内部"
WEB = (model.Method("WEB"),)
MIME = "application/octet-stream"
NOBODY = "0" * 14

_CODE = re.compile(r"[0-9]{6}[0-9A-Z]{5}(?:[0-9A-Z]{3})?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_LINK = re.compile(r"https?://[^\s<>\"{}|\\^`\[\]%]+")
_CIRCLE = re.compile(r"(\S+,\S+) ((?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?)", re.ASCII)


def to_cap(message: model.Message) -> cap.Alert:
    """The CAP message; colour, event code, divisions and references stand where CAP readers look for them."""
    plain, text = _without_whole(message)
    if text is None:
        return _project(message)
    try:
        held = replace(cap.parse(text.encode()), remarks=())
        signer = message.infos[0].sender_name
        if from_cap(held, sender_code=message.sender_code, signer=signer, methods=message.methods) == message:
            return held
        why = "differs"
    except CapError:
        why = "cannot be read"
    zh, en = "附带的 CAP 报文与正文不符，未采用", f"the CAP message carried along {why}; it was not used"
    return replace(_project(plain), remarks=(warning("carried", "alert/info/parameter", zh, en),))


def from_cap(
    alert: cap.Alert,
    *,
    sender_code: str = "",
    signer: str = "",
    methods: tuple[model.Method, ...] = WEB,
    whole: bool = True,
) -> model.Message:
    """The national message. `sender_code` where the CAP sender is none, `signer` the person for senderName.

    CapError `event_code` for an info without the national code of its event, `info` for a message without info, `msg_type` for what
    the national XML cannot say, `sender_code`.
    """
    told = _tell(alert, sender_code, signer, methods)
    if whole and _project(told) != replace(alert, remarks=()):
        text = cap.build(alert, zone=None, indent=False).decode()
        first = replace(told.infos[0], parameters=(*told.infos[0].parameters, (WHOLE, text)))
        told = replace(told, infos=(first, *told.infos[1:]))
    return told


def _without_whole(message: model.Message) -> tuple[model.Message, str | None]:
    texts = [value for name, value in message.infos[0].parameters if name == WHOLE]
    kept = tuple(one for one in message.infos[0].parameters if one[0] != WHOLE)
    plain = replace(message, infos=(replace(message.infos[0], parameters=kept), *message.infos[1:]))
    return plain, texts[0] if texts else None


def _project(message: model.Message) -> cap.Alert:
    inner = message.classification is values.Classification.INNER
    alert = cap.Alert(
        identifier=message.identifier,
        sender=message.sender_code,
        sent=message.sent,
        status=cap.Status(message.status.value),
        msg_type=cap.MsgType(message.msg_type.value),
        scope=cap.Scope.RESTRICTED if inner else cap.Scope(message.scope.value),
        restriction=INNER if inner else None,
        note=message.note,
        references=_triple(message.references),
        infos=tuple(_project_info(one, message) for one in message.infos),
    )
    told = _tell(alert, NOBODY, "", WEB)
    infos = [
        replace(held, parameters=held.parameters + carried.differing(carried.OF_INFO, wanted, back))
        for held, wanted, back in zip(alert.infos, message.infos, told.infos, strict=True)
    ]
    extra = carried.differing(carried.OF_ALERT, message, told)
    extra += carried.methods(message.methods) if message.methods != told.methods else ()
    infos[0] = replace(infos[0], parameters=infos[0].parameters + extra)
    return replace(alert, infos=tuple(infos))


def _project_info(info: model.Info, message: model.Message) -> cap.Info:
    known = events.find(info.event_type)
    level = levels.level_from_colour(info.severity.value)
    very = info.certainty is values.Certainty.VERY_LIKELY
    return cap.Info(
        language=info.language if _LANGUAGE.fullmatch(info.language) else "zh-CN",
        categories=events.categories(info.event_type),
        event=known.zh if known else info.event_type,
        urgency=cap.Urgency(info.urgency.value),
        severity=level.severity if level else cap.Severity.UNKNOWN,
        certainty=cap.Certainty.LIKELY if very else cap.Certainty(info.certainty.value),
        event_codes=(levels.event_code(info.event_type),),
        effective=info.effective,
        onset=info.onset,
        expires=info.expires,
        sender_name=message.sender,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        web=info.web if info.web and _LINK.fullmatch(info.web) else None,
        contact=message.phone,
        parameters=(levels.level_parameter(level), *(cap.Pair(name, value) for name, value in info.parameters)),
        resources=tuple(
            cap.Resource(one.description, MIME, size=one.size, digest=one.digest) for one in info.resources
        ),
        areas=tuple(_project_area(one) for one in info.areas),
    )


def _project_area(area: model.Area) -> cap.Area:
    return cap.Area(
        area.description,
        polygons=area.polygons,
        circles=tuple(_scaled(one, -3) for one in area.circles),
        geocodes=tuple(levels.geocode(code) for code in area.geocodes),
    )


def _tell(alert: cap.Alert, sender_code: str, signer: str, methods: tuple[model.Method, ...]) -> model.Message:
    """What the national elements say of a CAP message, without the whole of it."""
    if not alert.infos:
        raise CapError("info", "国家预警报文必须有 info", "the national XML requires an info", path="alert/info")
    if alert.msg_type.value not in {one.value for one in values.MsgType}:
        zh, en = f"国家预警报文没有 {alert.msg_type}", f"the national XML has no {alert.msg_type}"
        raise CapError("msg_type", zh, en, path="alert/msgType")
    carries = carried.sender_code(alert.infos[0])
    code = carries or (alert.sender if _CODE.fullmatch(alert.sender) else sender_code)
    if not values.SENDER_CODE.fullmatch(code):
        zh, en = "缺少 14 位发布单位编码", "the 14-character code of the issuing unit is missing"
        raise CapError("sender_code", zh, en, path="alert/senderCode")
    first = alert.infos[0]
    ways = carried.read_methods(first)
    inner = alert.scope is cap.Scope.RESTRICTED and alert.restriction == INNER
    told = model.Message(
        identifier=_identifier(code, alert.identifier, alert.sent),
        sender=_first(first.sender_name, alert.source, alert.sender),
        sender_code=code,
        phone=_text(first.contact),
        sent=alert.sent,
        status=values.Status(alert.status.value),
        msg_type=values.MsgType(alert.msg_type.value),
        scope=values.Scope.PUBLIC if inner else values.Scope(alert.scope.value),
        classification=values.Classification.INNER if inner else values.Classification.NONE,
        methods=methods if ways is None else ways,
        note=_text(alert.note),
        references=_bare(alert.references, code),
        infos=tuple(_tell_info(one, alert, signer) for one in alert.infos),
    )
    held: model.Message = carried.corrected(carried.OF_ALERT, told, first)
    return held


def _tell_info(info: cap.Info, alert: cap.Alert, signer: str) -> model.Info:
    code = levels.event_code_of(info)
    if code is None or not values.EVENT_TYPE.fullmatch(code):
        zh, en = "缺少国家事件编码（GB/T 35561）", "the national event code (GB/T 35561) is missing"
        raise CapError("event_code", zh, en, path="alert/info/eventCode")
    level = levels.level_of(info)
    headline = _first(info.headline, info.event, code)
    told = model.Info(
        event_type=code,
        severity=values.Colour(level.colour) if level else values.Colour.UNKNOWN,
        headline=headline,
        description=_first(info.description, headline),
        language=(info.language or "zh-CN").strip() or "zh-CN",
        urgency=values.Urgency(info.urgency.value),
        certainty=values.Certainty(info.certainty.value),
        effective=info.effective or alert.sent,
        onset=info.onset,
        expires=info.expires,
        sender_name=signer.strip() or _first(info.sender_name, alert.source, alert.sender),
        instruction=_text(info.instruction),
        web=_text(info.web),
        resources=tuple(_tell_resource(one) for one in info.resources),
        areas=tuple(_tell_area(one, headline) for one in info.areas),
        parameters=tuple(
            (one.name.strip(), one.value)
            for one in info.parameters
            if one.name != levels.LEVEL_NAME and not carried.ours(one) and one.name.strip() != WHOLE
        ),
    )
    held: model.Info = carried.corrected(carried.OF_INFO, told, info)
    return held


def _tell_resource(resource: cap.Resource) -> model.Resource:
    size = resource.size if resource.size is not None and 0 <= resource.size < 10**15 else None
    return model.Resource(resource.description.strip(), size, _text(resource.digest))


def _tell_area(area: cap.Area, otherwise: str) -> model.Area:
    return model.Area(
        _first(area.description, otherwise),
        tuple(text for text in (" ".join(one.split()) for one in area.polygons) if text),
        tuple(_scaled(text, 3) for text in (" ".join(one.split()) for one in area.circles) if text),
        tuple(_padded(code) for code in levels.geocodes_of(area)),
    )


def _padded(code: str) -> str:
    """A division code of 2 to 9 digits at the 12 the national XML writes; others as they are."""
    return code.ljust(12, "0") if code.isascii() and code.isdigit() and len(code) < 12 else code


def _scaled(circle: str, exponent: int) -> str:
    """The circle with its radius times 10 to the exponent; what is no circle stays as it is."""
    match = _CIRCLE.fullmatch(circle)
    return f"{match[1]} {Decimal(match[2]).scaleb(exponent):f}" if match else circle


def _identifier(code: str, identifier: str, sent: datetime) -> str:
    """The identifier by the national rule; for a message named otherwise, one computed from its name and time."""
    if values.IDENTIFIER.fullmatch(identifier):
        return identifier
    at = sent.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
    return f"{code}_{at}_{hashlib.sha256(identifier.encode()).digest()[0] % 10}"


def _bare(references: str | None, code: str) -> str | None:
    try:
        held = read_references(references or "")
    except CapError:
        return None
    return _identifier(code, held[0].identifier, held[0].sent) if held else None


def _triple(references: str | None) -> str | None:
    """The CAP triple of a bare identifier that follows the rule: it names its sender and its time."""
    match = values.IDENTIFIER.fullmatch(references or "")
    sent = read_compact(match[2]) if match else None
    return write_references([cap.Reference(match[1], match[0], sent)]) if match and sent else None


def _text(text: str | None) -> str | None:
    return (text or "").strip() or None


def _first(*texts: str | None) -> str:
    return next((text.strip() for text in texts if text and text.strip()), "-")
