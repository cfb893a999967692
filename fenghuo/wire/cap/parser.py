"""Bytes from anywhere read as a CAP alert, or refused with the reason and the place."""

from typing import Any, cast

from lxml import etree

from fenghuo.wire.cap.errors import CapError, Problem, place
from fenghuo.wire.cap.fields import ALERT, Branch, Field
from fenghuo.wire.cap.guard import MAX_POINTS, MAX_SHAPES, open_tree, split_name
from fenghuo.wire.cap.model import Alert
from fenghuo.wire.cap.schema import schema_problems
from fenghuo.wire.cap.values import NAMESPACE, SIGNATURE_NAMESPACE

_VERY_LIKELY = ("Very Likely", "VeryLikely")


def parse(data: bytes) -> Alert:
    """The alert in a CAP 1.2 document; CapError and nothing else for any other bytes.

    The document must be harmless (`guard`), valid against the OASIS schema and within MAX_SHAPES and MAX_POINTS. One
    deviation is understood, as the standard asks: certainty "Very Likely" of CAP 1.0 is read as Likely and put into
    `remarks`. Comments and processing instructions are not kept; elements of the xmldsig namespace are.
    """
    root = open_tree(data)
    remarks = _read_very_likely(root)
    refuse_invalid(root)
    check_limits(root)
    extensions = tuple(canonical(child) for child in root if split_name(child)[0] == SIGNATURE_NAMESPACE)
    fields = _read(root, ALERT, "alert")
    return Alert(**fields, extensions=extensions, remarks=remarks)


def refuse_invalid(root: etree._Element) -> None:
    """CapError with the schema's first finding; its code is `schema`, `version` or `not_cap`."""
    for problem in schema_problems(root):
        raise CapError(problem.code, problem.zh, problem.en, path=problem.path, line=problem.line)


def canonical(extension: etree._Element) -> str:
    """The element alone in exclusive canonical XML; CapError `extension` when it has none (relative namespace names)."""
    try:
        data: bytes = etree.tostring(extension, method="c14n", exclusive=True, with_comments=False)
        return data.decode()
    except etree.LxmlError as error:
        zh, en = "签名等扩展元素无法规范化", "the signature or other extension has no canonical form"
        raise CapError("extension", zh, en, path="alert", line=extension.sourceline or 0) from error


def check_limits(root: etree._Element) -> None:
    """CapError `too_many` when the areas together have more shapes or points than any real warning."""
    polygons = [element.text or "" for element in root.iter(f"{{{NAMESPACE}}}polygon")]
    shapes = len(polygons) + sum(1 for _ in root.iter(f"{{{NAMESPACE}}}circle"))
    points = sum(len(text.split()) for text in polygons)
    if shapes > MAX_SHAPES or points > MAX_POINTS:
        raise CapError(
            "too_many",
            f"区域共有 {shapes} 个图形、{points} 个点，上限为 {MAX_SHAPES} 个、{MAX_POINTS} 个",
            f"the areas have {shapes} shapes and {points} points, the limits are {MAX_SHAPES} and {MAX_POINTS}",
            path="alert/info/area",
        )


def _read_very_likely(root: etree._Element) -> tuple[Problem, ...]:
    remarks = []
    infos = root.findall(f"{{{NAMESPACE}}}info")
    for number, info in enumerate(infos, 1):
        certainty = info.find(f"{{{NAMESPACE}}}certainty")
        if certainty is not None and certainty.text in _VERY_LIKELY and not len(certainty):
            certainty.text = "Likely"
            zh, en = "“Very Likely”已废止，按 Likely 读取", "“Very Likely” is deprecated; it was read as Likely"
            path = f"{place('alert', 'info', number, len(infos))}/certainty"
            remarks.append(Problem("very_likely", path, zh, en, "warning", certainty.sourceline or 0))
    return tuple(remarks)


def _read(element: etree._Element, branch: Branch, path: str) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for field in branch.fields:
        children = element.findall(f"{{{NAMESPACE}}}{field.tag}")
        if field.many:
            held[field.attribute] = tuple(
                _value(child, field, place(path, field.tag, i, len(children))) for i, child in enumerate(children, 1)
            )
        elif children:
            held[field.attribute] = _value(children[0], field, f"{path}/{field.tag}")
        elif field.attribute == "language":
            held[field.attribute] = None  # absent is not the same as our default
    return held


def _value(element: etree._Element, field: Field, path: str) -> Any:
    if isinstance(field.kind, Branch):
        return cast(Any, field.kind.model)(**_read(element, field.kind, path))
    return field.kind.read(element.text or "", path)
