"""A platform authenticator in software (WebAuthn level 2, ES256, attestation "none"): what a browser would send, byte by byte."""

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "===")


class Authenticator:
    """One device with one key, used from pages of `origin`."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.counter = 0

    def challenge(self, options: dict[str, Any]) -> bytes:
        return decode(options["challenge"])

    def create(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        """The answer to navigator.credentials.create."""
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        flags = PRESENT | ATTESTED | (VERIFIED if verified else 0)
        data = self._data(options["rp"]["id"], flags) + attested
        response = {
            "clientDataJSON": encode(self._client("webauthn.create", options, self.origin)),
            "attestationObject": encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._credential(response)

    def get(
        self,
        options: dict[str, Any],
        *,
        verified: bool = True,
        origin: str | None = None,
        host: str | None = None,
        counter: int | None = None,
        kind: str = "webauthn.get",
        spoil: bool = False,
    ) -> dict[str, Any]:
        """The answer to navigator.credentials.get; every argument makes it wrong in one way."""
        self.counter = self.counter + 1 if counter is None else counter
        client = self._client(kind, options, origin or self.origin)
        data = self._data(host or str(urlsplit(self.origin).hostname), PRESENT | (VERIFIED if verified else 0))
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": encode(client),
            "authenticatorData": encode(data),
            "signature": encode(signature[:-1] + bytes([signature[-1] ^ 1]) if spoil else signature),
        }
        return self._credential(response)

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {"id": encode(self.id), "rawId": encode(self.id), "type": "public-key", "response": response}
