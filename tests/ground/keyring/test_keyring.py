"""The keyring refuses what is not fit, with the reason, and trusts exactly what an operator put there, for the areas named."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from fenghuo.ground import clock
from fenghuo.ground.keyring import actions, queries
from fenghuo.ground.refusal import Refused
from fenghuo.wire.cap.signature import verify, verify_detached
from tests.wire.cap.keys import AnyKey, certificate_for, elliptic, rsa_key


@pytest.fixture
def data(tmp_path: Path, settings) -> Path:
    settings.DATA = tmp_path
    actions.make(organisation="下仓镇人民政府", installation="yujing.example")
    return tmp_path


def refusal() -> str:
    with pytest.raises(Refused) as refused:
        queries.signer()
    assert refused.value.kind == "unavailable"
    assert str(refused.value)
    return refused.value.code


def test_a_new_key_is_private_names_its_owner_and_signs(data: Path):
    own = queries.signer()
    assert {stat.S_IMODE((data / name).stat().st_mode) for name in ("signing.key", "signing.pem")} == {0o600}
    assert own.certificate.subject.rfc4514_string() == "CN=yujing.example,O=下仓镇人民政府,C=CN"
    document = b"<alert><a>x</a></alert>"
    signed = actions.sign(document)
    assert verify(signed, trusted=[own.certificate], at=clock.now()).trusted
    apart = actions.sign_detached(signed, uri="a.xml")
    assert verify_detached(signed, apart, trusted=[own.certificate], at=clock.now()).trusted


def test_a_key_is_never_overwritten_but_by_renewal(data: Path):
    first = queries.signer().fingerprint
    with pytest.raises(Refused) as refused:
        actions.make(organisation="甲", installation="乙")
    assert refused.value.code == "key_exists"
    actions.renew(organisation="下仓镇人民政府", installation="yujing.example")
    assert queries.signer().fingerprint != first
    assert (data / f"signing-{first[:16]}.pem").exists()


def test_every_unfit_key_is_refused_with_its_reason(data: Path):
    key, certificate = data / "signing.key", data / "signing.pem"
    key.chmod(0o604)
    assert refusal() == "key_rights"
    key.chmod(0o600)
    good = key.read_bytes()
    key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert refusal() == "key_unreadable"
    other = elliptic()
    key.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert refusal() == "key_mismatch"
    key.write_bytes(good)
    with clock.moved(timedelta(days=5 * 365 + 1)):
        assert refusal() == "key_expired"
    certificate.unlink()
    assert refusal() == "key_missing"
    key.unlink()
    key.mkdir()
    assert refusal() in ("key_missing", "key_unreadable")


def pem(key: AnyKey) -> bytes:
    return certificate_for(key).public_bytes(Encoding.PEM)


def test_a_certificate_is_trusted_for_its_areas_and_what_lies_below(data: Path):
    one = actions.trust(pem=pem(elliptic()), areas=["120119", "12"], named="a.pem")
    held = queries.find(one.fingerprint)
    assert held is not None
    assert held.speaks_for("120119111")
    assert not held.speaks_for("130000")
    assert [found.fingerprint for found in queries.trusted()] == [one.fingerprint]
    actions.trust(pem=one.path.read_bytes(), areas=["130000"], named="a.pem")
    assert [found.areas for found in queries.trusted()] == [("130000",)]
    assert actions.distrust(fingerprint=one.fingerprint[:12]).fingerprint == one.fingerprint
    assert queries.trusted() == []
    with pytest.raises(Refused):
        actions.distrust(fingerprint=one.fingerprint)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"\xff\x00" * 100,
        b"x" * 70_000,
    ],
)
def test_what_is_no_single_certificate_is_refused(data: Path, wrong: bytes):
    with pytest.raises(Refused):
        actions.trust(pem=wrong, areas=["12"], named="a.pem")


def test_two_certificates_a_private_key_or_a_weak_one_are_refused(data: Path):
    good = pem(elliptic())
    secret = elliptic().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for wrong in (
        good + good,
        good + secret,
        b"# speaks for all\n" + good,
        pem(rsa_key(1024)),
        pem(elliptic(ec.SECP224R1())),
    ):
        with pytest.raises(Refused):
            actions.trust(pem=wrong, areas=["12"], named="a.pem")
    for area in ("", "1", "120119111x", "１２"):
        with pytest.raises(Refused):
            actions.trust(pem=good, areas=[area], named="a.pem")
    with pytest.raises(Refused):
        actions.trust(pem=good, areas=[], named="a.pem")


def test_a_wrong_file_in_the_folder_is_named_and_not_trusted(data: Path):
    folder = data / "trust"
    folder.mkdir()
    (folder / "a.pem").write_bytes(pem(elliptic()))
    (folder / "b.pem").write_text("hello")
    (folder / "c.pem").write_bytes(b"# area: 12\n" + pem(elliptic()))
    assert [one.path.name for one in queries.trusted()] == ["c.pem"]
    assert [one.code for one in queries.faults()] == ["certificate_areas", "certificate_form"]
