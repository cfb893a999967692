"""Bytes or typed words read into what they say; CapError for what must not or cannot be read."""

from dataclasses import replace
from datetime import datetime

from fenghuo.warning.relay.values import Told
from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap import events, levels
from fenghuo.wire.cap.references import read_references

CHINESE = "zh"


def read(data: bytes) -> tuple[str, Told]:
    """("cap" or "national", what it says). CapError `classified` for a secret: then nothing may be kept."""
    if national_xml.is_national(data):
        return "national", told_by_national(national_xml.parse(data))
    return "cap", told_by_cap(cap.parse(data))


def told_by_national(message: national_xml.Message) -> Told:
    """A national message, through its CAP form; the unit that issued and the reference as they are written."""
    told = told_by_cap(national_xml.to_cap(message))
    remarks = tuple((one.zh, one.en) for one in message.remarks)
    inner = message.classification is national_xml.Classification.INNER
    references = (message.references,) if message.references else ()
    return replace(told, issuer=message.sender, inner=inner, references=references, remarks=remarks)


def told_by_cap(alert: cap.Alert) -> Told:
    """A CAP alert: the Chinese info, else the first; areas of all infos."""
    info = next((one for one in alert.infos if (one.language or "").lower().startswith(CHINESE)), None)
    info = info or (alert.infos[0] if alert.infos else None)
    areas = [area for one in alert.infos for area in one.areas]
    level = levels.level_of(info) if info else None
    return Told(
        headline=_line(info.headline or info.event) if info else _line(alert.note),
        text=(info.description or info.headline or info.event) if info else (alert.note or ""),
        measures=(info.instruction or "") if info else "",
        issuer=_line(alert.source or (info.sender_name if info else "") or alert.sender)[:100],
        identifier=alert.identifier[:200],
        sender=alert.sender[:200],
        sent=alert.sent,
        starts_at=(info.onset or info.effective) if info else None,
        expires_at=info.expires if info else None,
        level=int(level) if level else None,
        event=levels.event_code_of(info) or "" if info else "",
        status=alert.status.value,
        msg_type=alert.msg_type.value,
        areas=tuple(dict.fromkeys(code for area in areas for code in levels.geocodes_of(area)))[:500],
        places=tuple(dict.fromkeys(_line(area.description) for area in areas if area.description))[:50],
        references=_references(alert.references),
        inner=alert.scope is not cap.Scope.PUBLIC,
        remarks=tuple((one.zh, one.en) for one in alert.remarks),
    )


def typed(*, headline: str, text: str, issuer: str, reference: str, issued_at: datetime | None) -> Told:
    """A warning that a person pasted or took down on the telephone: level and event as far as the words tell them."""
    level = next(
        (int(one) for one in levels.Level if f"{one.colour_zh}色" in headline or f"{one.colour_zh}色预警" in text), None
    )
    words = f"{headline} {text}"
    found = [one for one in events.warnable() if not one.code.endswith("00") and one.zh in words]
    lifted = "解除" in headline
    return Told(
        headline=headline or text.strip().split("。")[0][:120],
        text=text,
        issuer=issuer,
        identifier=reference,
        sender=issuer,
        sent=issued_at,
        starts_at=issued_at,
        level=level,
        event=max(found, key=lambda one: len(one.zh)).code if found else "",
        msg_type="Cancel" if lifted else "Alert",
    )


def _references(text: str | None) -> tuple[str, ...]:
    try:
        return tuple(one.identifier for one in read_references(text or ""))[:50]
    except cap.CapError:
        return ()


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
