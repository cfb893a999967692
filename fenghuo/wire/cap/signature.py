"""Judging the signature of a warning: who signed it, whether we trust them, whether what we read is what they signed.

`signxml` does the arithmetic. Before it sees anything the document has passed `guard` and its signature has one of the few forms
that mean "all of this document" or "all of that file": one signature, in its place, one reference, no transform that selects a
part. Signature wrapping lives on everything else, so everything else is refused (XML-DSig best practices, W3C 2013).
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import SignXMLException

from fenghuo.wire.cap.guard import open_tree, split_name
from fenghuo.wire.cap.signing import ENVELOPED, EXCLUSIVE
from fenghuo.wire.cap.values import SIGNATURE_NAMESPACE

_DS = f"{{{SIGNATURE_NAMESPACE}}}"
_CANONICAL = (
    EXCLUSIVE,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
)
_METHODS = frozenset(
    one for one in SignatureMethod if one.name in {
        f"{kind}_{digest}" for kind in ("ECDSA", "RSA") for digest in ("SHA256", "SHA384", "SHA512")
    }
)  # fmt: skip
_DIGESTS = frozenset((DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512))
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
LEAST_RSA = 2048
MOST_TRUSTED = 200

# What a verdict says, by its code. Only `valid` is a signature one may rely on.
_WORDS = {
    "valid": ("签名有效，签名人受信任", "the signature holds and its signer is trusted"),
    "unsigned": ("报文没有签名", "the message is not signed"),
    "altered": ("报文在签名后被改动，或签名不是此证书所签", "changed after it was signed, or signed by another key"),
    "untrusted": ("签名本身成立，但签名证书不在受信任名单中", "the signature holds, but its certificate is not one we trust"),
    "expired": ("签名证书已过有效期", "the certificate that signed is past its validity"),
    "not_yet": ("签名证书尚未生效", "the certificate that signed is not valid yet"),
    "weak": ("签名所用的算法或密钥强度不足", "the signature uses an algorithm or a key that is too weak"),
    "several": ("报文有多个签名，无法认定以哪个为准", "the message carries several signatures"),
    "misplaced": ("签名不在规定位置，可能是签名包装攻击", "the signature stands where none may: perhaps a wrapping attack"),
    "reference": ("签名所引用的不是整个报文", "the signature does not refer to the whole message"),
    "malformed": ("签名的格式有误", "the signature is not well formed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a signature. `code` is one of `CODES`; `zh` and `en` say it in words.

    `signer` is the subject of the certificate (RFC 4514) and `fingerprint` its SHA-256 in hexadecimal, "" when there is none.
    `signed` is what was signed, canonical and without the signature, whenever the arithmetic holds; read that, not what arrived.
    """

    code: str
    signer: str = ""
    fingerprint: str = ""
    signed: bytes | None = None

    @property
    def trusted(self) -> bool:
        """Whether the warning may be taken as its signer's own."""
        return self.code == "valid"

    @property
    def zh(self) -> str:
        """The verdict in Chinese."""
        return _WORDS[self.code][0]

    @property
    def en(self) -> str:
        """The verdict in English."""
        return _WORDS[self.code][1]


CODES = tuple(_WORDS)


class _Judged(Exception):
    """The verdict is clear already."""


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the certificate, in hexadecimal: the name under which it is trusted."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def strong(key: object) -> bool:
    """Whether a public key is one we rely on: RSA from 2048 bits, or P-256, P-384, P-521."""
    return (isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES
    )


def verify(data: bytes, *, trusted: Sequence[x509.Certificate], at: datetime) -> Verdict:
    """Judge the enveloped signature of a warning (CAP or national XML) at the moment `at` (aware).

    CapError, as from `parse`, when the bytes are not harmless XML; any other document gets a verdict.
    """
    root = open_tree(data)
    try:
        signature = _only_signature(root)
        _refers_to(signature, "", ((ENVELOPED,), *((ENVELOPED, one) for one in _CANONICAL)))
        return _judge(root, signature, trusted, at, None, "./")
    except _Judged as judged:
        return Verdict(str(judged))


def verify_detached(data: bytes, signature: bytes, *, trusted: Sequence[x509.Certificate], at: datetime) -> Verdict:
    """Judge a signature document over the exact bytes of `data`. CapError when either is not harmless XML.

    Whatever name the reference carries, it means `data`: nothing is ever fetched.
    """
    open_tree(data)
    root = open_tree(signature)
    try:
        if root.tag != f"{_DS}Signature":
            raise _Judged("unsigned")
        if sum(1 for _ in root.iter(f"{_DS}Signature")) > 1:
            raise _Judged("several")
        _refers_to(root, None, ((),))
        return _judge(root, root, trusted, at, lambda uri: data, ".//")
    except _Judged as judged:
        return Verdict(str(judged))


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{_DS}Signature"))
    if not found:
        raise _Judged("misplaced" if any(True for _ in root.iter(f"{_DS}*")) else "unsigned")
    if len(found) > 1:
        raise _Judged("several")
    outside = [one for one in root if split_name(one)[0] == SIGNATURE_NAMESPACE]
    if outside != found:
        raise _Judged("misplaced")
    return found[0]


