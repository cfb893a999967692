"""Documents somebody might send to break, read or stall the receiver: name, bytes, the code of the refusal.

Built around a document that would be accepted, so that each is refused for its trick and not for being incomplete.
"""

import codecs

from fenghuo.wire.cap import build
from tests.wire.cap.alerts import rainstorm

GOOD = build(rainstorm()).decode()
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
BODY = GOOD.removeprefix(HEAD)
NS = 'xmlns="urn:oasis:names:tc:emergency:cap:1.2"'
LAUGHS = "<!DOCTYPE alert [<!ENTITY a 'lol'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
)
XXE = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def _with(event: str) -> str:
    return BODY.replace("<event>暴雨</event>", f"<event>{event}</event>")


def _utf16(text: str, declared: str = "UTF-16") -> str:
    return f'<?xml version="1.0" encoding="{declared}"?>{text}'


def _polygons(number: int, points: int) -> str:
    ring = " ".join(["39.1,117.1"] * points)
    shapes = f"<polygon>{ring}</polygon>" * number
    return HEAD + BODY.replace("<geocode>", shapes + "<geocode>", 1)


def _declared(name: str) -> str:
    return HEAD.replace("UTF-8", name)


def _wide(count: int) -> str:
    return f"{HEAD}<alert {NS}>{'<info/>' * count}</alert>"


def _attributes(name: str, count: int) -> str:
    return f"{HEAD}<alert {NS} " + " ".join(name.format(i) + "='u'" for i in range(count)) + "/>"


DOCTYPES = {
    "billion laughs": (HEAD + LAUGHS + "]>" + _with("&j;")).encode(),
    "quadratic blowup": (HEAD + f"<!DOCTYPE alert [<!ENTITY a '{'a' * 50_000}'>]>" + _with("&a;" * 5_000)).encode(),
    "external entity file": (HEAD + XXE + _with("&x;")).encode(),
    "external entity http": (
        HEAD + XXE.replace("file:///etc/hostname", "http://127.0.0.1:9/x") + _with("&x;")
    ).encode(),
    "parameter entity": (HEAD + '<!DOCTYPE alert [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>' + BODY).encode(),
    "external subset": (HEAD + '<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">' + BODY).encode(),
    "public identifier": (HEAD + '<!DOCTYPE alert PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">' + BODY).encode(),
    "empty doctype": (HEAD + "<!DOCTYPE alert>" + BODY).encode(),
    "doctype in lower case": (HEAD + "<!doctype alert>" + BODY).encode(),
    "doctype with blank": (HEAD + "<! DOCTYPE alert>" + BODY).encode(),
    "entity recursion": (HEAD + '<!DOCTYPE alert [<!ENTITY a "&b;"><!ENTITY b "&a;">]>' + _with("&a;")).encode(),
    "attribute default": (HEAD + "<!DOCTYPE alert [<!ATTLIST event x CDATA 'y'>]>" + BODY).encode(),
    "notation": (HEAD + '<!DOCTYPE alert [<!NOTATION n SYSTEM "cmd">]>' + BODY).encode(),
    "entity without doctype": (HEAD + BODY + "<!ENTITY x 'y'>").encode(),
    "doctype after the root": (HEAD + BODY + "<!DOCTYPE alert>").encode(),
    "doctype in a comment": (HEAD + "<!-- <!DOCTYPE alert> -->" + BODY).encode(),
    "doctype in CDATA": (HEAD + _with("<![CDATA[<!DOCTYPE html>]]>")).encode(),
    "doctype behind 300 kB": (HEAD + "<!--" + " " * 300_000 + "-->" + XXE + _with("&x;")).encode(),
    "UTF-16 with mark": codecs.BOM_UTF16_LE + _utf16(XXE + _with("&x;")).encode("utf-16-le"),
    "UTF-16 big end with mark": codecs.BOM_UTF16_BE + _utf16(XXE + _with("&x;")).encode("utf-16-be"),
    "UTF-16 without mark": _utf16(XXE + _with("&x;")).encode("utf-16-le"),
    "UTF-16 big end bare": (XXE + _with("&x;")).encode("utf-16-be"),
    "UTF-32 with mark": codecs.BOM_UTF32_LE + _utf16(XXE + _with("&x;"), "UTF-32").encode("utf-32-le"),
    "UTF-32 big end bare": (XXE + _with("&x;")).encode("utf-32-be"),
    "UTF-8 with mark": codecs.BOM_UTF8 + (HEAD + XXE + _with("&x;")).encode(),
    "GB18030": (_declared("GB18030") + XXE + _with("&x;")).encode("gb18030"),
    "Latin 1": (_declared("ISO-8859-1") + XXE).encode(),
}

