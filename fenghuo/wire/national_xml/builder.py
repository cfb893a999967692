"""A message written as national warning XML: UTF-8, no namespace, always the same bytes for the same message."""

from collections.abc import Sequence

from lxml import etree

from fenghuo.wire.cap import CapError
from fenghuo.wire.cap.fields import TEXT
from fenghuo.wire.national_xml import values
from fenghuo.wire.national_xml.model import Area, Info, Message, Method, Resource
from fenghuo.wire.national_xml.parser import parse
from fenghuo.wire.national_xml.times import CHINA, write_time

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def build(message: Message) -> bytes:
    """The message as a document, without white space between elements. CapError for what its receiver must not do without.

    Required in every message: identifier, sender, senderCode, sendTime, at least one way of release, and in each info a type, the
    signer's name, headline, description, when it takes effect, and an area with a division code. What comes out parses back equal.
    """
    _refuse_incomplete(message)
    root = etree.Element("alert")
    for name, value in (
        ("identifier", message.identifier),
        ("sender", message.sender),
        ("senderCode", message.sender_code),
        ("phone", message.phone),
        ("sendTime", write_time(message.sent, "alert/sendTime")),
        ("status", message.status),
        ("msgType", message.msg_type),
        ("scope", message.scope),
    ):
        _leaf(root, name, value)
    code = etree.SubElement(root, "code")
    for method in message.methods:
        _method(code, method)
    _leaf(root, "secClassification", message.classification)
    _leaf(root, "note", message.note)
    _leaf(root, "references", message.references)
    for info in message.infos:
        _info(etree.SubElement(root, "info"), info)
    data: bytes = _HEAD + etree.tostring(root, encoding="UTF-8") + b"\n"
    if parse(data) != message:
        zh, en = (
            "有字段首尾有空白或含有逗号，写出后无法原样读回",
            "a field has outer spaces or a comma and would not be read back",
        )
        raise CapError("form", zh, en, path="alert")
    return data


def file_name(message: Message) -> str:
    """`33000041600000_20121025091026_11B01_BLUE_ALERT.xml`: sender, time in China, type, colour, kind of message."""
    info = message.infos[0]
    at = message.sent.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
    words = (message.sender_code, at, info.event_type, info.severity.value.upper(), message.msg_type.value.upper())
    return f"{'_'.join(words)}.xml"


def _refuse_incomplete(message: Message) -> None:
    needed: list[tuple[object, str]] = [
        (message.identifier, "alert/identifier"),
        (message.sender, "alert/sender"),
        (values.SENDER_CODE.fullmatch(message.sender_code), "alert/senderCode"),
        (message.methods and all(one.name for one in message.methods), "alert/code/method/methodName"),
        (message.infos, "alert/info"),
    ]
    for info in message.infos:
        needed += [
            (values.EVENT_TYPE.fullmatch(info.event_type), "alert/info/eventType"),
            (info.sender_name, "alert/info/senderName"),
            (info.headline, "alert/info/headline"),
            (info.description, "alert/info/description"),
            (info.effective, "alert/info/effective"),
            (info.areas and all(one.description for one in info.areas), "alert/info/area/areaDesc"),
            (all(one.geocodes for one in info.areas), "alert/info/area/geocode"),
        ]
    for held, path in needed:
        if not held:
            name = path.rpartition("/")[2]
            raise CapError("missing", f"国家预警报文必须有 {name}", f"the national XML requires {name}", path=path)


def _leaf(parent: etree._Element, name: str, value: str | None) -> None:
    if value is not None:
        etree.SubElement(parent, name).text = TEXT.write(value, f"{parent.tag}/{name}", None)


def _method(parent: etree._Element, method: Method) -> None:
    element = etree.SubElement(parent, "method")
    _leaf(element, "methodName", method.name)
    _leaf(element, "message", method.message)
    _leaf(element, "audienceGrp", ",".join(method.groups))
    _leaf(element, "audenceprt", ",".join(method.recipients))


def _info(element: etree._Element, info: Info) -> None:
    times = {
        name: write_time(moment, f"info/{name}") if moment else None
        for name, moment in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires))
    }
    for name, value in (
        ("language", info.language),
        ("eventType", info.event_type),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        *times.items(),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
    ):
        _leaf(element, name, value)
    _several(element, info.parameters)
    for resource in info.resources:
        _resource(etree.SubElement(element, "resource"), resource)
    for area in info.areas:
        _area(etree.SubElement(element, "area"), area)


def _several(parent: etree._Element, parameters: Sequence[tuple[str, str]]) -> None:
    for name, value in parameters:
        element = etree.SubElement(parent, "parameter")
        _leaf(element, "valueName", name)
        _leaf(element, "value", value)


def _resource(element: etree._Element, resource: Resource) -> None:
    _leaf(element, "resourceDesc", resource.description)
    _leaf(element, "size", None if resource.size is None else str(resource.size))
    _leaf(element, "digest", resource.digest)


def _area(element: etree._Element, area: Area) -> None:
    _leaf(element, "areaDesc", area.description)
    for polygon in area.polygons:
        _leaf(element, "polygon", polygon)
    for circle in area.circles:
        _leaf(element, "circle", circle)
    _leaf(element, "geocode", ",".join(area.geocodes))
