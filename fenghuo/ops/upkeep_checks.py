"""What `fenghuo doctor` asks of backups, of the wholeness of the databases and of the guards of the journal."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from fenghuo.ground import clock
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.upkeep import queries
from fenghuo.ground.upkeep.models import Chore
from fenghuo.ops.finding import Colour, Finding

DRILLED = timedelta(days=31)  # a backup that was never tried out is a hope (CodeRED 2025)


def guards() -> Iterator[Finding]:
    """The triggers that refuse to change the journal, and the last signed head."""
    missing = journal.guards()
    if missing:
        names = " ".join(missing)
        yield Finding(
            "journal_guards",
            "red",
            f"审计日志的触发器缺失或被改：{names}",
            f"journal triggers missing or altered: {names}",
        )
    signed = max(journal.newest_signed(), key=lambda one: one.seq, default=None)
    if signed is None:
        yield Finding("journal_head", "yellow", "尚无已签名的链头", "no head of the journal has been signed yet")
        return
    colour: Colour = "red" if signed.proven is False else "yellow" if signed.proven is None else "green"
    at = signed.at.astimezone().isoformat(timespec="minutes")
    yield Finding(
        "journal_head", colour, f"链头已签名：第 {signed.seq} 条，{at}", f"head signed at entry {signed.seq}, {at}"
    )


def backup() -> Iterator[Finding]:
    """How old the newest backup is, and whether it would survive the disk."""
    found = queries.backup()
    if not found.on:
        yield Finding("backup", "yellow", "未设置自动备份（backup_to）", "no automatic backup is set up (backup_to)")
    elif found.age is None:
        colour: Colour = "red" if found.late else "yellow"
        yield Finding("backup", colour, f"尚无备份 {found.reason}".strip(), f"no backup yet {found.reason}".strip())
    else:
        hours = found.age.total_seconds() / 3600
        colour = "red" if found.late else "green" if found.ok else "yellow"
        why = "" if found.ok else f" · {found.reason}"
        yield Finding(
            "backup", colour, f"最近一次备份在 {hours:.1f} 小时前{why}", f"the last backup is {hours:.1f} h old{why}"
        )
    if found.on:
        yield from _elsewhere(settings.DATA / settings.FENGHUO.backup_to)
        if not settings.FENGHUO.backup_passphrase_file:
            zh, en = "备份不含密钥（backup_passphrase_file）", "backups hold no secrets (backup_passphrase_file)"
            yield Finding("backup_secrets", "yellow", zh, en)


def _elsewhere(folder: Path) -> Iterator[Finding]:
    there = folder if folder.exists() else folder.parent
    if there.exists() and there.stat().st_dev == settings.DATA.stat().st_dev:
        zh, en = f"{folder}：与数据同盘，盘坏则同失", f"{folder}: on the disk of the data, and lost with it"
        yield Finding("backup_place", "yellow", zh, en)


def integrity() -> Iterator[Finding]:
    """What the last look at every page found."""
    found = queries.found(Chore.INTEGRITY)
    if not found.ok:
        yield Finding("integrity", "red", f"数据库损坏：{found.reason}", f"a database is damaged: {found.reason}")
    elif found.at is not None:
        at = found.at.astimezone().isoformat(timespec="minutes")
        yield Finding(
            "integrity", "green", f"数据库逐页核验无误（{at}）", f"every page of the databases is whole ({at})"
        )


def drill() -> Iterator[Finding]:
    """Whether a backup was ever brought back."""
    found = queries.found(Chore.DRILL)
    if not found.ok:
        yield Finding("drill", "red", f"恢复演练未通过：{found.reason}", f"the restore drill failed: {found.reason}")
    elif found.at is None:
        zh, en = (
            "从未做过恢复演练（fenghuo restore FILE --drill）",
            "no restore drill yet (fenghuo restore FILE --drill)",
        )
        yield Finding("drill", "yellow", zh, en)
    else:
        days = (clock.now() - found.at).days
        colour: Colour = "green" if clock.now() - found.at <= DRILLED else "yellow"
        yield Finding(
            "drill", colour, f"恢复演练在 {days} 天前通过", f"the last restore drill went well {days} days ago"
        )