REFUSED: list[tuple[str, bytes, str]] = [(name, data, "doctype") for name, data in DOCTYPES.items()] + [
    ("UTF-7 declared", (_declared("UTF-7") + "+ADwAIQ-DOCTYPE alert+AD4-" + BODY).encode(), "encoding"),
    ("UTF-7 undeclared", b"+ADwAIQ-DOCTYPE alert+AD4-" + BODY.encode(), "xml"),
    ("EBCDIC declared", (_declared("IBM037") + BODY).encode(), "encoding"),
    ("EBCDIC", GOOD.encode("cp037", errors="replace"), "encoding"),
    ("ISO-2022-CN", (_declared("ISO-2022-CN") + BODY).encode(), "encoding"),
    ("HZ", (_declared("HZ-GB-2312") + BODY).encode(), "encoding"),
    ("UTF-16 declared, UTF-8 sent", (_declared("UTF-16") + BODY).encode(), "encoding"),
    ("UTF-8 declared, UTF-16 sent", codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"), "encoding"),
    ("UTF-8 mark, Latin 1 declared", codecs.BOM_UTF8 + (_declared("ISO-8859-1") + BODY).encode(), "encoding"),
    ("UTF-16 of the other end", codecs.BOM_UTF16_LE + _utf16(BODY, "UTF-16BE").encode("utf-16-le"), "encoding"),
    ("overlong UTF-8 of <", GOOD.encode().replace(b"<event>", b"\xc0\xbcevent>"), "encoding"),
    ("surrogates in UTF-8", GOOD.encode().replace("暴雨".encode(), b"\xed\xa0\xbd\xed\xb8\x80"), "encoding"),
    ("broken UTF-8", GOOD.encode()[:-200] + b"\xff\xfe" + GOOD.encode()[-200:], "encoding"),
    ("cut UTF-16", codecs.BOM_UTF16_LE + BODY.encode("utf-16-le")[:-1], "encoding"),
    ("two declarations", (HEAD + HEAD + BODY).encode(), "xml"),
    ("declaration without version", ('<?xml encoding="UTF-8"?>' + BODY).encode(), "encoding"),
    ("XML 1.1", (HEAD.replace('"1.0"', '"1.1"') + BODY).encode(), "encoding"),
    ("NUL inside", GOOD.encode().replace(b"<event>", b"<event>\0"), "character"),
    ("escape character", GOOD.encode().replace(b"<event>", b"<event>\x1b"), "character"),
    ("reference to NUL", (HEAD + _with("&#0;")).encode(), "xml"),
    ("reference to a surrogate", (HEAD + _with("&#xD83D;")).encode(), "xml"),
    ("undeclared prefix", (HEAD + BODY.replace("<info>", "<a:b/><info>")).encode(), "xml"),
    ("undeclared prefix of an attribute", (HEAD + BODY.replace("<event>", "<event a:b='1'>")).encode(), "xml"),
    ("brace in a namespace", (HEAD + BODY.replace("<info>", '<x xmlns="a}b{c"/><info>')).encode(), "xml"),
    ("brackets in a namespace", (HEAD + BODY.replace("<info>", '<y:x xmlns:y="/*[1]"/><info>')).encode(), "xml"),
    ("undefined entity", (HEAD + _with("&xxe;")).encode(), "xml"),
    ("513 kB of text", (HEAD + _with("暴" * 175_000)).encode(), "too_big"),
    ("4 MB of nothing", b" " * 4_000_000, "too_big"),
    ("deep nesting", ("<a>" * 170_000).encode(), "xml"),
    ("200 levels, well formed", (HEAD + f"<alert {NS}>" + "<a>" * 200 + "</a>" * 200 + "</alert>").encode(), "too_deep"),
    (
        "deep signature",
        BODY.replace(
            "</alert>",
            '<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">' + "<a>" * 99 + "</a>" * 99 + "</ds:Object></alert>",
        ).encode(),
        "too_deep",
    ),
    ("60000 infos", _wide(60_000).encode(), "too_many"),
    ("45000 attributes", _attributes("a{}", 45_000).encode(), "too_many"),
    ("20000 namespaces", _attributes("xmlns:a{}", 20_000).encode(), "schema"),
    ("attribute of 400 kB", BODY.replace("<event>", f'<event a="{"x" * 400_000}">').encode(), "schema"),
    ("element name of 200 kB", BODY.replace("event>", f"{'e' * 200_000}>").encode(), "xml"),
    ("1100 polygons", _polygons(1_100, 4).encode(), "too_many"),
    ("20000 points", _polygons(2, 10_000).encode(), "too_many"),
    ("size of 100000 digits", BODY.replace(
        "<area>",
        f"<resource><resourceDesc/><mimeType/><size>{'9' * 100_000}</size></resource><area>",
    ).encode(), "number"),
    ("altitude of 3000 digits", BODY.replace("</area>", f"<altitude>{'9' * 3000}</altitude></area>").encode(), "number"),
    ("year 0000", BODY.replace("2024-07-19T16", "0000-07-19T16").encode(), "schema"),
    ("30 February", BODY.replace("2024-07-19T16", "2024-02-30T16").encode(), "schema"),
    ("time in Arabic digits", BODY.replace("2024-07-19T16", "٢٠٢٤-07-19T16").encode(), "schema"),
    ("time with Z", BODY.replace("T16:30:00+08:00", "T08:30:00Z").encode(), "schema"),
    ("time with a fraction", BODY.replace("T16:30:00+08:00", "T16:30:00.5+08:00").encode(), "schema"),
    ("time with a blank", BODY.replace("2024-07-19T16", "2024-07-19 16").encode(), "schema"),
    ("type confusion", BODY.replace("<info>", '<info xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:type="string">').encode(), "schema"),
    ("included file", BODY.replace("<info>", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
        'href="file:///etc/hostname" parse="text"/><info>').encode(), "schema"),
    ("script element", BODY.replace("<info>", "<script>alert(1)</script><info>").encode(), "schema"),
    ("signature without canonical form", BODY.replace(
        "</alert>", '<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><a xmlns="u"/></ds:Object></alert>'
    ).encode(), "extension"),
    ("two roots", (BODY + BODY).encode(), "xml"),
    ("duplicate attribute", BODY.replace("<event>", '<event a="1" a="2">').encode(), "xml"),
    ("unclosed", BODY.encode()[:-20], "xml"),
    ("CAP 1.1", BODY.replace("cap:1.2", "cap:1.1").encode(), "version"),
    ("no namespace", BODY.replace(NS, "").encode(), "not_cap"),
    ("HTML page", b"<html><body>502 Bad Gateway</body></html>", "not_cap"),
    ("an XSLT", b'<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/>', "not_cap"),
    ("nothing", b"", "xml"),
    ("white space", b" \r\n\t", "xml"),
    ("a mark alone", codecs.BOM_UTF8, "xml"),
    ("a zip file", b"PK\x03\x04" + bytes(200), "character"),
    ("JSON", b'{"alert": 1}', "xml"),
]  # fmt: skip