def _refers_to(signature: etree._Element, uri: str | None, transforms: tuple[tuple[str, ...], ...]) -> None:
    """Refuse everything but one reference to `uri` (None: to an outside file) through one of the lists of transforms."""
    references = list(signature.iter(f"{_DS}Reference"))
    own = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    if len(references) != 1 or own != references:
        raise _Judged("reference")
    # An object, a manifest or another way to a key has no place in a warning and is how wrapped content gets in.
    if any(True for tag in ("Object", "Manifest", "RetrievalMethod") for _ in signature.iter(f"{_DS}{tag}")):
        raise _Judged("misplaced")
    named = references[0].get("URI")
    if named != uri if uri is not None else not named or named.startswith("#"):
        raise _Judged("reference")
    listed = tuple(one.get("Algorithm", "") for one in references[0].iter(f"{_DS}Transform"))
    if listed not in transforms:
        raise _Judged("reference")
    if signature.findall(f"{_DS}SignedInfo/{_DS}CanonicalizationMethod")[:1] == []:
        raise _Judged("malformed")
    if signature.find(f"{_DS}SignedInfo/{_DS}CanonicalizationMethod").get("Algorithm") not in _CANONICAL:
        raise _Judged("weak")


def _judge(
    root: etree._Element,
    signature: etree._Element,
    trusted: Sequence[x509.Certificate],
    at: datetime,
    resolver: Callable[[str], bytes] | None,
    location: str,
) -> Verdict:
    _refuse_weak(signature)
    known = {fingerprint(one): one for one in trusted[:MOST_TRUSTED]}
    for certificate in _candidates(signature, known):
        _strong(certificate)
        signed = _arithmetic(root, certificate, at, resolver, location)
        if signed is None:
            continue
        name = fingerprint(certificate)
        code = "untrusted" if name not in known else _in_time(certificate, at)
        return Verdict(code, certificate.subject.rfc4514_string(), name, signed)
    raise _Judged("altered")


def _refuse_weak(signature: etree._Element) -> None:
    method = signature.find(f"{_DS}SignedInfo/{_DS}SignatureMethod")
    digest = next(signature.iter(f"{_DS}DigestMethod"), None)
    if method is None or digest is None:
        raise _Judged("malformed")
    if method.get("Algorithm") not in {one.value for one in _METHODS} or digest.get("Algorithm") not in {
        one.value for one in _DIGESTS
    }:
        raise _Judged("weak")


def _candidates(signature: etree._Element, known: dict[str, x509.Certificate]) -> list[x509.Certificate]:
    """The certificate inside the signature; where the sender left it out, those we trust are tried."""
    held = signature.find(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")
    if held is None:
        return list(known.values())
    try:
        return [x509.load_der_x509_certificate(base64.b64decode("".join((held.text or "").split()), validate=True))]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _Judged("malformed") from error


def _strong(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _Judged("weak") from error
    if not strong(key):
        raise _Judged("weak")


def _arithmetic(
    root: etree._Element,
    certificate: x509.Certificate,
    at: datetime,
    resolver: Callable[[str], bytes] | None,
    location: str,
) -> bytes | None:
    """What the certificate's key signed here; None when it did not. Whether the certificate is in time is judged apart."""
    inside = min(max(at, certificate.not_valid_before_utc), certificate.not_valid_after_utc)
    expected = SignatureConfiguration(
        location=location, signature_methods=_METHODS, digest_algorithms=_DIGESTS, verification_time=inside,
        ignore_ambiguous_key_info=False,
    )  # fmt: skip
    try:
        found = XMLVerifier().verify(root, x509_cert=certificate, uri_resolver=resolver, expect_config=expected)
    except (
        SignXMLException,
        etree.LxmlError,
        UnsupportedAlgorithm,
        ValueError,
        TypeError,
        NotImplementedError,
        KeyError,
    ):
        return None
    return None if isinstance(found, list) else bytes(found.signed_data)


def _in_time(certificate: x509.Certificate, at: datetime) -> str:
    if at > certificate.not_valid_after_utc:
        return "expired"
    return "not_yet" if at < certificate.not_valid_before_utc else "valid"
