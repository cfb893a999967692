"""`fenghuo backup`: one file that holds this installation as it is now."""

import json
import os
import sys
from argparse import Namespace
from pathlib import Path

from django.conf import settings

from fenghuo.ops import installation
from fenghuo.ops.backup import making, rounds, sealed
from fenghuo.ops.backup.telling import Percent, size
from fenghuo.ops.outcome import DONE

POLITE = 10  # niceness: senders and pages first


def run(args: Namespace) -> int:
    """Make it, and say in a sentence what it holds and what it does not."""
    installation.check()
    passphrase = _passphrase(args)
    percent = Percent(making.expected(), shown=sys.stderr.isatty())
    made = rounds.carry_out(
        args.to or "",
        keep=args.keep or settings.FENGHUO.backup_keep,
        passphrase=passphrase,
        progress=percent.add,
        by_hand=True,
        fixed=lambda: os.setpriority(os.PRIO_PROCESS, 0, POLITE),
    )
    percent.end()
    _tell(made)
    if args.json:
        print(json.dumps(_summary(made), ensure_ascii=False))
    return DONE


def _passphrase(args: Namespace) -> str | None:
    if args.passphrase_file:
        return sealed.passphrase_of(Path(args.passphrase_file))
    return sealed.ask(twice=True) if args.ask_passphrase else rounds.configured_passphrase()


def _tell(made: making.Made) -> None:
    told = made.manifest
    print(
        f"已备份 backed up：{made.path}（{size(made.bytes)}，{made.seconds:.1f} 秒 s，"
        f"写入暂停 writers waited {made.locked * 1000:.0f} 毫秒 ms）"
    )
    print(f"审计日志链头 head of the journal: {told.journal_head}")
    if told.secrets == "left_out":
        print(
            "密钥未放入备份（没有口令）：恢复时需另外提供 / secrets are NOT in it, for want of a passphrase; "
            f"a restore will need them from elsewhere: {', '.join(told.left_out)}"
        )
    elif told.left_out:
        print(f"不在数据目录内、未备份 outside the data folder and not in it: {', '.join(told.left_out)}")
    if told.signature is None:
        print(
            "没有签名：签名密钥不可用（fenghuo keys show）/ NOT SIGNED: the signing key is not fit for use (fenghuo keys show); a "
            "restore cannot tell whether somebody altered the file"
        )
    if told.missing:
        print(f"附件缺失或损坏 attachments gone or spoilt: {len(told.missing)}")


def _summary(made: making.Made) -> dict[str, object]:
    told = made.manifest
    return {
        "path": str(made.path),
        "bytes": made.bytes,
        "sha256": made.sha256,
        "seconds": round(made.seconds, 3),
        "locked_ms": round(made.locked * 1000, 3),
        "journal_head": told.journal_head,
        "secrets": told.secrets,
        "signed_by": told.signature.key if told.signature else None,
        "left_out": told.left_out,
        "missing": told.missing,
    }
