"""Where an archive is laid out: whether the place will do, the folder that is filled, and its name in the end. No Django here."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from fenghuo.ops import database
from fenghuo.ops.backup.archive import synced
from fenghuo.ops.backup.manifest import Manifest
from fenghuo.ops.config import SECRET_FILE, ConfigError, UsageError
from fenghuo.ops.folder import OF_THE_DISK, PRIVATE_FOLDER

SPARE = 200 * 1024 * 1024  # bytes that stay free (fault B3)


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
        return next((path.name for path in target.iterdir() if path.name != OF_THE_DISK), "")
    except OSError as error:  # a file, or a folder of somebody else
        raise _useless(target, error) from None


def _useless(target: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{target}：此处不能建立目录，请用 --into 指定另一个，什么都没有写入 / no folder can be made here ({error.strerror}): "
        "name another one with --into; nothing was written"
    )


def new_folder(target: Path) -> Path:
    """Beside `target`; or inside it, where it is there: then a disk may be mounted there, or all above it belong to others.

    Raises UsageError where neither can be.
    """
    try:
        if target.is_dir():
            target.chmod(PRIVATE_FOLDER)
            return Path(tempfile.mkdtemp(prefix=".restoring-", dir=target))
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{target.name[:80]}.restoring-", dir=target.parent))
    except OSError as error:
        raise _useless(target, error) from None


def settle(folder: Path, target: Path) -> None:
    """What lies in `folder` lies in `target`, durably. Raises ConfigError where somebody has put something there meanwhile."""
    for path in folder.rglob("*"):
        if path.is_file():
            _synced_file(path)
    synced(folder)
    try:
        if folder.parent == target:
            _move_up(folder, target)
        else:
            folder.rename(target)
            synced(target.parent)
    except OSError as error:
        raise ConfigError(f"{target}：无法写入，什么都没有改动 / cannot be written: {error.strerror}") from None


def _move_up(folder: Path, target: Path) -> None:
    """The file without which it is no data folder comes last, once the rest is on the disk."""
    if [path for path in target.iterdir() if path != folder and path.name != OF_THE_DISK]:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    for path in folder.iterdir():
        if path.name != SECRET_FILE:
            path.rename(target / path.name)
    synced(target)
    (folder / SECRET_FILE).rename(target / SECRET_FILE)
    folder.rmdir()
    synced(target)


def _synced_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
