"""Findings about one info: times, texts, codes, links, resources."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from fenghuo.wire.cap import events, levels
from fenghuo.wire.cap.errors import Problem, place, warning
from fenghuo.wire.cap.lint_area import area_problems
from fenghuo.wire.cap.lint_text import text_problems
from fenghuo.wire.cap.model import Alert, Info, Resource
from fenghuo.wire.cap.values import Certainty, MsgType, ResponseType, Severity, Status, Urgency

HEADLINE_LENGTH = 160  # CAP-v1.2 §3.2.2: what many displays can hold

_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?:\s*;.*)?", re.ASCII)
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_MARKED = re.compile(r"演练|演习|测试|试验|exercise|drill|test", re.IGNORECASE)


def info_problems(info: Info, alert: Alert, path: str) -> Iterator[Problem]:
    """Everything wrong in an info of the alert, areas and resources included."""
    yield from _texts(info, alert, path)
    yield from _times(info, alert, path)
    yield from _values(info, path)
    yield from _codes(info, path)
    for number, resource in enumerate(info.resources, 1):
        yield from _resource(resource, place(path, "resource", number, len(info.resources)))
    if not info.areas and alert.msg_type in (MsgType.ALERT, MsgType.UPDATE):
        yield Problem("no_area", path, "没有写明影响区域", "no area is given")
    for number, area in enumerate(info.areas, 1):
        yield from area_problems(area, place(path, "area", number, len(info.areas)))


def _texts(info: Info, alert: Alert, path: str) -> Iterator[Problem]:
    if not info.event.strip():
        yield Problem("event_empty", f"{path}/event", "没有写事件类型", "the event is empty")
    if info.language is None:
        zh, en = "没有写语言，按标准会被当作英语", "no language is given, which the standard reads as en-US"
        yield warning("no_language", f"{path}/language", zh, en)
    texts = {
        "event": info.event,
        "audience": info.audience,
        "senderName": info.sender_name,
        "headline": info.headline,
        "description": info.description,
        "instruction": info.instruction,
        "contact": info.contact,
    }
    for tag, text in texts.items():
        yield from text_problems(text, f"{path}/{tag}")
    if info.headline and len(info.headline) > HEADLINE_LENGTH:
        zh = f"标题有 {len(info.headline)} 字，许多终端只显示 {HEADLINE_LENGTH} 字"
        yield warning("headline_long", f"{path}/headline", zh, f"many displays cut a headline at {HEADLINE_LENGTH}")
    if alert.status in (Status.EXERCISE, Status.TEST):
        for tag in ("headline", "description"):
            if texts[tag] and not _MARKED.search(texts[tag] or ""):
                zh, en = "演练或测试消息的文字没有标明演练、测试", "the text of an exercise or test does not say so"
                yield warning("exercise_unmarked", f"{path}/{tag}", zh, en)


def _times(info: Info, alert: Alert, path: str) -> Iterator[Problem]:
    begins = info.effective or alert.sent
    if info.expires is None:
        zh, en = "没有写失效时间，预警会一直挂着", "no expiry is given: the warning would stand for ever"
        yield warning("no_expires", f"{path}/expires", zh, en)
        return
    if info.expires <= alert.sent:
        yield Problem(
            "expires_before_sent", f"{path}/expires", "失效时间不晚于发送时间", "it expires before it is sent"
        )
    elif info.expires <= begins:
        zh, en = "失效时间不晚于生效时间", "it expires before it takes effect"
        yield Problem("expires_before_effective", f"{path}/expires", zh, en)
    if info.onset is not None and info.expires < info.onset:
        zh, en = "失效时间早于事件预计开始的时间", "it expires before the event is expected to begin"
        yield warning("expires_before_onset", f"{path}/expires", zh, en)


def _values(info: Info, path: str) -> Iterator[Problem]:
    unknown = {"urgency": Urgency.UNKNOWN, "severity": Severity.UNKNOWN, "certainty": Certainty.UNKNOWN}
    for tag, value in unknown.items():
        if getattr(info, tag) is value:
            zh, en = f"{tag} 为 Unknown，接收系统难以排出先后", f"{tag} is Unknown: receivers cannot rank the message"
            yield warning("unknown_value", f"{path}/{tag}", zh, en)
    if ResponseType.NONE in info.response_types and len(info.response_types) > 1:
        zh, en = "responseType 的 None 与其他行动并列", "responseType None stands beside other actions"
        yield warning("response_none", f"{path}/responseType", zh, en)
    level = levels.level_of(info)
    if level is not None and level.severity is not info.severity:
        yield warning(
            "level_mismatch",
            f"{path}/severity",
            f"{level.colour_zh}色预警通常对应 {level.severity}，这里是 {info.severity}",
            f"a {level.colour.lower()} warning is usually {level.severity}, here it is {info.severity}",
        )
    if info.web is not None and not _absolute(info.web):
        zh, en = "web 应为完整的 http 或 https 地址", "web must be a complete http or https address"
        yield Problem("uri", f"{path}/web", zh, en)


def _codes(info: Info, path: str) -> Iterator[Problem]:
    for tag, pairs in (("eventCode", info.event_codes), ("parameter", info.parameters)):
        for number, pair in enumerate(pairs, 1):
            if not pair.name.strip():
                yield warning(
                    "pair_name", place(path, tag, number, len(pairs)), "valueName 为空", "the valueName is empty"
                )
    code = levels.event_code_of(info)
    if code is not None and not events.CODE.fullmatch(code):
        zh, en = (
            f"事件代码“{code[:20]}”应为五位，如 11B03",
            f"event code {code[:20]!r} should have five characters such as 11B03",
        )
        yield warning("event_code", f"{path}/eventCode", zh, en)


def _resource(resource: Resource, path: str) -> Iterator[Problem]:
    yield from text_problems(resource.description, f"{path}/resourceDesc")
    if not _MIME.fullmatch(resource.mime_type):
        zh, en = "mimeType 应写作 image/png 这样的形式", "mimeType should look like image/png"
        yield warning("mime_type", f"{path}/mimeType", zh, en)
    if resource.size is not None and resource.size < 0:
        yield Problem("size", f"{path}/size", "文件大小不能为负", "a size cannot be negative")
    if resource.uri is not None and not _absolute(resource.uri):
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", resource.uri)
        if scheme or resource.deref_uri is None:
            zh = "uri 应为完整的 http 或 https 地址；相对地址须同时给出 derefUri"
            yield Problem(
                "uri", f"{path}/uri", zh, "uri must be a complete http(s) address, or relative beside a derefUri"
            )
    if resource.deref_uri is not None and not _BASE64.fullmatch(re.sub(r"\s", "", resource.deref_uri)):
        yield warning("deref_uri", f"{path}/derefUri", "derefUri 不是 base64", "derefUri is not base64")
    if resource.digest is not None and not _SHA1.fullmatch(resource.digest.strip()):
        yield warning(
            "digest", f"{path}/digest", "digest 不是 SHA-1 的 40 位十六进制", "digest is not SHA-1 in hexadecimal"
        )


def _absolute(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
