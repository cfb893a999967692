"""Validation against the OASIS schema shipped beside this file; nothing is ever fetched."""

import re
from functools import cache
from importlib.resources import files

from lxml import etree

from fenghuo.wire.cap.errors import Problem
from fenghuo.wire.cap.guard import open_tree, split_name
from fenghuo.wire.cap.values import NAMESPACE

MAX_REPORTED = 50

_OTHER_VERSIONS = {"http://www.incident.com/cap/1.0": "1.0", "urn:oasis:names:tc:emergency:cap:1.1": "1.1"}
_BRACED = re.compile(r"\{[^}'\"]*\}")
_STEP = re.compile(r"(?:([^:@\[\]]+):)?([^:@\[\]]+)(?:\[([0-9]{1,9})\])?")
_QUOTED = re.compile(r"[Vv]alue '(.*?)'|^Element '[^']*': '(.*?)' is not a valid", re.DOTALL)
_TIME = re.compile(r"/(?:sent|effective|onset|expires)$")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)", re.DOTALL)


def validate(data: bytes) -> list[Problem]:
    """What the schema finds wrong with a document, at most 50; empty when valid. CapError when it must not be parsed."""
    return schema_problems(open_tree(data))


def schema_problems(root: etree._Element) -> list[Problem]:
    """The schema's findings about a parsed document, one per element, in document order."""
    if split_name(root) != (NAMESPACE, "alert"):
        return [_foreign_root(*split_name(root))]
    # A schema object keeps its error log to itself only while one thread uses it; compiling takes a third of a millisecond.
    schema = etree.XMLSchema(etree.fromstring(_schema_bytes()))
    if schema.validate(root):
        return []
    found: dict[tuple[str, int], Problem] = {}
    for entry in schema.error_log:
        path = element_path(root, entry.path)
        found.setdefault((path, entry.line), _problem(entry, path))
        if len(found) >= MAX_REPORTED:
            break
    return list(found.values())


def element_path(root: etree._Element, xpath: str | None) -> str:
    """`alert/info[2]/sent` for the path the validator gives; indexes where a name repeats."""
    node = root
    steps = [split_name(root)[1][:40]]
    for step in (xpath or "").split("/")[2:]:
        child = _child(node, step)
        if child is None:
            break
        twins = [sibling for sibling in node if sibling.tag == child.tag]
        index = f"[{twins.index(child) + 1}]" if len(twins) > 1 else ""
        steps.append(split_name(child)[1][:40] + index)
        node = child
    return "/".join(steps)


def _child(node: etree._Element, step: str) -> etree._Element | None:
    """The child a step means. Not evaluated as XPath: the step may hold a prefix the document made up."""
    match = _STEP.fullmatch(step)
    if match is None:
        return None
    prefix, name, number = match[1], match[2], int(match[3] or 1)
    named = [c for c in node if name == "*" or (split_name(c)[1] == name and c.prefix == prefix)]
    return named[number - 1] if number <= len(named) else None


@cache
def _schema_bytes() -> bytes:
    return files("fenghuo.wire.cap").joinpath("cap12.xsd").read_bytes()


def _foreign_root(namespace: str, name: str) -> Problem:
    version = _OTHER_VERSIONS.get(namespace)
    if version and name == "alert":
        return Problem(
            "version", "alert", f"这是 CAP {version}，只接受 CAP 1.2", f"this is CAP {version}; only 1.2 is accepted"
        )
    shown = name[:40]
    return Problem(
        "not_cap",
        shown,
        f"根元素“{shown}”不是 CAP 1.2 的 alert",
        f"the root element {shown!r} is not the alert of CAP 1.2",
    )


def _problem(entry: etree._LogEntry, path: str) -> Problem:
    english = _BRACED.sub("", entry.message).strip()[:400]
    chinese = _chinese(english, entry.type_name)
    if _TIME.search(path) and "not expected" not in english:
        example = "2024-07-19T04:30:00+08:00"
        chinese, english = f"{chinese}，应写作 {example}", f"{english} Write it as {example}."
    return Problem("schema", path, chinese, english, line=entry.line)


def _chinese(english: str, kind: str) -> str:
    expected = _EXPECTED.search(english)
    instead = f"，应为 {expected[1][:200]}" if expected else ""
    quoted = _QUOTED.search(english)
    value = f"“{(quoted[1] or quoted[2] or '')[:60]}”" if quoted else ""
    if "Missing child element" in english:
        return f"缺少下级元素{instead}"
    if "is not expected" in english:
        return f"此处不应出现这个元素{instead}"
    if "attribute" in english and "not allowed" in english:
        return "此元素不允许带这个属性"
    if "content" in english and "not allowed" in english:
        return "此处不允许有文字"
    if kind == "SCHEMAV_CVC_ENUMERATION_VALID":
        return f"取值{value}不在 CAP 1.2 规定的范围内"
    if kind in ("SCHEMAV_CVC_PATTERN_VALID", "SCHEMAV_CVC_DATATYPE_VALID_1_2_1"):
        return f"取值{value}的格式不对"
    return "不符合 CAP 1.2 架构"
