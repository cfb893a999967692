"""National XML documents somebody might send to break, read, stall or mislead the receiver: name, bytes, code of the refusal."""

import codecs

from fenghuo.wire.national_xml import build
from tests.wire.national_xml.messages import snowstorm

GOOD = build(snowstorm()).decode()
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
BODY = GOOD.removeprefix(HEAD)
LAUGHS = "<!DOCTYPE alert [<!ENTITY a 'lol'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
)
XXE = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
ONE = "<description>预计未来 6 小时内北部将出现 10 毫米以上降雪。</description>"


def _put(before: str, after: str) -> bytes:
    assert before in BODY
    return (HEAD + BODY.replace(before, after, 1)).encode()


def _entity(dtd: str, name: str) -> str:
    return dtd + BODY.replace(ONE, f"<description>&{name};</description>")


def _without(name: str) -> bytes:
    start, end = BODY.index(f"<{name}>"), BODY.index(f"</{name}>") + len(name) + 3
    return (HEAD + BODY[:start] + BODY[end:]).encode()


REFUSED: list[tuple[str, bytes, str]] = [
    ("billion laughs", (HEAD + _entity(LAUGHS + "]>", "j")).encode(), "doctype"),
    ("quadratic blowup", (HEAD + f"<!DOCTYPE alert [<!ENTITY a '{'a' * 50_000}'>]>" + "&a;" * 5_000 + BODY).encode(), "doctype"),
    ("external file", (HEAD + _entity(XXE, "x")).encode(), "doctype"),
    ("external http", (HEAD + _entity(XXE.replace("file:///etc/hostname", "http://127.0.0.1:9/"), "x")).encode(), "doctype"),
    ("parameter entity", (HEAD + '<!DOCTYPE alert [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>' + BODY).encode(), "doctype"),
    ("external subset", (HEAD + '<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">' + BODY).encode(), "doctype"),
    ("empty doctype", (HEAD + "<!DOCTYPE alert>" + BODY).encode(), "doctype"),
    ("lower case", (HEAD + "<!doctype alert>" + BODY).encode(), "doctype"),
    ("in a comment", (HEAD + "<!-- <!DOCTYPE a> -->" + BODY).encode(), "doctype"),
    ("after the root", (HEAD + BODY + "<!DOCTYPE alert>").encode(), "doctype"),
    ("UTF-16", codecs.BOM_UTF16_LE + _entity(XXE, "x").encode("utf-16-le"), "doctype"),
    ("UTF-16 bare", _entity(XXE, "x").encode("utf-16-be"), "doctype"),
    ("GB 18030", (HEAD.replace("UTF-8", "GB18030") + _entity(XXE, "x")).encode("gb18030"), "doctype"),
    ("UTF-7", (HEAD.replace("UTF-8", "UTF-7") + "+ADwAIQ-DOCTYPE alert+AD4-" + BODY).encode(), "encoding"),
    ("EBCDIC", GOOD.encode("cp037", errors="replace"), "encoding"),
    ("surrogates", GOOD.encode().replace("省".encode(), b"\xed\xa0\xbd"), "encoding"),
    ("NUL", GOOD.encode().replace(b"<sender>", b"<sender>\0"), "character"),
    ("4 MB", b" " * 4_000_000, "too_big"),
    ("bomb of depth", ("<alert>" + "<a>" * 99 + "</a>" * 99 + "</alert>").encode(), "too_deep"),
    ("60000 elements", ("<alert>" + "<info/>" * 60_000 + "</alert>").encode(), "too_many"),
    ("101 methods", _put("</code>", "<method><methodName>SMS</methodName></method>" * 99 + "</code>"), "too_many"),
    ("1001 circles", _put("<geocode>", "<circle>1,1 1</circle>" * 1001 + "<geocode>"), "too_many"),
    ("10001 points", _put("<geocode>", f"<polygon>{'1,1 ' * 10_001}</polygon><geocode>"), "too_many"),
    ("text of 20001", _put(ONE, f"<description>{'雪' * 20_001}</description>"), "too_long"),
    ("CAP", b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>', "not_national"),
    ("another namespace", _put("<alert>", '<alert xmlns="urn:x">'), "not_national"),
    ("HTML", b"<html><body>502 Bad Gateway</body></html>", "not_national"),
    ("nothing", b"", "xml"),
    ("two roots", (HEAD + BODY + BODY).encode(), "xml"),
    ("unclosed", GOOD.encode()[:-30], "xml"),
    ("undeclared prefix", _put("<info>", "<xi:include/><info>"), "xml"),
    ("no info", _without("info"), "info"),
    ("21 infos", _put("</alert>", "<info/>" * 20 + "</alert>"), "info"),
    *((f"no {name}", _without(name), "missing") for name in (
        "identifier", "sender", "senderCode", "sendTime", "status", "msgType", "eventType", "severity", "headline", "description",
    )),
    ("two severities", _put("<severity>", "<severity>Blue</severity><severity>"), "twice"),
    ("two identifiers", _put("<identifier>", "<identifier>a</identifier><identifier>"), "twice"),
    ("elements in a text", _put("<sender>", "<sender><b>x</b>"), "type"),
    ("colour in a text of HTML", _put("Orange", "Purple"), "value"),
    ("level as a number", _put("Orange", "2"), "value"),
    ("status of another kind", _put("Actual", "Real"), "value"),
    ("kind Ack", _put("<msgType>Alert", "<msgType>Ack"), "value"),
    ("identifier with a blank", _put("41000041600000_2020", "41000041600000 2020"), "form"),
    ("identifier with a comma", _put("41000041600000_2020", "41000041600000,2020"), "form"),
    ("sender code of letters", _put("<senderCode>41000041600000", "<senderCode>河南"), "form"),
    ("event code with markup", _put("11B04", "11B04&lt;script&gt;"), "form"),
    ("reference with a blank", _put("</secClassification>", "</secClassification><references>a b</references>"), "form"),
    ("30 February", _put("2020-02-05 10", "2020-02-30 10"), "time"),
    ("25 o'clock", _put("2020-02-05 10", "2020-02-05 25"), "time"),
    ("time in words", _put("2020-02-05 10:45:00+08:00", "今天上午"), "time"),
    ("time with Z", _put("2020-02-05 10:45:00+08:00", "2020-02-05 10:45:00Z"), "time"),
    ("year 0000", _put("2020-02-05 10", "0000-02-05 10"), "time"),
    ("size in words", _put("<size>20480", "<size>many"), "number"),
    ("size of 100000 digits", _put("<size>20480", f"<size>{'9' * 10_000}"), "number"),
    ("size below nothing", _put("<size>20480", "<size>-1"), "number"),
    ("secret", _put("<secClassification>None", "<secClassification>秘密"), "classified"),
    ("secret in English", _put("<secClassification>None", "<secClassification>Secret"), "classified"),
    ("secret behind none", _put("<info>", "<secClassification>Top</secClassification><info>"), "classified"),
    ("secret in an info", _put("<info>", "<info><secClassification>机密</secClassification>"), "classified"),
    ("secret in an element", _put("<secClassification>None", "<secClassification><a>绝密</a>"), "classified"),
]  # fmt: skip
