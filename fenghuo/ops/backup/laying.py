"""Laying an archive out: first every byte is proved, then a folder is filled that has not its name yet. No Django here."""

import os
import secrets
import shutil
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from fenghuo.ops.backup import place, sealed
from fenghuo.ops.backup.archive import CHUNK, Archive, Progress
from fenghuo.ops.backup.held import names as secret_names
from fenghuo.ops.backup.manifest import SEALED, SETTINGS, ArchiveError, Manifest
from fenghuo.ops.config import SECRET_FILE, ConfigError, load
from fenghuo.ops.folder import PRIVATE_FILE, PRIVATE_FOLDER


@dataclass(frozen=True)
class Proof:
    """What says that nobody altered the archive: the passphrase opened its seal, or the key of `certificate` signed all of it."""

    sealed: bool
    certificate: str | None

    def __str__(self) -> str:
        if self.sealed:
            return "passphrase"
        return "signature" if self.certificate else "none"


@dataclass
class Laid:
    """What lies in `folder`, which will be `target` once all of it holds together."""

    archive: Path
    sha256: str
    manifest: Manifest
    folder: Path
    target: Path
    proof: Proof
    without: list[str] = field(default_factory=list)  # secrets that are not there


def opened_secrets(held: Archive, args: Namespace) -> dict[str, bytes]:
    """The secrets of an archive, by name. Raises ArchiveError for a wrong passphrase, ConfigError where one is wanting."""
    if held.manifest.secrets == "left_out":
        return {}
    if args.without_secrets:
        return {}
    passphrase = sealed.passphrase_of(Path(args.passphrase_file)) if args.passphrase_file else sealed.ask(twice=False)
    closed = held.bytes(SEALED, sealed.MOST_BYTES)
    return sealed.unseal(closed, passphrase=passphrase, bound=held.manifest.bound())


def unpack(
    held: Archive, archive: Path, target: Path, opened: dict[str, bytes], proof: Proof, progress: Progress
) -> Laid:
    """A new private folder with everything in it. Whatever goes wrong, nothing stays."""
    folder = place.new_folder(target)
    laid = Laid(archive, held.sha256, held.manifest, folder, target, proof)
    try:
        for part in held.manifest.parts:
            if part.name != SEALED:
                path = _place(folder, part.name)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb", CHUNK) as file:
                    held.read(part, file, progress)
        for name, data in opened.items():
            _write(_place(folder, name), data)
    except OSError as error:
        remove(laid)
        raise ConfigError(f"{target}：无法写入 / cannot be written: {error.strerror}") from None
    except BaseException:
        remove(laid)
        raise
    return laid


def bring_secrets(laid: Laid, folder: Path | None) -> None:
    """Those that the archive does not hold, from `folder`; a new `secret.key` where there is none. What is wanting is noted."""
    for name in _wanted(laid):
        mine = _inside(laid.folder, name)
        if mine is None:
            laid.without.append(name)
        elif folder is not None and (folder / name).is_file():
            _write(mine, (folder / name).read_bytes())
        elif name != SETTINGS and not mine.exists():
            laid.without.append(name)
    if not (laid.folder / SECRET_FILE).exists():
        _write(laid.folder / SECRET_FILE, secrets.token_urlsafe(48).encode() + b"\n")


def _wanted(laid: Laid) -> list[str]:
    """The secrets to look for: those that the archive says it lacks, and, with the seal unbroken, those its settings name.

    Settings that cannot be read are looked for, too: a mended file may take their place.
    """
    try:
        named = secret_names(laid.folder, load(laid.folder))
    except ConfigError:
        named = [SECRET_FILE, SETTINGS]
    if laid.manifest.secrets == "left_out":
        named = [SETTINGS] if SETTINGS in named else []
    return sorted({*laid.manifest.left_out, *named})


def settings_fit(laid: Laid) -> None:
    """Raise ArchiveError where the settings of the archive cannot be read. A wrong gateway account is only not served."""
    try:
        load(laid.folder)
    except ConfigError as error:
        if str(laid.folder) not in str(error):
            raise  # a variable of this machine's environment
        raise ArchiveError(
            f"{error}\n备份中的设置无法使用，什么都没有写入。可将改正的 {SETTINGS} 放入一个目录，用 --secrets 指定 / the settings "
            f"in the archive cannot be used; nothing was written. Put a mended {SETTINGS} into a folder and name it with --secrets"
        ) from None


def remove(laid: Laid) -> None:
    """Take away what was laid out."""
    shutil.rmtree(laid.folder, ignore_errors=True)


def _place(folder: Path, name: str) -> Path:
    path = _inside(folder, name)
    if path is None:
        raise ArchiveError(f"{name}：不在数据目录内 / would lie outside the folder; nothing was written")
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path


def _inside(folder: Path, name: str) -> Path | None:
    """Where a name lies in the folder; None where it leads out of it."""
    path = Path(os.path.normpath(folder / name))
    return path if path != folder and path.is_relative_to(folder) and "\0" not in name else None


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "wb") as file:
        file.write(data)
