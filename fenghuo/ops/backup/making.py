"""Making one archive of this installation."""

import base64
import contextlib
import io
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db import connections

from fenghuo import __version__
from fenghuo.ground import clock
from fenghuo.ground.keyring import actions as keyring
from fenghuo.ground.refusal import Refused
from fenghuo.ops.backup import held, postgres, sealed, snapshot
from fenghuo.ops.backup.archive import Progress, Writer
from fenghuo.ops.backup.manifest import FILES, SEALED, SETTINGS, Manifest, Signature
from fenghuo.ops.backup.signed import CERTIFICATE
from fenghuo.ops.config import ConfigError
from fenghuo.ops.installation import ALIASES
from fenghuo.ops.settings import SCHEMAS
from fenghuo.wire.cap.signature import fingerprint

SPARE = 200 * 1024 * 1024  # bytes that stay free where the archive is written (fault B3)
GENESIS = "0:" + "0" * 64


@dataclass
class Made:
    """An archive: where, how large, how long it took, and for how long writers waited."""

    path: Path
    sha256: str
    bytes: int
    seconds: float
    locked: float
    manifest: Manifest


@dataclass
class Copied:
    """The databases as files of one moment."""

    engine: str
    files: list[Path]
    tables: dict[str, dict[str, int]]
    head: str
    orders: int
    attachments: list[tuple[str, int, str]]  # place, size, SHA-256
    locked: float = 0.0
    missing: list[str] = field(default_factory=list)


def make(path: Path, *, passphrase: str | None, progress: Progress, fixed: Callable[[], None] = lambda: None) -> Made:
    """Write the archive at `path`, which must not exist. Raises ConfigError; then nothing is left behind.

    `fixed` is called once the moment is fixed and nobody waits any more: the place to become slow and polite, and not before,
    because whoever holds both databases must not be kept from the processor.
    """
    begun = clock.monotonic()
    _room(path)
    with _workplace(path) as place, _writing(path, progress) as writer:
        copied = _databases(place, progress, fixed)
        for one in copied.files:
            with one.open("rb") as source:
                writer.add(one.name, source)
            one.unlink()
        told = _rest(writer, copied, passphrase)
        digest = writer.finish(told)
    size = path.stat().st_size
    return Made(path, digest, size, clock.monotonic() - begun, copied.locked, told)


def expected() -> int:
    """About how many bytes will be handled: for a progress in per cent."""
    return 2 * _sizes()


def _sizes() -> int:
    if connections["default"].vendor == "postgresql" and connections["ledger"].vendor == "postgresql":
        return postgres.size()
    names = [Path(settings.DATABASES[alias]["NAME"]) for alias in ALIASES if connections[alias].vendor == "sqlite"]
    return sum(name.stat().st_size for name in names if name.exists())


def _room(path: Path) -> None:
    if path.exists():
        raise ConfigError(f"{path}：已有此文件，不会覆盖 / exists already and is not overwritten")
    needed, free = 2 * _sizes() + SPARE, shutil.disk_usage(path.parent).free
    if free < needed:
        raise ConfigError(
            f"{path.parent}：空间不足，需要 {needed // 2**20} MB，只有 {free // 2**20} MB，未做备份 / not enough room: "
            f"{needed // 2**20} MB are needed, {free // 2**20} MB are free; no backup was made"
        )


@contextmanager
def _workplace(path: Path) -> Iterator[Path]:
    """A folder beside the archive for the copies: the disk of the databases may be nearly full."""
    with tempfile.TemporaryDirectory(prefix=".fenghuo-backup-", dir=path.parent) as folder:
        yield Path(folder)


@contextmanager
def _writing(path: Path, progress: Progress) -> Iterator[Writer]:
    try:
        writer = Writer(path, progress)
        with contextlib.ExitStack() as stack:
            stack.callback(writer.abandon)
            yield writer
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(
            f"{path}：未做备份，原有备份不受影响 / no backup was made, older ones are untouched: {error}"
        ) from None


def _databases(place: Path, progress: Progress, fixed: Callable[[], None]) -> Copied:
    engines = {connections[alias].vendor for alias in ALIASES}
    if engines == {"postgresql"}:
        return _postgres(place, fixed)
    if engines != {"sqlite"}:
        raise ConfigError(
            "主库与台账不在同类数据库中，无法备份为一个时刻 / one database is SQLite and the other PostgreSQL: no backup "
            "can be of one moment"
        )
    return _sqlite(place, progress, fixed)


