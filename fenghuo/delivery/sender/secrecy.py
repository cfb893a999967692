"""What keeps a line secret: the account's secret file, and TLS; what is wrong with either has a name for the desk."""

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from fenghuo.delivery.gateways.config import Gateway

OTHERS = 0o077  # rights of a secret file that nobody but its owner may have
LONGEST = 4096  # bytes of a secret
_UNTRUSTED = {10: "tls_expired", 9: "tls_not_yet", 62: "tls_name", 64: "tls_name"}  # X509_V_ERR_…


class Unfit(Exception):
    """The account cannot be served as it stands; `code` is for the desk, `path` the file that a person must mend."""

    def __init__(self, code: str, path: Path | None = None) -> None:
        super().__init__(code)
        self.code, self.path = code, path


@dataclass(frozen=True)
class Tls:
    """How a connection is protected, and the name that the gateway's certificate must bear."""

    context: ssl.SSLContext
    name: str


def read(path: Path) -> bytes:
    """A secret, without the white space around it. Raises Unfit, also where anyone but the owner may read it."""
    try:
        with path.open("rb") as file:
            mode, said = stat.S_IMODE(os.fstat(file.fileno()).st_mode), file.read(LONGEST + 1).strip()
    except OSError as wrong:
        raise Unfit("secret_missing", path) from wrong
    if mode & OTHERS:
        raise Unfit("secret_rights", path)
    if not said or len(said) > LONGEST:
        raise Unfit("secret_empty" if not said else "secret_long", path)
    return said


def tls(gateway: Gateway) -> Tls | None:
    """How this account's connections are protected; None for not at all. Raises Unfit."""
    if not gateway.tls:
        return None
    pinned = gateway.tls_ca_file
    try:
        context = ssl.create_default_context(cafile=str(pinned) if pinned else None)
    except OSError as wrong:  # ssl.SSLError is one too: the file holds no certificate
        raise Unfit("tls_ca_file", pinned) from wrong
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return Tls(context, gateway.tls_server_name or gateway.host)


def why(wrong: OSError) -> str:
    """What to call a handshake that failed."""
    if isinstance(wrong, ssl.SSLCertVerificationError):
        return _UNTRUSTED.get(wrong.verify_code, "tls_untrusted")
    if isinstance(wrong, ssl.SSLError) and wrong.reason in (
        "WRONG_VERSION_NUMBER",
        "RECORD_LAYER_FAILURE",
        "HTTP_REQUEST",
    ):
        return "tls_not_spoken"
    return "tls_failed"
