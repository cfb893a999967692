"""Bytes from anywhere read as a national warning, or refused with the reason and the place.

The same guard as for CAP: nothing with a DOCTYPE, no odd encoding, nothing too big or too deep. What is vital must be there and
right; what issuers are known to leave out or to spell otherwise is read and put into `remarks`. An event code is never refused.
"""

from collections.abc import Iterator

from lxml import etree

from fenghuo.wire.cap import CapError
from fenghuo.wire.cap.errors import place
from fenghuo.wire.cap.guard import MAX_POINTS, MAX_SHAPES, open_tree, split_name
from fenghuo.wire.cap.references import NAME
from fenghuo.wire.national_xml import values
from fenghuo.wire.national_xml.model import Area, Info, Message, Method, Resource
from fenghuo.wire.national_xml.reading import Reader
from fenghuo.wire.national_xml.times import read_time

MAX_INFOS = 20
MAX_METHODS = 100
# Spelt so by the issuers: one builder writes the second.
RECIPIENTS = ("audenceprt", "audiencePrt", "audienceprt")
ALERT = {
    "identifier", "sender", "senderCode", "phone", "sendTime", "status", "msgType", "scope", "code", "secClassification",
    "note", "references", "info",
}  # fmt: skip
INFO = {
    "language", "eventType", "urgency", "severity", "certainty", "effective", "onset", "expires", "senderName", "headline",
    "description", "instruction", "web", "resource", "area", "parameter",
}  # fmt: skip


def is_national(data: bytes) -> bool:
    """Whether the document is meant as a national warning: its root is `alert`, but not CAP's. CapError as from `parse`."""
    return _national(open_tree(data))


def parse(data: bytes) -> Message:
    """The message in a document; CapError and nothing else for any other bytes.

    CapError `classified` when it is marked as a state secret: such a text must not be kept here.
    """
    root = open_tree(data)
    if not _national(root):
        namespace, name = split_name(root)
        raise CapError(
            "not_national",
            f"根元素应为国家预警报文的 alert，得到“{name[:40]}”",
            f"the root must be alert of the national warning XML, got {name[:40]!r} of {namespace[:60]!r}",
            line=root.sourceline or 0,
        )
    reader = Reader(split_name(root)[0])
    classification = _classification(reader, root)
    _check_limits(reader, root)
    return _message(reader, root, classification)


def _national(root: etree._Element) -> bool:
    namespace, name = split_name(root)
    return name == "alert" and namespace in ("", values.NAMESPACE)


def _classification(reader: Reader, root: etree._Element) -> values.Classification:
    """Looked at first, wherever it stands: of a secret nothing more is read."""
    texts = {"".join(one.itertext()).strip().casefold() for one in root.iter("{*}secClassification")} - {""} or {"none"}
    known = {one.value.casefold(): one for one in values.Classification}
    if not texts <= known.keys():
        raise CapError(
            "classified",
            "报文标有密级，本系统不得处理，请走机要渠道",
            "the message is classified: it must not be handled here; use the secret channel",
            path="alert/secClassification",
        )
    return values.Classification.INNER if "inner" in texts else values.Classification.NONE


def _check_limits(reader: Reader, root: etree._Element) -> None:
    polygons = [one.text or "" for one in root.iter(reader.tag("polygon"))]
    shapes = len(polygons) + sum(1 for _ in root.iter(reader.tag("circle")))
    if shapes > MAX_SHAPES or sum(len(text.split()) for text in polygons) > MAX_POINTS:
        raise CapError(
            "too_many",
            f"区域的图形或点过多（上限 {MAX_SHAPES} 个图形、{MAX_POINTS} 个点）",
            f"too many shapes or points (limits: {MAX_SHAPES} and {MAX_POINTS})",
            path="alert/info/area",
        )


