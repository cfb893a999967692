"""How this gateway signs, and how it writes ids."""

import hashlib
import hmac


def name(number: int) -> str:
    """An id as this gateway writes it."""
    return f"h{number:09d}x"


def sign(secret: str, stamp: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 of time, line feed, nonce, line feed, body."""
    return hmac.new(secret.encode(), f"{stamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()
