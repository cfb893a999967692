"""Random secrets, the hashes kept of them, and the seal around the one kind that must be read again."""

import base64
import hashlib
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# No 0 O 1 I L U: what is read from paper or aloud.
_READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class SealBroken(Exception):
    """What is sealed in the database was sealed by another installation, or altered."""


def token() -> str:
    """256 random bits for a link or a token, without characters that a line break or a double click cuts at."""
    return secrets.token_hex(32)


def readable(groups: int, size: int = 4) -> str:
    """A random code for paper: `7KQM-2XWA-…`; each character carries almost five bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(size)) for _ in range(groups))


def plain(code: str) -> str:
    """A code as typed, without spaces, strokes and small letters."""
    return "".join(character for character in code.upper() if character.isalnum())


def digest(text: str) -> str:
    """SHA-256 in hex. Enough for secrets of 75 random bits and more; passwords go through argon2."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def seal(text: str) -> str:
    """Encrypt with a key derived from the installation's secret key: the database alone gives nothing away (fault X18)."""
    return _box(settings.SECRET_KEY).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises SealBroken."""
    try:
        return _box(settings.SECRET_KEY).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise SealBroken("the key file of this data folder does not fit its database") from error


@lru_cache(maxsize=4)
def _box(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fenghuo:seal:1").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
