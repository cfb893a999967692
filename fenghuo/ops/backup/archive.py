"""The file itself: a ZIP that any program opens, whose last 64 bytes are the SHA-256 of everything before them.

One flipped bit anywhere, one missing byte, and it is refused before anything of it is used; nothing is taken out by a name that the
manifest does not give, and no more bytes than the manifest says.
"""

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from fenghuo.ops.backup import manifest
from fenghuo.ops.backup.manifest import MANIFEST, ArchiveError, Manifest, Part

CHUNK = 1024 * 1024
MARK = b"fenghuo-backup sha256:"
DIGEST = 64
SMALLEST = 200
FAST = 1  # zlib: a backup is bound by the disk, not by the last percent
Progress = Callable[[int], None]  # bytes done since the last call


class Writer:
    """Adds parts one after the other; `finish` makes the archive appear under its name, whole and on the disk, or not at all."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self.parts: list[Part] = []
        self._progress = progress
        self._beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
        handle = os.open(self._beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file: IO[bytes] = os.fdopen(handle, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST)

    def add(self, name: str, source: IO[bytes]) -> Part:
        """One file, from where it is read."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_entry(name), "w", force_zip64=True) as entry:
            while chunk := source.read(CHUNK):
                entry.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                self._progress(len(chunk))
        self.parts.append(Part(name=name, size=size, sha256=digest.hexdigest()))
        return self.parts[-1]

    def finish(self, told: Manifest) -> str:
        """Close, seal with the SHA-256 of the whole, make durable, give it its name. Returns the SHA-256."""
        with self._zip.open(_entry(MANIFEST), "w") as entry:
            entry.write(told.encoded())
        self._zip.comment = MARK + b"0" * DIGEST
        self._zip.close()
        self._file.flush()
        digest = _digest(self._file, os.fstat(self._file.fileno()).st_size - DIGEST)
        self._file.seek(-DIGEST, os.SEEK_END)
        self._file.write(digest.encode("ascii"))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._beside.rename(self.path)
        synced(self.path.parent)
        return digest

    def abandon(self) -> None:
        """Leave nothing behind; harmless after `finish`."""
        with suppress(OSError, ValueError):  # on a full disk its last words fit no better than the rest
            self._zip.close()
        self._file.close()
        self._beside.unlink(missing_ok=True)


class Archive:
    """An archive that proved whole. Take it from `opened`."""

    def __init__(self, file: zipfile.ZipFile, told: Manifest, digest: str) -> None:
        self._zip = file
        self.manifest = told
        self.sha256 = digest

    def read(self, part: Part, to: IO[bytes] | None, progress: Progress) -> None:
        """Unpack one part, or only prove it; never more than its manifest says. Raises ArchiveError."""
        digest, left = hashlib.sha256(), part.size
        try:
            with self._zip.open(part.name) as entry:
                while chunk := entry.read(min(CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        break
                    digest.update(chunk)
                    progress(len(chunk))
                    if to is not None:
                        to.write(chunk)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise _damaged(part.name) from error
        if left or digest.hexdigest() != part.sha256:
            raise _damaged(part.name)

    def bytes(self, name: str, most: int) -> bytes:
        """A small part, proved."""
        part = next((one for one in self.manifest.parts if one.name == name), None)
        if part is None or part.size > most:
            raise _damaged(name)
        sink = io.BytesIO()
        self.read(part, sink, lambda _: None)
        return sink.getvalue()

    def prove(self, progress: Progress) -> None:
        """Unpack every part into nothing. Raises ArchiveError for the first that is not what the manifest says."""
        for part in self.manifest.parts:
            self.read(part, None, progress)


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """An archive whose every byte is as it was written. Raises ArchiveError for anything else; nothing is unpacked."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ArchiveError(f"{path}：无法读取 / cannot be read: {error.strerror}") from None
    with file:
        digest = _whole(file, path)
        try:
            with zipfile.ZipFile(file) as held:
                told = _manifest(held)
                _only_what_is_told(held, told)
                yield Archive(held, told, digest)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
            raise _damaged(path.name) from error


def _whole(file: IO[bytes], path: Path) -> str:
    size = os.fstat(file.fileno()).st_size
    if size < SMALLEST:
        raise _foreign(path)
    file.seek(-DIGEST - len(MARK), os.SEEK_END)
    tail = file.read()
    if not tail.startswith(MARK):
        raise _foreign(path)
    digest = _digest(file, size - DIGEST)
    if digest.encode("ascii") != tail[len(MARK) :]:
        raise _damaged(path.name)
    return digest


def _manifest(held: zipfile.ZipFile) -> Manifest:
    found = [info for info in held.infolist() if info.filename == MANIFEST]
    if len(found) != 1 or found[0].file_size > manifest.MOST_BYTES:
        raise _damaged(MANIFEST)
    with held.open(found[0]) as entry:
        return manifest.parse(entry.read(manifest.MOST_BYTES + 1))


def _only_what_is_told(held: zipfile.ZipFile, told: Manifest) -> None:
    """The entries are exactly the parts of the manifest, under the same names and of the same size."""
    there = sorted((info.filename, info.file_size) for info in held.infolist() if info.filename != MANIFEST)
    if there != sorted((part.name, part.size) for part in told.parts):
        raise ArchiveError(
            "备份中的文件与清单不符，什么都没有写入 / the archive holds other files than its manifest says; nothing was written"
        )


def _entry(name: str) -> zipfile.ZipInfo:
    """Without the time and the rights of the file that it was read from: both would only be in the way of a restore."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return entry


def _digest(file: IO[bytes], size: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while size > 0 and (chunk := file.read(min(CHUNK, size))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


def synced(folder: Path) -> None:
    """The names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(name: str) -> ArchiveError:
    return ArchiveError(
        f"{name}：备份已损坏或被截断，什么都没有写入，请用另一份 / the archive is damaged or cut short; "
        "nothing was written: take another one"
    )


def _foreign(path: Path) -> ArchiveError:
    return ArchiveError(
        f"{path}：不是烽火的备份，或已被截断，什么都没有写入 / is no backup of Fenghuo, or was cut short; nothing was written"
    )
