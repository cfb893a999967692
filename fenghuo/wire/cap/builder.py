"""A CAP model written as XML: UTF-8, the schema's order, two-space indentation, the same bytes for the same alert."""

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from lxml import etree

from fenghuo.wire.cap.errors import CapError, place
from fenghuo.wire.cap.fields import ALERT, TEXT, Branch, Field
from fenghuo.wire.cap.guard import open_tree, split_name
from fenghuo.wire.cap.model import Alert
from fenghuo.wire.cap.parser import canonical, check_limits, refuse_invalid
from fenghuo.wire.cap.times import CHINA
from fenghuo.wire.cap.values import NAMESPACE, SIGNATURE_NAMESPACE

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def build(alert: Alert, *, zone: tzinfo | None = CHINA, indent: bool = True) -> bytes:
    """The alert as an XML document; times in `zone`, or each in its own offset with `zone=None`.

    `indent=False` writes no white space between elements: the form for what will be signed (see `signing`).

    What comes out is valid against the OASIS schema, within the limits `parse` sets, and parses back to an equal alert.
    Everything else is CapError with the path of the element that cannot be written.
    """
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _write(root, ALERT, alert, "alert", zone)
    if indent:
        etree.indent(root, "  ")
    text: str = etree.tostring(root, encoding="unicode")
    # Extensions go in as text: the parser's own serializer would lose an empty default namespace inside them.
    extensions = "".join(
        _extension(held, place("alert", "Signature", i, len(alert.extensions)))
        for i, held in enumerate(alert.extensions, 1)
    )
    data = (_HEAD + text.removesuffix("</alert>") + extensions + "</alert>\n").encode()
    written = open_tree(data)
    refuse_invalid(written)
    check_limits(written)
    return data


def _write(parent: etree._Element, branch: Branch, model: Any, path: str, zone: tzinfo | None) -> None:
    if not isinstance(model, branch.model):
        wanted, got = branch.model.__name__, type(model).__name__
        raise CapError("type", f"此处应为 {wanted}，得到 {got}", f"{wanted} wanted here, got {got}", path=path)
    for field in branch.fields:
        for value, where in _values(field, getattr(model, field.attribute), path):
            child = etree.SubElement(parent, f"{{{NAMESPACE}}}{field.tag}")
            if isinstance(field.kind, Branch):
                _write(child, field.kind, value, where, zone)
            else:
                child.text = field.kind.write(value, where, zone)


def _values(field: Field, held: Any, path: str) -> Iterator[tuple[Any, str]]:
    if not field.many:
        if held is not None:
            yield held, f"{path}/{field.tag}"
    elif isinstance(held, tuple | list):
        for number, value in enumerate(held, 1):
            yield value, place(path, field.tag, number, len(held))
    else:
        raise CapError("type", "此处应为元组", "a tuple is wanted here", path=f"{path}/{field.tag}")


def _extension(text: str, path: str) -> str:
    root = open_tree(TEXT.write(text, path, None).encode())
    if split_name(root)[0] != SIGNATURE_NAMESPACE:
        raise CapError("extension", "扩展元素只能属于 xmldsig", "an extension must be an xmldsig element", path=path)
    written = canonical(root)
    nameless = any(not split_name(element)[0] for element in root.iter())
    if nameless and None not in root.nsmap:
        # Otherwise the alert's default namespace would swallow elements that have none.
        return re.sub(r"^<[^\s/>]+", r'\g<0> xmlns=""', written, count=1)
    return written