def _message(reader: Reader, root: etree._Element, classification: values.Classification) -> Message:
    reader.strangers(root, ALERT, "alert")
    infos = reader.children(root, "info")
    if not 1 <= len(infos) <= MAX_INFOS:
        zh, en = f"info 应有 1 至 {MAX_INFOS} 个", f"1 to {MAX_INFOS} info elements are wanted"
        raise CapError("info", zh, en, path="alert")
    held = Message(
        identifier=reader.shaped(root, "identifier", "alert", NAME.fullmatch),
        sender=reader.needed(root, "sender", "alert"),
        sender_code=reader.shaped(root, "senderCode", "alert", values.SENDER_CODE.fullmatch),
        phone=reader.text(root, "phone", "alert") or None,
        sent=read_time(reader.needed(root, "sendTime", "alert"), "alert/sendTime", reader.remarks),
        status=reader.choice(root, "status", values.Status, "alert"),
        msg_type=reader.choice(root, "msgType", values.MsgType, "alert"),
        scope=reader.choice(root, "scope", values.Scope, "alert", values.Scope.PUBLIC),
        methods=tuple(_methods(reader, root)),
        classification=classification,
        note=reader.text(root, "note", "alert") or None,
        references=reader.text(root, "references", "alert") or None,
        infos=tuple(_info(reader, one, place("alert", "info", i, len(infos))) for i, one in enumerate(infos, 1)),
        remarks=tuple(reader.remarks),
    )
    if held.references and not NAME.fullmatch(held.references):
        zh, en = "references 应为首次报文的标识", "references must be the identifier of the first message"
        raise CapError("form", zh, en, path="alert/references")
    return held


def _methods(reader: Reader, root: etree._Element) -> Iterator[Method]:
    codes = reader.children(root, "code")
    held = [one for code in codes for one in reader.children(code, "method")]
    if len(held) > MAX_METHODS or len(codes) > MAX_METHODS:
        raise CapError(
            "too_many", f"发布手段超过 {MAX_METHODS} 个", f"more than {MAX_METHODS} methods", path="alert/code"
        )
    for number, one in enumerate(held, 1):
        path = place("alert/code", "method", number, len(held))
        reader.strangers(one, {"methodName", "message", "audienceGrp", *RECIPIENTS}, path)
        recipients = next((text for text in (reader.text(one, tag, path) for tag in RECIPIENTS) if text), "")
        yield Method(
            reader.text(one, "methodName", path) or "",
            reader.text(one, "message", path) or "",
            _listed(reader.text(one, "audienceGrp", path) or ""),
            _listed(recipients),
        )


def _info(reader: Reader, element: etree._Element, path: str) -> Info:
    reader.strangers(element, INFO, path)
    areas, resources = reader.children(element, "area"), reader.children(element, "resource")
    return Info(
        language=reader.text(element, "language", path) or "zh-CN",
        event_type=reader.shaped(element, "eventType", path, values.EVENT_TYPE.fullmatch),
        urgency=reader.choice(element, "urgency", values.Urgency, path, values.Urgency.UNKNOWN),
        severity=reader.choice(element, "severity", values.Colour, path),
        certainty=reader.choice(element, "certainty", values.Certainty, path, values.Certainty.UNKNOWN),
        effective=reader.time(element, "effective", path),
        onset=reader.time(element, "onset", path),
        expires=reader.time(element, "expires", path),
        sender_name=reader.text(element, "senderName", path) or "",
        headline=reader.needed(element, "headline", path),
        description=reader.needed(element, "description", path),
        instruction=reader.text(element, "instruction", path) or None,
        web=reader.text(element, "web", path) or None,
        resources=tuple(
            _resource(reader, one, place(path, "resource", i, len(resources))) for i, one in enumerate(resources, 1)
        ),
        areas=tuple(_area(reader, one, place(path, "area", i, len(areas))) for i, one in enumerate(areas, 1)),
        parameters=tuple(
            (reader.text(one, "valueName", path) or "", one.findtext(reader.tag("value")) or "")
            for one in reader.children(element, "parameter")
        ),
    )


def _area(reader: Reader, element: etree._Element, path: str) -> Area:
    reader.strangers(element, {"areaDesc", "polygon", "circle", "geocode"}, path)
    codes = (code for one in reader.children(element, "geocode") for code in _listed(one.text or ""))
    return Area(
        reader.text(element, "areaDesc", path) or "",
        tuple(text for text in (_words(one) for one in reader.children(element, "polygon")) if text),
        tuple(text for text in (_words(one) for one in reader.children(element, "circle")) if text),
        tuple(codes),
    )


def _words(element: etree._Element) -> str:
    return " ".join((element.text or "").split())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace("，", ",").split(",") if one.strip())


def _resource(reader: Reader, element: etree._Element, path: str) -> Resource:
    reader.strangers(element, {"resourceDesc", "size", "digest"}, path)
    size = reader.text(element, "size", path)
    if size and not (size.isascii() and size.isdigit() and len(size) < 16):
        zh, en = f"附件大小“{size[:20]}”应为字节数", f"the size {size[:20]!r} must be a number of bytes"
        raise CapError("number", zh, en, path=f"{path}/size")
    return Resource(
        reader.text(element, "resourceDesc", path) or "",
        int(size) if size else None,
        reader.text(element, "digest", path) or None,
    )
