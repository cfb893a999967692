"""Hostile documents are refused for their trick; odd but harmless ones are read, with a remark."""

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.wire.cap import CapError
from fenghuo.wire.cap.signature import verify
from fenghuo.wire.cap.signing import sign, unsigned
from fenghuo.wire.national_xml import Classification, Method, Scope, build, is_national, parse
from tests.wire.cap.keys import AT, certificate_for, elliptic
from tests.wire.national_xml.hostile import BODY, GOOD, HEAD, REFUSED
from tests.wire.national_xml.messages import snowstorm


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
    assert len(REFUSED) >= 60
    assert len({data for _, data, _ in REFUSED}) == len(REFUSED)
    assert parse(GOOD.encode()) == snowstorm()


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"<alert>{text}</alert>".encode()))
def test_any_bytes_are_read_or_refused(data: bytes):
    try:
        parse(data)
    except CapError:
        return
    raise AssertionError("nothing so short is a warning")


@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(0, 255))
def test_a_changed_byte_never_crashes(at: int, value: int):
    changed = bytearray(GOOD.encode())
    changed[at] = value
    try:
        parse(bytes(changed))
    except CapError:
        return


def _read(before: str, after: str):
    assert before in BODY
    return parse((HEAD + BODY.replace(before, after)).encode())


@pytest.mark.parametrize("spelling", ["audenceprt", "audiencePrt", "audienceprt"])
def test_every_spelling_of_the_single_recipients_is_read(spelling: str):
    assert _read("audenceprt", spelling) == snowstorm()


def test_the_namespace_of_one_builder_is_read():
    assert _read("<alert>", '<alert xmlns="http://com.icss.amp">') == snowstorm()
    assert is_national(GOOD.encode())
    assert not is_national(b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>')


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("2020-02-05 10:45:00+08:00</sendTime>", "2020-02-05 10:45:00</sendTime>", "zone"),
        ("<scope>Public</scope>", "", "absent"),
        ("<certainty>Unknown</certainty>", "", "absent"),
        ("<info>", "<extra>x</extra><info>", "unknown"),
    ],
)
def test_what_issuers_leave_out_is_read_with_a_remark(before: str, after: str, code: str):
    found = _read(before, after)
    assert found == snowstorm()
    assert [one.code for one in found.remarks] == [code]


def test_a_t_in_the_time_another_case_and_chinese_commas_are_read():
    assert _read("2020-02-05 10:45:00", "2020-02-05T10:45:00") == snowstorm()
    assert _read("Orange", "orange") == snowstorm()
    assert _read("410000000000,41010000000000", "410000000000，41010000000000") == snowstorm()


@pytest.mark.parametrize("code", ["11B25", "11B37", "99Z99", "11B0301"])
def test_an_event_code_is_never_refused(code: str):
    assert _read("11B04", code).infos[0].event_type == code


def test_inner_is_read_and_said():
    assert _read("<secClassification>None", "<secClassification>Inner").classification is Classification.INNER
    assert _read("<secClassification>None", "<secClassification>").classification is Classification.NONE


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"methods": ()}, "alert/code/method/methodName"),
        ({"methods": (Method(""),)}, "alert/code/method/methodName"),
        ({"sender": ""}, "alert/sender"),
        ({"infos": ()}, "alert/info"),
    ],
)
def test_an_incomplete_message_is_not_written(changes: dict[str, object], path: str):
    with pytest.raises(CapError) as refused:
        build(replace(snowstorm(), **changes))  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.path) == ("missing", path)


def test_what_would_not_be_read_back_is_not_written():
    for wrong in ({"sender": " 河南"}, {"methods": (Method("SMS", groups=("1,2",)),)}, {"note": ""}):
        with pytest.raises(CapError, match="form"):
            build(replace(snowstorm(), **wrong))


def test_a_signed_national_message_is_verified_like_cap():
    key = elliptic()
    certificate = certificate_for(key)
    signed = sign(GOOD.encode(), key=key, certificate=certificate)
    found = verify(signed, trusted=[certificate], at=AT)
    assert found.trusted
    assert parse(found.signed or b"") == parse(signed) == snowstorm()
    assert unsigned(signed) == GOOD.encode()
    assert parse(signed).scope is Scope.PUBLIC
    assert verify(signed.replace(b"Orange", b"Blue"), trusted=[certificate], at=AT).code == "altered"
