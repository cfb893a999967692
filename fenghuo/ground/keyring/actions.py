"""Writing the keyring: files of the data folder, no tables. Whoever calls journals it (`fenghuo keys`)."""

import contextlib
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.keyring import queries
from fenghuo.ground.keyring.queries import AREA, CERTIFICATE_FILE, KEY_FILE, TRUST_FOLDER
from fenghuo.ground.keyring.values import Signer, Trusted
from fenghuo.ground.refusal import Refused
from fenghuo.wire.cap import signature, signing

VALID = timedelta(days=5 * 365)
EARLIER = timedelta(days=1)  # a receiver's clock may be behind ours
LONGEST_NAME = 64  # X.520


def make(*, organisation: str, installation: str) -> Signer:
    """A new key (ECDSA, P-256) with a certificate of its own, 0600. Refused where a key is already.

    `organisation`: whose installation it is; `installation`: what it is called, its host name say.
    """
    if queries.exists():
        raise Refused("key_exists", _("There is a signing key already."), kind="conflict")
    return _place(organisation, installation)


def renew(*, organisation: str, installation: str) -> Signer:
    """Replace key and certificate; the old certificate stays beside the new one, for whoever must verify what it signed."""
    old = settings.DATA / CERTIFICATE_FILE
    if old.exists():
        with contextlib.suppress(Refused, ValueError):
            ended = signature.fingerprint(x509.load_pem_x509_certificate(old.read_bytes()))
            _write(old.with_name(f"signing-{ended[:16]}.pem"), old.read_bytes())
    return _place(organisation, installation)


def trust(*, pem: bytes, areas: Sequence[str], named: str) -> Trusted:
    """Trust a certificate for `areas` (division codes of 2, 4, 6, 9 or 12 digits). Trusting it again replaces its areas."""
    certificate = queries.read_certificate(pem, named)
    lines = [f"# area: {area}" for area in dict.fromkeys(areas)]
    wrong = next(
        (area for area, line in zip(dict.fromkeys(areas), lines, strict=True) if not AREA.fullmatch(line)), None
    )
    if wrong is not None or not lines:
        raise Refused("area_form", _("“%(area)s” is no area code: 2, 4, 6, 9 or 12 digits."), field="area",
                      params={"area": wrong or ""})  # fmt: skip
    folder = settings.DATA / TRUST_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    text = "\n".join(lines).encode() + b"\n" + certificate.public_bytes(Encoding.PEM)
    path = folder / f"{signature.fingerprint(certificate)[:32]}.pem"
    _write(path, text)
    return Trusted(certificate, tuple(dict.fromkeys(areas)), path)


def distrust(*, fingerprint: str) -> Trusted:
    """Take a certificate off the list; the beginning of its fingerprint will do. Refused where it names none or several."""
    found = [one for one in queries.trusted() if one.fingerprint.startswith(fingerprint.lower())]
    if len(found) != 1 or len(fingerprint) < 8:
        raise Refused("certificate_unknown", _("No single trusted certificate has this fingerprint."), kind="missing")
    found[0].path.unlink()
    return found[0]


def sign(document: bytes) -> bytes:
    """The document with our enveloped signature, proved before it is handed out. Refused (unavailable) when the key is not fit."""
    own = queries.signer()
    signed = signing.sign(document, key=own.key, certificate=own.certificate)
    verdict = signature.verify(signed, trusted=[own.certificate], at=clock.now())
    if signing.unsigned(signed) != document or verdict.code not in ("valid", "not_yet"):
        raise Refused(
            "signing_failed", _("The signature could not be made; nothing was published."), kind="unavailable"
        )
    return signed


def sign_detached(document: bytes, *, uri: str) -> bytes:
    """Our signature over the exact bytes of a document, as a file of its own. Refused (unavailable) when the key is not fit."""
    own = queries.signer()
    return signing.sign_detached(document, uri=uri, key=own.key, certificate=own.certificate)


def sign_bytes(data: bytes) -> tuple[str, bytes]:
    """(SHA-256 of our certificate, signature over exactly these bytes). Refused (unavailable) when the key is not fit."""
    own = queries.signer()
    if isinstance(own.key, ec.EllipticCurvePrivateKey):
        return own.fingerprint, own.key.sign(data, ec.ECDSA(hashes.SHA256()))
    return own.fingerprint, own.key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _place(organisation: str, installation: str) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, organisation, installation)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(settings.DATA / KEY_FILE, secret)
    _write(settings.DATA / CERTIFICATE_FILE, certificate.public_bytes(Encoding.PEM))
    return Signer(key, certificate)


def _certificate(key: ec.EllipticCurvePrivateKey, organisation: str, installation: str) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, installation[:LONGEST_NAME]),
        ]
    )
    now = clock.now().replace(microsecond=0)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step; only its owner ever reads it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
