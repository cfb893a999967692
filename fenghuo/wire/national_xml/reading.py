"""Reading single elements: each leaf at most once, without children, with a remark for what is odd but harmless."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from fenghuo.wire.cap import CapError, Problem
from fenghuo.wire.cap.errors import warning
from fenghuo.wire.cap.guard import split_name
from fenghuo.wire.cap.values import SIGNATURE_NAMESPACE
from fenghuo.wire.national_xml.times import read_time

Choice = TypeVar("Choice", bound=StrEnum)
MAX_TEXT = 20_000
MAX_REMARKS = 50


class Reader:
    """What is common to all elements of one document; `remarks` gather on the way."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.remarks: list[Problem] = []

    def tag(self, name: str) -> str:
        """The name as lxml writes it."""
        return f"{{{self.namespace}}}{name}" if self.namespace else name

    def children(self, element: etree._Element, name: str) -> list[etree._Element]:
        """Every child of that name."""
        return list(element.iterchildren(self.tag(name)))

    def remark(self, code: str, path: str, zh: str, en: str) -> None:
        """Note something that was read differently from what was written."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(warning(code, path, zh, en))

    def strangers(self, element: etree._Element, known: set[str], path: str) -> None:
        """Note children that the format does not know; the message itself keeps its bytes, nobody relies on them."""
        for child in element:
            namespace, name = split_name(child)
            if namespace == SIGNATURE_NAMESPACE and name == "Signature":
                continue
            if namespace != self.namespace or name not in known:
                zh, en = f"不认识的元素“{name[:40]}”，未读取", f"the element {name[:40]!r} is unknown and was not read"
                self.remark("unknown", f"{path}/{name[:40]}", zh, en)

    def text(self, element: etree._Element, name: str, path: str) -> str | None:
        """The text of a leaf, None when absent. CapError `twice` or `type`."""
        found = self.children(element, name)
        if not found:
            return None
        where = f"{path}/{name}"
        if len(found) > 1:
            raise CapError("twice", f"{name} 出现多次", f"{name} stands more than once", path=where)
        if len(found[0]):
            raise CapError(
                "type", f"{name} 应为文字，含有下级元素", f"{name} must be text, it has elements", path=where
            )
        text = found[0].text or ""
        if len(text) > MAX_TEXT:
            zh, en = f"{name} 超过 {MAX_TEXT} 字", f"{name} is longer than {MAX_TEXT} characters"
            raise CapError("too_long", zh, en, path=where)
        return text.strip()

    def needed(self, element: etree._Element, name: str, path: str) -> str:
        """The text of a leaf that must not be empty. CapError `missing`."""
        text = self.text(element, name, path)
        if not text:
            raise CapError("missing", f"缺少必填的 {name}", f"{name} is required", path=f"{path}/{name}")
        return text

    def shaped(self, element: etree._Element, name: str, path: str, right: Callable[[str], object]) -> str:
        """A needed text of a certain form. CapError `form`."""
        text = self.needed(element, name, path)
        if not right(text):
            zh, en = f"{name}“{text[:40]}”的格式有误", f"{name} {text[:40]!r} is not of the form required"
            raise CapError("form", zh, en, path=f"{path}/{name}")
        return text

    def choice(
        self, element: etree._Element, name: str, enum: type[Choice], path: str, absent: Choice | None = None
    ) -> Choice:
        """A value of a closed list, in any case of letters; `absent` stands in, with a remark, for one left out."""
        text = self.text(element, name, path)
        if not text and absent is not None:
            zh, en = f"缺少 {name}，按 {absent} 读取", f"{name} is missing and was read as {absent}"
            self.remark("absent", f"{path}/{name}", zh, en)
            return absent
        if not text:
            raise CapError("missing", f"缺少必填的 {name}", f"{name} is required", path=f"{path}/{name}")
        for one in enum:
            if text.replace(" ", "").casefold() == one.value.casefold():
                return one
        zh, en = f"{name}“{text[:40]}”不在规定取值内", f"{name} {text[:40]!r} is not one of the values allowed"
        raise CapError("value", zh, en, path=f"{path}/{name}")

    def time(self, element: etree._Element, name: str, path: str) -> datetime | None:
        """A time that may be absent or empty."""
        text = self.text(element, name, path)
        return read_time(text, f"{path}/{name}", self.remarks) if text else None
