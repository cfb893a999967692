"""Laying an archive out: first every byte is proved, then a new folder is filled beside the one asked for. No Django here."""

import errno
import os
import secrets
import shutil
import tempfile
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from fenghuo.ops import database
from fenghuo.ops.backup import sealed
from fenghuo.ops.backup.archive import CHUNK, Archive, Progress, synced
from fenghuo.ops.backup.held import names as secret_names
from fenghuo.ops.backup.manifest import SEALED, SETTINGS, ArchiveError, Manifest
from fenghuo.ops.config import SECRET_FILE, ConfigError, UsageError, load
from fenghuo.ops.folder import PRIVATE_FILE, PRIVATE_FOLDER

SPARE = 200 * 1024 * 1024  # bytes that stay free (fault B3)


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


def fit(target: Path, told: Manifest) -> None:
    """Raise ConfigError where the archive must not, or cannot, be laid out; nothing stays behind."""
    if there := _found_in(target):
        raise ConfigError(
            f"{target}：目录不空（{there}），恢复只写入新目录，什么都没有改动 / is not empty ({there}): a restore goes into a new "
            "folder only; nothing was changed"
        )
    if told.engine == "postgresql" and (wanting := database.wanting()):
        raise ConfigError(wanting)
    above = next(folder for folder in (target.absolute(), *target.absolute().parents) if folder.is_dir())
    try:
        Path(tempfile.mkdtemp(prefix=".fenghuo-", dir=above)).rmdir()
    except OSError as error:
        raise _useless(target, error) from None
    free = shutil.disk_usage(above).free
    # Tables of an older version are written anew, and the journal of such a change stands beside them for a moment.
    needed = 2 * told.size + SPARE
    if needed > free:
        raise ConfigError(
            f"{target}：空间不足，需要 {needed // 2**20} MB，只有 {free // 2**20} MB / not enough room: "
            f"{needed // 2**20} MB are needed, {free // 2**20} MB are free; nothing was written"
        )


def _found_in(target: Path) -> str:
    """The name of something that lies there already. Raises UsageError for what is no folder, and never can be one."""
    try:
        os.lstat(target)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _useless(target, error) from None
    try:
        return next((path.name for path in target.iterdir()), "")
    except OSError as error:  # a file, or a folder of somebody else
        raise _useless(target, error) from None


def _useless(target: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{target}：此处不能建立目录，请用 --into 指定另一个，什么都没有写入 / no folder can be made here ({error.strerror}): "
        "name another one with --into; nothing was written"
    )


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
    try:
        folder = _new_folder(target)
    except OSError as error:
        raise _useless(target, error) from None
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


def _new_folder(target: Path) -> Path:
    """Beside `target`; or inside it, where it is there: then a disk may be mounted there, or all above it belong to others."""
    if target.is_dir():
        target.chmod(PRIVATE_FOLDER)
        return Path(tempfile.mkdtemp(prefix=".restoring-", dir=target))
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{target.name[:80]}.restoring-", dir=target.parent))


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
        raise ArchiveError(
            f"{error}\n备份中的设置无法使用，什么都没有写入。可将改正的 {SETTINGS} 放入一个目录，用 --secrets 指定 / the settings "
            f"in the archive cannot be used; nothing was written. Put a mended {SETTINGS} into a folder and name it with --secrets"
        ) from None


def settle(laid: Laid) -> None:
    """The folder gets its name. Raises ConfigError where somebody else has put something there meanwhile."""
    for path in laid.folder.rglob("*"):
        if path.is_file():
            _synced_file(path)
    synced(laid.folder)
    try:
        if laid.folder.parent == laid.target:
            _come_out(laid)
        else:
            laid.folder.rename(laid.target)
    except OSError as error:
        remove(laid)
        raise ConfigError(f"{laid.target}：无法写入，什么都没有改动 / cannot be written: {error.strerror}") from None
    synced(laid.target.parent)


def _come_out(laid: Laid) -> None:
    """Everything moves up into the folder; the file without which it is no data folder comes last, once the rest is on the disk."""
    if strange := [path.name for path in laid.target.iterdir() if path != laid.folder]:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), strange[0])
    for path in laid.folder.iterdir():
        if path.name != SECRET_FILE:
            path.rename(laid.target / path.name)
    synced(laid.target)
    (laid.folder / SECRET_FILE).rename(laid.target / SECRET_FILE)
    laid.folder.rmdir()
    synced(laid.target)


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


def _synced_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