def _postgres(place: Path, fixed: Callable[[], None]) -> Copied:
    with postgres.taken() as taken:
        fixed()
        main = SCHEMAS["default"]
        head = taken["default"].rows(f'SELECT seq, hash FROM "{main}".ground_journalentry ORDER BY seq DESC LIMIT 1')
        orders = taken["default"].rows(f'SELECT COALESCE(MAX(seq), 0) FROM "{main}".delivery_order')
        attachments = taken["default"].rows(
            f'SELECT place, size, sha256 FROM "{main}".ground_attachment ORDER BY place'
        )
        tables = {alias: taken[alias].counts(SCHEMAS[alias]) for alias in ALIASES}
        files = postgres.dump(taken, place)
    return Copied(
        engine="postgresql",
        files=files,
        tables=tables,
        head=f"{head[0][0]}:{head[0][1]}" if head else GENESIS,
        orders=int(orders[0][0]),
        attachments=[(str(name), int(size), str(digest)) for name, size, digest in attachments],
    )


def _sqlite(place: Path, progress: Progress, fixed: Callable[[], None]) -> Copied:
    files = {alias: Path(settings.DATABASES[alias]["NAME"]) for alias in ALIASES}
    with snapshot.taken(files) as taken:
        fixed()
        names = dict(zip(ALIASES, FILES["sqlite"], strict=True))
        for alias, source in taken.connections.items():
            snapshot.copy(source, place / names[alias], progress, scrub=alias == "default")
    main = place / names["default"]
    with closing(sqlite3.connect(f"{main.as_uri()}?mode=ro", uri=True)) as copy:
        head = copy.execute("SELECT seq, hash FROM ground_journalentry ORDER BY seq DESC LIMIT 1").fetchone()
        orders = copy.execute("SELECT MAX(seq) FROM delivery_order").fetchone()[0] or 0
        attachments = copy.execute("SELECT place, size, sha256 FROM ground_attachment ORDER BY place").fetchall()
    return Copied(
        engine="sqlite",
        files=[place / name for name in names.values()],
        tables={alias: snapshot.counts(place / name) for alias, name in names.items()},
        head=f"{head[0]}:{head[1]}" if head else GENESIS,
        orders=int(orders),
        attachments=attachments,
        locked=taken.locked,
    )


def _rest(writer: Writer, copied: Copied, passphrase: str | None) -> Manifest:
    """Attachments, settings, certificates, secrets; then the manifest of all."""
    data: Path = settings.DATA
    for place, _size, digest in copied.attachments:
        _attachment(writer, copied, place, digest)
    writer.add(SETTINGS, io.BytesIO(held.settings_text(data)[0].encode()))
    public = {name: path.read_bytes() for name, path in held.public(data).items()}
    for name, text in public.items():
        writer.add(name, io.BytesIO(text))
    found, left = held.secrets(data, settings.FENGHUO)
    told = Manifest(
        format=1,
        version=__version__,
        mode=settings.FENGHUO.mode,
        made_at=clock.now(),
        engine=copied.engine,  # type: ignore[arg-type]
        databases=len(copied.files),  # type: ignore[arg-type]
        journal_head=copied.head,
        orders=copied.orders,
        secrets="sealed" if passphrase else "left_out",
        left_out=left if passphrase else sorted([*found, *left]),
        missing=copied.missing,
        tables=copied.tables,  # type: ignore[arg-type]
        parts=list(writer.parts),
    )
    if passphrase:
        closed = sealed.seal(found, passphrase=passphrase, bound=told.bound())
        writer.add(SEALED, io.BytesIO(closed))
        told.parts = list(writer.parts)
    _sign(told, public.get(CERTIFICATE, b""))
    return told


def _sign(told: Manifest, certificate: bytes) -> None:
    """With the key whose certificate is in the archive. Where it is not fit, a backup is better unsigned than not made."""
    try:
        key, value = keyring.sign_bytes(told.statement())
    except Refused:
        return
    if certificate and fingerprint(x509.load_pem_x509_certificate(certificate)) == key:
        told.signature = Signature(key=key, value=base64.b64encode(value).decode())


def _attachment(writer: Writer, copied: Copied, place: str, digest: str) -> None:
    """Its bytes were on the disk before its row was. One that is gone or spoilt is named, and does not stop the rest."""
    try:
        with (Path(settings.DATA) / "files" / place).open("rb") as source:
            part = writer.add(f"files/{place}", source)
    except FileNotFoundError:
        copied.missing.append(place)
        return
    if part.sha256 != digest:
        copied.missing.append(place)
