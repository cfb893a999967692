"""The installation's signature over an archive: without its key nobody alters what stands in it, sealed or not. No Django here.

A signature proves no more than its certificate does: whoever can write an archive can also put a key of his own into it. So the
certificate must fit the journal (`reviving`), and people compare its SHA-256 with the one that they keep elsewhere.
"""

import base64
import binascii

from cryptography import x509

from fenghuo.ground.keyring.values import proves
from fenghuo.ops.backup.archive import Archive
from fenghuo.ops.backup.manifest import ArchiveError
from fenghuo.wire.cap.signature import fingerprint

CERTIFICATE = "signing.pem"
MOST_BYTES = 64 * 1024  # of a certificate


def signer(held: Archive) -> str | None:
    """SHA-256 of the certificate that signed all of an archive; None: nobody did. Raises ArchiveError where it does not fit."""
    said = held.manifest.signature
    if said is None:
        return None
    try:
        certificate = x509.load_pem_x509_certificate(held.bytes(CERTIFICATE, MOST_BYTES))
        value = base64.b64decode(said.value, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _unfit() from error
    if fingerprint(certificate) != said.key or not proves(certificate, held.manifest.statement(), value):
        raise _unfit()
    return said.key


def _unfit() -> ArchiveError:
    return ArchiveError(
        f"备份的签名与内容或 {CERTIFICATE} 不符：备份被改动过，什么都没有写入 / the signature does not fit what stands in the "
        f"archive, or its {CERTIFICATE}: the archive was altered; nothing was written"
    )
