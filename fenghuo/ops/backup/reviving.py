"""Making an installation of what was laid out: proved against its manifest, brought to this version, fenced, and paused.

Runs with the settings of the new folder, which has not its name yet: whatever does not hold together, nobody ever sees it.
"""

import sqlite3
from argparse import Namespace
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.transaction import atomic

from fenghuo import __version__
from fenghuo.delivery.ledger import actions as delivery
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.files.models import Attachment
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.keyring import queries as keyring
from fenghuo.ground.upkeep import actions as upkeep
from fenghuo.ops import installation
from fenghuo.ops.backup import postgres, snapshot
from fenghuo.ops.backup.laying import Laid
from fenghuo.ops.backup.manifest import FILES, ArchiveError
from fenghuo.ops.backup.signed import CERTIFICATE
from fenghuo.ops.config import ConfigError
from fenghuo.ops.outcome import DONE
from fenghuo.warning.alerts import actions as alerts


@dataclass
class Revived:
    """What came back. `age_seconds`: how old the backup is, which is what may be missing."""

    made_at: str
    version: str
    age_seconds: int
    entries: int  # of the journal
    tables: int
    rows: int
    attachments: int
    unsent: int
    in_doubt: int
    expired: int  # recipients whose alert has run out meanwhile: nothing leaves for them
    sessions: int
    proof: str  # that nobody altered it: passphrase, signature or none
    certificate: (
        str  # SHA-256 of the one that signed the archive; without such a one, that signed the journal's newest head
    )
    signed_to: int  # the entry of the journal up to which heads are signed
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For --json and the journal."""
        return asdict(self)


def run(args: Namespace, laid: Laid, told: dict[str, Any]) -> int:
    """All of it; `told` takes what was found. Raises ArchiveError or ConfigError for what does not hold together."""
    try:
        _prove_databases(laid)
        _bring_to_this_version(laid)
        entries = _prove_contents(laid)
        _prove_certificate(laid)
        told.update(_stand_still(laid, entries).as_dict())
    finally:
        connections.close_all()
    return DONE


def _prove_databases(laid: Laid) -> None:
    engine = connections["default"].vendor
    if engine != laid.manifest.engine:
        raise ConfigError(
            f"database_url：备份为 {laid.manifest.engine}，此处设置为 {engine} / the archive is of {laid.manifest.engine}, "
            f"the settings say {engine}; nothing was written"
        )
    if engine == "postgresql":
        postgres.load(laid.folder, laid.manifest.databases)
        if postgres.counts() != laid.manifest.tables:
            raise _wrong("行数与清单不符 / rows differ from the manifest")
        return
    for alias, name in zip(installation.ALIASES, FILES["sqlite"], strict=True):
        file = laid.folder / name
        try:
            with closing(sqlite3.connect(file)) as database:
                answer = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
            counts = snapshot.counts(file)
        except sqlite3.Error as error:
            raise _wrong(f"{name}：{error}") from None
        if answer != "ok":
            raise _wrong(f"{name}：{answer}")
        if counts != laid.manifest.tables[alias]:  # type: ignore[index]
            raise _wrong(f"{name}：行数与清单不符 / rows differ from the manifest")


def _bring_to_this_version(laid: Laid) -> None:
    for alias in installation.ALIASES:
        loader = MigrationExecutor(connections[alias]).loader
        unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
        if unknown:
            raise ArchiveError(
                f"备份由更新的版本（{laid.manifest.version}）制作，本机为 {__version__}，请先升级 / the archive is of a newer "
                f"Fenghuo ({laid.manifest.version}) than this one ({__version__}): install that here first; nothing was written"
            )
    installation.migrate()
    installation.check()
    if installation.installed_mode() != laid.manifest.mode:
        raise _wrong("模式与清单不符 / the mode differs from the manifest")


def _prove_contents(laid: Laid) -> int:
    """The journal's chain up to the head of the manifest, its guards, and every attachment that a row names."""
    verdict, guards = journal.verify(head=laid.manifest.journal_head), journal.guards()
    if not verdict.ok or guards or verdict.head != laid.manifest.journal_head:
        raise _wrong(
            f"审计日志 the journal：{verdict.reason or ' '.join(guards) or 'head'} {verdict.first_broken_seq or ''}"
        )
    there = {part.name: part.sha256 for part in laid.manifest.parts}
    known = set(laid.manifest.missing)
    for place, digest in Attachment.objects.values_list("place", "sha256"):
        if there.get(f"files/{place}") != digest and place not in known:
            raise _wrong(f"附件 an attachment：{place}")
    return verdict.count


def _prove_certificate(laid: Laid) -> None:
    """Where no seal holds it, `signing.pem` could be anybody's: it must be the one that the journal knows."""
    if laid.proof.sealed or not (laid.folder / CERTIFICATE).exists():
        return
    certificate = keyring.certificate()
    if certificate is None or not journal.vouches_for(certificate):
        raise ArchiveError(
            f"{CERTIFICATE}：不是审计日志所载的证书，备份被改动过，什么都没有写入 / is not the certificate that the journal knows: "
            "the archive was altered; nothing was written"
        )


def _stand_still(laid: Laid, entries: int) -> Revived:
    now = clock.now()
    waiting = ledger.pending()
    signed = max(journal.newest_signed(), key=lambda one: one.seq if one.proven else 0, default=None)
    vouched = signed if signed is not None and signed.proven else None
    tables = laid.manifest.tables.values()
    with atomic():
        ended = accounts.end_all_sessions()
        upkeep.forget_leases()
        found = Revived(
            made_at=laid.manifest.made_at.isoformat(),
            version=laid.manifest.version,
            age_seconds=max(0, round((now - laid.manifest.made_at).total_seconds())),
            entries=entries,
            tables=sum(len(one) for one in tables),
            rows=sum(sum(one.values()) for one in tables),
            attachments=sum(part.name.startswith("files/") for part in laid.manifest.parts),
            unsent=sum(one.unsent for one in waiting if not one.expired),
            in_doubt=sum(one.in_doubt for one in waiting if not one.expired),
            expired=sum(one.unsent for one in waiting if one.expired),
            sessions=ended["sessions"],
            proof=str(laid.proof),
            certificate=laid.proof.certificate or (vouched.key if vouched else ""),
            signed_to=vouched.seq if vouched else 0,
        )
        told = {name: value for name, value in found.as_dict().items() if name != "seconds"}
        archive = {"name": laid.archive.name[:120], "sha256": laid.sha256, "head": laid.manifest.journal_head}
        alerts.pause_after_restore(told=told | archive | {"restored_at": now.isoformat()})
    delivery.stand_still(mode=settings.FENGHUO.mode, now_ms=round(now.timestamp() * 1000))
    return found


def _wrong(what: str) -> ArchiveError:
    return ArchiveError(
        f"{what}：备份内容不完整，什么都没有写入 / the archive does not hold together; nothing was written"
    )
