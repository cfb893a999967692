"""Signing a warning with XML-DSig (CAP-v1.2 §3.3.2.1): enveloped inside the document, or detached over its exact bytes.

The signature is written in its canonical form and put into the text just before the last end tag; nothing else of the document
changes, so that `unsigned` gives back, byte for byte, what was there before. What is signed is the exclusive canonical form, which
keeps white space: a document without indentation (`build(…, indent=False)`) also satisfies verifiers that drop white space.
"""

import base64
import hashlib
import re
from xml.sax.saxutils import quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from fenghuo.wire.cap.errors import CapError
from fenghuo.wire.cap.guard import open_tree
from fenghuo.wire.cap.values import SIGNATURE_NAMESPACE

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

_TRANSFORMS = (
    f'<ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>'
    f'<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform></ds:Transforms>'
)
_DECLARED = f' xmlns:ds="{SIGNATURE_NAMESPACE}"'
_OWN = re.compile(rf"<ds:Signature{_DECLARED}>(?:(?!<ds:Signature[ >]).)*</ds:Signature>(?=</[^<>]*>\s*\Z)", re.DOTALL)


def sign(document: bytes, *, key: Key, certificate: x509.Certificate) -> bytes:
    """The document with an enveloped signature as the last child of its root, `certificate` inside.

    The document must be one that `parse` would open and carry no signature yet: CapError otherwise. RSA keys sign with PKCS #1,
    elliptic keys with ECDSA, both over SHA-256.
    """
    root = open_tree(document)
    if any(True for _ in root.iter(f"{{{SIGNATURE_NAMESPACE}}}*")):
        raise CapError("signed", "报文已有签名", "the message carries a signature already", path="alert")
    canonical: bytes = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    text = document.decode()
    end = text.rfind("</")
    if end < 0:
        raise CapError("empty", "报文没有内容，无法签名", "the message has no content to sign", path="alert")
    return (text[:end] + _signature("", _TRANSFORMS, canonical, key, certificate) + text[end:]).encode()


def sign_detached(document: bytes, *, uri: str, key: Key, certificate: x509.Certificate) -> bytes:
    """A signature document of its own over the exact bytes of `document`; `uri` names that document for the reader."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return (head + _signature(uri, "", document, key, certificate) + "\n").encode()


def unsigned(document: bytes) -> bytes:
    """The document as it was before `sign`, byte for byte; a document that carries no such signature is returned as it is."""
    return _OWN.sub("", document.decode(), count=1).encode()


def _signature(uri: str, transforms: str, data: bytes, key: Key, certificate: x509.Certificate) -> str:
    method = RSA_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ECDSA_SHA256
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    # Written as exclusive canonicalisation would write it: these very bytes are signed.
    inside = (
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
        f"<ds:Reference URI={_attribute(uri)}>{transforms}"
        f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    value = base64.b64encode(_value(f"<ds:SignedInfo{_DECLARED}>{inside}".encode(), key)).decode()
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    return (
        f"<ds:Signature{_DECLARED}><ds:SignedInfo>{inside}<ds:SignatureValue>{value}</ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )


def _attribute(uri: str) -> str:
    written = quoteattr(uri)
    return written if written.startswith('"') else quoteattr(uri.replace('"', "%22"))


def _value(signed: bytes, key: Key) -> bytes:
    """The bytes of SignatureValue; ECDSA as r ‖ s, each as wide as the curve (RFC 4050, XML-DSig 1.1 §6.4.3)."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    width = (key.curve.key_size + 7) // 8
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")
