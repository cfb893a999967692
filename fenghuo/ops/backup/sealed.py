"""Secrets in an archive: AES-256-GCM under a key that scrypt makes of a passphrase, bound to the rest of the archive."""

import base64
import getpass
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fenghuo.ops.backup.manifest import ArchiveError
from fenghuo.ops.config import ConfigError

SHORTEST = 12  # characters
MOST_BYTES = 16 * 1024 * 1024
# 128 MiB and about half a second a guess. An archive that asks for more, or less, is not one of ours.
COST = {"kdf": "scrypt", "n": 2**17, "r": 8, "p": 1, "cipher": "aes-256-gcm"}


def seal(files: Mapping[str, bytes], *, passphrase: str, bound: bytes) -> bytes:
    """The files, by name, closed."""
    salt, nonce = os.urandom(16), os.urandom(12)
    told = COST | {"salt": salt.hex(), "nonce": nonce.hex()}
    head = json.dumps(told, sort_keys=True).encode() + b"\n"
    plain = json.dumps({name: base64.b64encode(data).decode() for name, data in files.items()}).encode()
    return head + AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, head + bound)


def unseal(data: bytes, *, passphrase: str, bound: bytes) -> dict[str, bytes]:
    """What was sealed. Raises ArchiveError for a wrong passphrase, which looks exactly like an archive that was tampered with."""
    head, line, closed = data.partition(b"\n")
    try:
        told = json.loads(head)
        salt, nonce = bytes.fromhex(told.pop("salt")), bytes.fromhex(told.pop("nonce"))
        if told != COST or len(salt) != 16 or len(nonce) != 12:
            raise ValueError
        plain = AESGCM(_key(passphrase, salt)).decrypt(nonce, closed, head + line + bound)
        return {str(name): base64.b64decode(text, validate=True) for name, text in json.loads(plain).items()}
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ArchiveError(
            "口令不对，或备份被改动过，什么都没有写入 / the passphrase is wrong, or the archive was altered; nothing was written"
        ) from None


def passphrase_of(file: Path) -> str:
    """The passphrase in a file that only its owner can read. Raises ConfigError."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{file}：口令文件无法读取 / the passphrase file cannot be read: {error}") from None
    if mode & 0o077:
        raise ConfigError(
            f"{file}：权限 {mode:04o}，他人可读，请 chmod 600 / mode {mode:04o}: others can read it; chmod 600 it"
        )
    return _long_enough(text, str(file))


def ask(*, twice: bool) -> str:
    """The passphrase as typed; `twice` where a slip would show only at the restore. Raises ConfigError without a terminal."""
    if not sys.stdin.isatty():
        raise ConfigError("没有终端，请用 --passphrase-file / there is no terminal to ask at: use --passphrase-file")
    typed = getpass.getpass("备份口令 passphrase of the backup: ")
    if twice and getpass.getpass("再输一次 once more: ") != typed:
        raise ConfigError("两次输入不同 / the two are not the same")
    return _long_enough(typed, "口令 passphrase")


def _long_enough(text: str, named: str) -> str:
    if len(text) < SHORTEST:
        raise ConfigError(f"{named}：口令至少 {SHORTEST} 个字符 / a passphrase has {SHORTEST} characters or more")
    return text


def _key(passphrase: str, salt: bytes) -> bytes:
    kdf = Scrypt(salt=salt, length=32, n=2**17, r=8, p=1)
    return kdf.derive(passphrase.encode("utf-8", "surrogatepass"))
