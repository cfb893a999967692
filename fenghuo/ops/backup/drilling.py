"""A restore drill: the archive is restored beside the running installation, proved, counted and thrown away; the journal has it."""

import json
import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.transaction import atomic

from fenghuo.ground import clock
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.upkeep import actions as upkeep
from fenghuo.ground.upkeep.models import Chore
from fenghuo.ops import installation
from fenghuo.ops.config import UsageError
from fenghuo.ops.outcome import CHECK_FAILED, DONE, complain

PATIENCE = 3600.0  # seconds
KEPT = ("made_at", "version", "entries", "rows", "attachments", "unsent", "in_doubt", "without", "sha256")


def run(args: Namespace) -> int:
    """Exit status 4 where the archive does not come back."""
    installation.check()
    if connections["default"].vendor == "postgresql" and not args.database_url:
        raise UsageError(
            "--database-url：在 PostgreSQL 上演练，须另指一个空数据库 / a drill on PostgreSQL needs an empty database of its "
            "own: name it with --database-url; nothing was done"
        )
    begun, beside = clock.monotonic(), Path(args.into or settings.DATA.parent)
    try:
        place = tempfile.TemporaryDirectory(prefix=".fenghuo-drill-", dir=beside)
    except OSError as error:
        raise UsageError(
            f"{beside}：此处不能建立临时目录，请用 --into 另指 / no temporary folder can be made here ({error.strerror}): "
            "name a folder that is there with --into"
        ) from None
    with place as folder:
        status, said, told = _restored(args, Path(folder) / "data")
    seconds = clock.monotonic() - begun
    detail: dict[str, Any] = {"name": Path(args.file).name[:120], "ok": status == DONE, "seconds": round(seconds)}
    if status == DONE:
        detail |= {name: told[name] for name in KEPT if name in told}
        upkeep.done(name=Chore.DRILL, detail=detail | {"seconds": round(seconds, 1)})
    else:
        detail["reason"] = said[-400:]
        upkeep.failed(name=Chore.DRILL, reason=said)
    with atomic():
        journal.record(act="system.restore_drill", by=None, detail=detail)
    if status == DONE:
        print(
            f"恢复演练通过 the drill went well：{args.file}，{told['rows']} 行 rows，{told['entries']} 条 entries，"
            f"{seconds:.1f} 秒 s，已清除 thrown away；已记入审计日志 in the journal"
        )
    else:
        complain(f"{said}\n恢复演练未通过，已记入审计日志 / the drill FAILED; it is in the journal")
    if args.json:
        print(json.dumps(detail | {"seconds": round(seconds, 2)}, ensure_ascii=False))
    return DONE if status == DONE else CHECK_FAILED


def _restored(args: Namespace, into: Path) -> tuple[int, str, dict[str, Any]]:
    """A restore in a process of its own: it has the settings of what it restores, not ours."""
    command = [sys.executable, "-m", "fenghuo", "restore", args.file, "--into", str(into), "--json"]
    given = {"passphrase-file": args.passphrase_file, "secrets": args.secrets, "database-url": args.database_url}
    for option, value in ((f"--{name}", value) for name, value in given.items()):
        command += [option, value] if value else []
    command += ["--without-secrets"] if args.without_secrets else []
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}
    done = subprocess.run(command, stdin=None, capture_output=True, text=True, env=clean, timeout=PATIENCE, check=False)
    told = json.loads(done.stdout.splitlines()[-1]) if done.returncode == DONE else {}
    return done.returncode, done.stderr.strip(), told
