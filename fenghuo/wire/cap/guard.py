"""What is refused before any XML parser sees it, and how the rest is parsed (FAULTS X10).

The bytes are decoded here, strictly and once; the parser then gets UTF-8 without an XML declaration. What was searched for
declarations is therefore exactly what is parsed, and no encoding trick can lie between the two.
"""

import codecs
import re

from lxml import etree

from fenghuo.wire.cap.errors import CapError

MAX_BYTES = 512 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 64
MAX_SHAPES = 1_000
MAX_POINTS = 10_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# The names a peer may declare, and the family of code units each belongs to. Everything else (UTF-7, EBCDIC, ISO-2022,
# HZ, …) can hide a "<" from a search or from one of two parsers, so it is refused by name.
_DECLARED = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "ascii", "ascii": "ascii", "iso-8859-1": "iso-8859-1",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "utf-32": "utf-32", "utf-32le": "utf-32-le", "utf-32be": "utf-32-be",
}  # fmt: skip
_DECLARATION = re.compile(
    r"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')"""
    r"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][\w.-]*)"|'([A-Za-z][\w.-]*)'))?"""
    r"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>""",
    re.ASCII,
)
# Any markup declaration, in any spelling; comments and CDATA sections are the only "<!" a CAP message may contain.
_FORBIDDEN = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)|<!(?!--|\[CDATA\[)", re.IGNORECASE)
BAD_CHARACTER = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def open_tree(data: bytes) -> etree._Element:
    """The root element of a harmless document; CapError for every other sequence of bytes."""
    return _parse(readable_text(data))


def split_name(element: etree._Element) -> tuple[str, str]:
    """Namespace ("" for none) and local name. lxml's own QName refuses names that documents can hold."""
    namespace, _, name = element.tag.rpartition("}")
    return namespace[1:], name


def readable_text(data: bytes) -> str:
    """The document as text without its XML declaration, searched for everything that is refused unparsed.

    CapError `too_big` (over 512 KB), `encoding`, `doctype`, `character`.
    """
    if len(data) > MAX_BYTES:
        raise CapError(
            "too_big",
            f"报文 {len(data)} 字节，上限为 {MAX_BYTES} 字节",
            f"the message has {len(data)} bytes, the limit is {MAX_BYTES}",
        )
    text = _decode(data)
    for found in _FORBIDDEN.finditer(text):
        raise CapError(
            "doctype",
            "报文含有 DOCTYPE、ENTITY 等标记声明，一律不予解析",
            "the message contains a DOCTYPE, ENTITY or other markup declaration and is not parsed",
            line=text.count("\n", 0, found.start()) + 1,
            column=found.start() - text.rfind("\n", 0, found.start()),
        )
    for found in BAD_CHARACTER.finditer(text):
        raise CapError(
            "character",
            f"报文含有 XML 不允许的字符 U+{ord(found[0]):04X}",
            f"the message contains U+{ord(found[0]):04X}, which XML does not allow",
            line=text.count("\n", 0, found.start()) + 1,
            column=found.start() - text.rfind("\n", 0, found.start()),
        )
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _decode(data: bytes) -> str:
    marked, body = _code_unit(data)
    codec = _codec(marked, _declared_name(body, marked or "iso-8859-1"))
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        at = error.start + 1
        raise CapError("encoding", f"第 {at} 字节不符合编码 {codec}", f"byte {at} is not valid {codec}") from error


def _codec(marked: str, declared: str) -> str:
    """The codec to use, given what the first bytes show and what the XML declaration claims; they must agree."""
    known = _DECLARED.get(declared.lower()) if declared else marked or "utf-8"
    shown = declared[:40]
    if known is None:
        raise CapError("encoding", f"不接受编码“{shown}”", f"the encoding {shown!r} is not accepted")
    byte_order_left_open = known in ("utf-16", "utf-32") and marked.startswith(known)
    if (known != marked and not byte_order_left_open) if marked else known.startswith(("utf-16", "utf-32")):
        real = marked or "8-bit"
        raise CapError(
            "encoding",
            f"声明的编码“{shown}”与实际编码 {real} 不符",
            f"the declared encoding {shown!r} is not the actual one, {real}",
        )
    return marked or known


def _code_unit(data: bytes) -> tuple[str, bytes]:
    """The encoding by byte order mark or by the shape of the first "<", and the rest; "" for 8-bit families."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return codec, data[len(mark) :]
    for shape, codec in _SHAPES:
        if data.startswith(shape):
            return codec, data
    return "", data


def _declared_name(body: bytes, codec: str) -> str:
    head = body[:1024].decode(codec, errors="replace")
    match = _DECLARATION.match(head)
    if match is None and re.match(r"<\?xml[ \t\r\n]", head):
        raise CapError("encoding", "XML 声明无法识别", "the XML declaration cannot be understood", line=1, column=1)
    return (match[1] or match[2] or "") if match else ""


def _parse(text: str) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise CapError(
            "xml", "报文不是合格的 XML", f"not well-formed XML: {error.msg}", line=line, column=column
        ) from error
    except (ValueError, etree.LxmlError) as error:
        raise CapError("xml", "报文不是合格的 XML", f"not well-formed XML: {error}") from error
    if root is None:
        raise CapError("xml", "报文为空", "the message is empty")
    _measure(root)
    return root


def _measure(root: etree._Element) -> None:
    depth = 0
    for count, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        line = element.sourceline or 0
        if depth > MAX_DEPTH or count > 2 * MAX_ELEMENTS or len(element.attrib) > MAX_ATTRIBUTES:
            raise CapError(
                "too_deep" if depth > MAX_DEPTH else "too_many",
                f"报文元素过多或嵌套过深（上限 {MAX_ELEMENTS} 个、{MAX_DEPTH} 层、每个 {MAX_ATTRIBUTES} 个属性）",
                f"too many or too deep elements (limits: {MAX_ELEMENTS}, {MAX_DEPTH} levels, {MAX_ATTRIBUTES} attributes each)",
                line=line,
            )
        names = (name.rpartition("}")[2] for name in (element.tag, *element.attrib))
        if any(":" in name for name in names):
            raise CapError("xml", "名称的前缀没有声明命名空间", "a name has a prefix without a namespace", line=line)
