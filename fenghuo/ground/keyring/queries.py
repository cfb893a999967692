"""Reading the keyring from the data folder, each time anew: what an operator puts there counts at once.

<data>/signing.key (0600) and <data>/signing.pem are the installation's own; <data>/trust/*.pem are those of others, one certificate
a file, below lines `# area: CODE` that say for which divisions it may speak.
"""

import re
import stat
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.keyring.values import Signer, Trusted, proves
from fenghuo.ground.refusal import Refused
from fenghuo.wire.cap import signature

KEY_FILE, CERTIFICATE_FILE, TRUST_FOLDER = "signing.key", "signing.pem", "trust"
EARLIER_CERTIFICATES = "signing-*.pem"  # kept by `renew`, for what they signed
AREA = re.compile(r"# area: ([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})")
MOST_BYTES = 64 * 1024


def signer() -> Signer:
    """The installation's key, fit to sign now. Refused (unavailable) with the reason and the remedy."""
    held = pair()
    if held.until <= clock.now():
        raise _unfit("key_expired", _("The certificate of the signing key ended on %(until)s: run fenghuo keys renew."),
                     until=held.until.date().isoformat())  # fmt: skip
    return held


def pair() -> Signer:
    """Key and certificate as they lie in the data folder, whether in time or not. Refused (unavailable) otherwise."""
    path, beside = settings.DATA / KEY_FILE, settings.DATA / CERTIFICATE_FILE
    secret, public = _read(path), _read(beside)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise _unfit("key_rights", _("%(file)s can be read by others (mode %(mode)s): chmod 600 it, or renew the key."),
                     file=path, mode=f"{mode:04o}")  # fmt: skip
    try:
        key = load_pem_private_key(secret, None)
        certificate = x509.load_pem_x509_certificate(public)
        same = key.public_key() == certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unfit("key_unreadable", _("%(file)s or its certificate cannot be understood: restore them from a backup."),
                     file=path) from error  # fmt: skip
    if not same or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise _unfit("key_mismatch", _("%(file)s does not belong to the certificate beside it."), file=path)
    return Signer(key, certificate)


def exists() -> bool:
    """Whether anything of a key lies in the data folder."""
    return any((settings.DATA / name).exists() for name in (KEY_FILE, CERTIFICATE_FILE))


def trusted() -> list[Trusted]:
    """Every certificate that is trusted; a file that is wrong in anything is left out (`faults` names it)."""
    return [one for one in _all() if isinstance(one, Trusted)]


def faults() -> list[Refused]:
    """The files of the trust folder that are not used, with the reason."""
    return [one for one in _all() if isinstance(one, Refused)]


def find(fingerprint: str) -> Trusted | None:
    """The trusted certificate with this SHA-256."""
    return next((one for one in trusted() if one.fingerprint == fingerprint), None)


def signed_by_us(data: bytes, signature_bytes: bytes, fingerprint: str) -> bool | None:
    """Whether our certificate of this SHA-256, today's or an earlier one beside it, signed these bytes; None: we have none such."""
    for path in (settings.DATA / CERTIFICATE_FILE, *sorted(settings.DATA.glob(EARLIER_CERTIFICATES))):
        try:
            held = x509.load_pem_x509_certificate(path.read_bytes())
        except (OSError, ValueError):
            continue
        if signature.fingerprint(held) == fingerprint:
            return proves(held, data, signature_bytes)
    return None


def certificate() -> str | None:
    """SHA-256 of `signing.pem` as it lies in the data folder, with or without its key; None where no certificate does."""
    try:
        return signature.fingerprint(x509.load_pem_x509_certificate((settings.DATA / CERTIFICATE_FILE).read_bytes()))
    except (OSError, ValueError):
        return None


def read_certificate(data: bytes, named: object) -> x509.Certificate:
    """Exactly one certificate with a strong key in PEM, with nothing but `# area:` lines above. Refused otherwise."""
    text = data.decode("ascii", "replace")
    head, _mark, _rest = text.partition("-----BEGIN CERTIFICATE-----")
    strange = [line for line in head.splitlines() if line.strip() and not AREA.fullmatch(line.strip())]
    if strange or text.count("-----BEGIN ") != 1 or len(data) > MOST_BYTES:
        raise _wrong(named)
    try:
        found = x509.load_pem_x509_certificate(data)
        key = found.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _wrong(named) from error
    if not signature.strong(key):
        raise Refused(
            "certificate_weak", _("%(file)s: the key of this certificate is too weak."), params={"file": named}
        )
    return found


def _all() -> list[Trusted | Refused]:
    folder = settings.DATA / TRUST_FOLDER
    return [_trusted(path) for path in sorted(folder.glob("*.pem"))[: signature.MOST_TRUSTED]]


def _trusted(path: Path) -> Trusted | Refused:
    try:
        data = _read(path)
        certificate = read_certificate(data, path.name)
    except Refused as refused:
        return refused
    areas = tuple(found[1] for line in data.decode("ascii").splitlines() if (found := AREA.fullmatch(line.strip())))
    if not areas:
        return Refused("certificate_areas", _("%(file)s: no line “# area: CODE” says for which areas it may speak."),
                       params={"file": path.name})  # fmt: skip
    return Trusted(certificate, areas, path)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _wrong(path)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _unfit("key_missing", _("%(file)s is missing: restore it from a backup, or run fenghuo keys renew."),
                     file=path) from error  # fmt: skip
    except OSError as error:
        raise _unfit("key_unreadable", _("%(file)s cannot be read: %(why)s."), file=path, why=error.strerror) from error


def _wrong(named: object) -> Refused:
    return Refused(
        "certificate_form", _("%(file)s is not exactly one certificate in PEM form."), params={"file": named}
    )


def _unfit(code: str, reason: str, **params: object) -> Refused:
    return Refused(code, reason, kind="unavailable", params=params)
