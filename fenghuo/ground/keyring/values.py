"""Keys as the other rooms see them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from fenghuo.wire.cap.signature import fingerprint
from fenghuo.wire.cap.signing import Key


@dataclass(frozen=True)
class Signer:
    """The installation's own key with its certificate."""

    key: Key
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return fingerprint(self.certificate)

    @property
    def until(self) -> datetime:
        """When the certificate ends."""
        return self.certificate.not_valid_after_utc


@dataclass(frozen=True)
class Trusted:
    """A certificate from outside that may speak for `areas` (division codes) and everything below them."""

    certificate: x509.Certificate
    areas: tuple[str, ...]
    path: Path

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return fingerprint(self.certificate)

    @property
    def name(self) -> str:
        """Who it is: the organisation in its subject, else the whole subject."""
        return name_of(self.certificate)

    def speaks_for(self, code: str) -> bool:
        """Whether a division code lies in its areas."""
        return any(code.startswith(area) for area in self.areas)


def name_of(certificate: x509.Certificate) -> str:
    """The organisation in a certificate's subject, else the whole subject."""
    held = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(held[0].value) if held else certificate.subject.rfc4514_string()


def proves(certificate: x509.Certificate, data: bytes, signature: bytes) -> bool:
    """Whether the key of this certificate signed exactly these bytes, with SHA-256."""
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
