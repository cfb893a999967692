"""A backup from the wish to the line in the journal: by hand, or by the worker at night."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db.transaction import atomic

from fenghuo.ground import clock
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.upkeep import actions as upkeep
from fenghuo.ground.upkeep.models import Chore
from fenghuo.ops.backup import keeping, making, sealed
from fenghuo.ops.backup.archive import Progress
from fenghuo.ops.config import ConfigError, UsageError


def place(to: str) -> tuple[Path, bool]:
    """(the archive to write, whether its folder is one that we keep in order). `to`: a folder, or a file that is not there yet.

    Raises UsageError for what may be either.
    """
    named = Path(to) if to else Path(settings.FENGHUO.backup_to or "backups")
    named = named if to or named.is_absolute() else settings.DATA / named
    if to and named.suffix not in ("", ".zip") and not to.endswith("/") and not named.is_dir():
        raise UsageError(
            f"--to：{to}：备份文件名须以 .zip 结尾；若是新目录，请以 / 结尾，未做备份 / a file's name must end in .zip, "
            "that of a new folder in /; no backup was made"
        )
    if named.suffix == ".zip" and not to.endswith("/") and not named.is_dir():
        _made(named.parent)
        return named.resolve(), False
    _made(named)
    return named.resolve() / keeping.name(settings.FENGHUO.mode, clock.now()), True


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}：无法使用此目录 / this folder cannot be used: {error.strerror}") from None


def configured_passphrase() -> str | None:
    """The passphrase that the settings name; None where they name none. Raises ConfigError."""
    named = settings.FENGHUO.backup_passphrase_file
    return sealed.passphrase_of(settings.DATA / named) if named else None


def carry_out(
    to: str,
    *,
    keep: int,
    passphrase: str | None,
    progress: Progress,
    by_hand: bool,
    fixed: Callable[[], None] = lambda: None,
) -> making.Made:
    """Make, prune, write down. Raises ConfigError where no archive came of it, which is written down too. `fixed`: see `make`."""
    try:
        path, ours = place(to)
        if ours:
            keeping.sweep(path.parent)
        made = making.make(path, passphrase=passphrase, progress=progress, fixed=fixed)
        pruned = keeping.prune(path.parent, settings.FENGHUO.mode, keep) if ours else []
    except ConfigError as error:
        upkeep.failed(name=Chore.BACKUP, reason=str(error))
        raise
    told = made.manifest
    detail = {
        "name": path.name,
        "bytes": made.bytes,
        "sha256": made.sha256,
        "journal_head": told.journal_head,
        "secrets": told.secrets,
        "missing": len(told.missing),
        "pruned": len(pruned),
    }
    figures = {"folder": str(path.parent), "seconds": round(made.seconds, 1), "locked_ms": round(made.locked * 1000, 1)}
    upkeep.done(name=Chore.BACKUP, detail=detail | figures)
    if by_hand or not settings.FENGHUO.backup_every:
        # One every few minutes would fill the journal with nothing else: those are told by `doctor` and the desk.
        with atomic():
            journal.record(act="system.backup", by=None, detail=detail)
    return made
