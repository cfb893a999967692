"""No hostile document is accepted, each is refused for the right reason, quickly, without touching file or network."""

import codecs
import socket
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from fenghuo.wire.cap import CapError, parse, validate
from tests.wire.cap.alerts import rainstorm
from tests.wire.cap.hostile import BODY, GOOD, HEAD, REFUSED

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("data", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused_for_its_trick(data: bytes, code: str):
    began = process_time()
    with pytest.raises(CapError) as refused:
        parse(data)
    assert process_time() - began < 2
    assert refused.value.code == code
    assert refused.value.zh
    assert refused.value.en
    assert len(str(refused.value)) < 2_000


def test_the_corpus_is_large_and_its_base_is_accepted():
    assert len(REFUSED) >= 80
    assert len({data for _, data, _ in REFUSED}) == len(REFUSED)
    assert parse(GOOD.encode()) == rainstorm()


@pytest.mark.parametrize("data", [row[1] for row in REFUSED if row[2] == "doctype"])
def test_the_validator_does_not_parse_what_the_reader_refuses(data: bytes):
    with pytest.raises(CapError) as refused:
        validate(data)
    assert refused.value.code == "doctype"


@pytest.mark.parametrize(
    ("mark", "declared", "codec"),
    [
        (b"", "", "utf-8"),
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (b"", "UTF-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
        (b"", "UTF-16LE", "utf-16-le"),
        (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
        (b"", "GB2312", "gb2312"),
        (b"", "gb18030", "gb18030"),
    ],
)
def test_the_same_warning_is_read_in_every_accepted_encoding(mark: bytes, declared: str, codec: str):
    head = HEAD.replace("UTF-8", declared) if declared else ""
    assert parse(mark + (head + BODY).encode(codec)) == rainstorm()


def test_where_the_doctype_stands_is_told():
    with pytest.raises(CapError) as refused:
        parse((HEAD + "<!-- 一 -->\n  <!DOCTYPE alert>" + BODY).encode())
    assert (refused.value.line, refused.value.column) == (3, 3)


def test_no_hint_in_a_document_makes_us_call_anybody():
    with socket.socket() as canary:
        canary.bind(("127.0.0.1", 0))
        canary.listen()
        canary.settimeout(0.2)
        url = f"http://127.0.0.1:{canary.getsockname()[1]}/cap.xsd"
        hints = (
            f'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="urn:oasis:names:tc:emergency:cap:1.2 {url}" '
        )
        style = f'<?xml-stylesheet href="{url}"?>'
        assert parse((HEAD + style + BODY.replace("<alert ", hints, 1)).encode()) == rainstorm()
        for name, data, _ in REFUSED:
            with pytest.raises(CapError):
                parse(data.replace(b"http://127.0.0.1:9/x", url.encode()))
            assert name
        with pytest.raises(TimeoutError):
            canary.accept()


def test_the_whole_corpus_fits_into_256_megabytes():
    # RLIMIT_AS would count the interpreter's mappings, so the peak is read from the finished child instead.
    script = (
        "from fenghuo.wire.cap import CapError, parse\n"
        "from tests.wire.cap.hostile import REFUSED\n"
        "for _, data, _ in REFUSED:\n"
        "    try:\n"
        "        parse(data)\n"
        "    except CapError:\n"
        "        continue\n"
        "    raise SystemExit('accepted')\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) < 256 * 1024
