"""What the schema cannot see: the rules of CAP-v1.2 §3.2 that make a valid document a usable warning (DOMAIN §2.4)."""

from collections.abc import Iterator
from datetime import datetime

from fenghuo.wire.cap.errors import CapError, Problem, place, warning
from fenghuo.wire.cap.lint_info import info_problems
from fenghuo.wire.cap.lint_text import text_problems
from fenghuo.wire.cap.model import Alert
from fenghuo.wire.cap.references import NAME, Reference, read_references, read_words
from fenghuo.wire.cap.values import MsgType, Scope, Status


def lint(alert: Alert, *, sent_before: datetime | None = None) -> list[Problem]:
    """Everything wrong or doubtful in the alert, in document order.

    `sent_before` (aware) is the latest moment the message can have been sent, normally now; without it a message from
    the future is not noticed. What `parse` had to read differently comes first.
    """
    found = [*alert.remarks, *_heading(alert, sent_before), *_addressing(alert), *_references(alert)]
    for number, info in enumerate(alert.infos, 1):
        found += info_problems(info, alert, place("alert", "info", number, len(alert.infos)))
    return found


def _heading(alert: Alert, sent_before: datetime | None) -> Iterator[Problem]:
    for tag, name in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not NAME.fullmatch(name):
            yield Problem(
                "name",
                f"alert/{tag}",
                f"{tag} 不能为空，也不能含有空格、逗号、< 或 &",
                f"{tag} must not be empty nor contain a space, a comma, < or &",
            )
    if sent_before is not None and alert.sent > sent_before:
        yield Problem("sent_in_future", "alert/sent", "发送时间在未来", "sent lies in the future")
    if not alert.infos and alert.msg_type in (MsgType.ALERT, MsgType.UPDATE):
        yield Problem(
            "no_info",
            "alert",
            f"{alert.msg_type} 消息没有 info，收到的人不知道发生了什么",
            f"a message of type {alert.msg_type} has no info: nobody learns what happens",
        )
    if not (alert.note or "").strip():
        if alert.status is Status.EXERCISE:
            zh, en = "演练消息应在 note 中写明演练名称", "an exercise should name itself in note"
            yield warning("exercise_without_note", "alert/note", zh, en)
        if alert.msg_type is MsgType.ERROR:
            zh, en = "Error 消息应在 note 中说明原因", "a message of type Error should give its reason in note"
            yield warning("error_without_note", "alert/note", zh, en)
    yield from text_problems(alert.note, "alert/note")


def _addressing(alert: Alert) -> Iterator[Problem]:
    if alert.scope is Scope.RESTRICTED and not (alert.restriction or "").strip():
        zh, en = "scope 为 Restricted 时必须写 restriction", "scope Restricted needs a restriction"
        yield Problem("restriction_missing", "alert/restriction", zh, en)
    if alert.restriction is not None and alert.scope is not Scope.RESTRICTED:
        zh, en = "只有 scope 为 Restricted 时才能写 restriction", "a restriction belongs to scope Restricted only"
        yield Problem("restriction_scope", "alert/restriction", zh, en)
    if alert.scope is Scope.PRIVATE and not (alert.addresses or "").strip():
        zh, en = "scope 为 Private 时必须写 addresses", "scope Private needs addresses"
        yield Problem("addresses_missing", "alert/addresses", zh, en)
    if alert.addresses is not None and alert.scope is Scope.PUBLIC:
        zh, en = "scope 为 Public 却写了 addresses", "addresses are given although the scope is Public"
        yield warning("addresses_scope", "alert/addresses", zh, en)
    for tag, text in (("addresses", alert.addresses), ("incidents", alert.incidents)):
        try:
            read_words(text or "", f"alert/{tag}")
        except CapError as error:
            yield Problem(error.code, error.path, error.zh, error.en)


def _references(alert: Alert) -> Iterator[Problem]:
    path = "alert/references"
    if not (alert.references or "").strip():
        if alert.msg_type is not MsgType.ALERT:
            zh = f"{alert.msg_type} 消息必须引用它所针对的消息"
            yield Problem("references_missing", path, zh, f"a message of type {alert.msg_type} must refer to another")
        return
    try:
        references = read_references(alert.references or "", path)
    except CapError as error:
        yield Problem(error.code, path, error.zh, error.en)
        return
    seen: set[tuple[str, str]] = set()
    for reference in references:
        yield from _reference(reference, alert, path)
        if (reference.sender, reference.identifier) in seen:
            zh, en = f"重复引用 {reference.identifier[:80]}", f"{reference.identifier[:80]!r} is referred to twice"
            yield warning("reference_twice", path, zh, en)
        seen.add((reference.sender, reference.identifier))


def _reference(reference: Reference, alert: Alert, path: str) -> Iterator[Problem]:
    name = reference.identifier[:80]
    if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
        yield Problem("reference_circular", path, f"消息引用了自己（{name}）", f"the message refers to itself ({name})")
    elif reference.sent > alert.sent:
        yield Problem(
            "reference_postdated",
            path,
            f"被引用的 {name} 的发送时间晚于本消息",
            f"{name}, which is referred to, was sent later than this message",
        )


def chain_problems(alerts: list[Alert]) -> list[Problem]:
    """Circles among several alerts' references, one finding per alert on a circle; unreadable references are skipped."""
    edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for alert in alerts:
        try:
            references = read_references(alert.references or "")
        except CapError:
            references = ()  # `lint` of that alert reports it
        edges.setdefault((alert.sender, alert.identifier), set()).update((r.sender, r.identifier) for r in references)
    return [
        Problem(
            "reference_circular",
            name[1],
            f"{name[1][:80]} 的引用构成循环",
            f"the references of {name[1][:80]} form a circle",
        )
        for name in edges
        if _reaches(edges, name)
    ]


def _reaches(edges: dict[tuple[str, str], set[tuple[str, str]]], start: tuple[str, str]) -> bool:
    seen: set[tuple[str, str]] = set()
    waiting = list(edges[start])
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(edges.get(name, ()))
    return False
