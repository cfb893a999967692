"""A signed warning is read with its signature and can be written again so that the signature still holds."""

from datetime import UTC, datetime, timedelta

import capvalidator
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import InvalidSignature, XMLSigner, XMLVerifier
from signxml.verifier import SignatureConfiguration

from fenghuo.wire.cap import build, parse
from tests.wire.cap.alerts import rainstorm


def _certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xiacang.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def signed() -> tuple[bytes, bytes]:
    private, certificate = _certificate()
    root = XMLSigner(signature_algorithm="ecdsa-sha256").sign(
        etree.fromstring(build(rainstorm())), key=private, cert=certificate.decode()
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), certificate


def _verify(data: bytes, certificate: bytes) -> None:
    expect = SignatureConfiguration(require_x509=True)
    XMLVerifier().verify(data, x509_cert=certificate.decode(), expect_config=expect)


def test_the_signature_is_preserved_and_still_holds(signed: tuple[bytes, bytes]):
    data, certificate = signed
    alert = parse(data)
    assert alert.infos == rainstorm().infos
    assert len(alert.extensions) == 1
    assert "SignatureValue" in alert.extensions[0]
    again = build(alert)
    assert parse(again) == alert
    _verify(again, certificate)
    assert capvalidator.check_schema(again).passed


def test_a_changed_text_breaks_the_signature(signed: tuple[bytes, bytes]):
    data, certificate = signed
    with pytest.raises(InvalidSignature):
        _verify(build(parse(data.replace("50 毫米".encode(), "5 毫米".encode()))), certificate)
