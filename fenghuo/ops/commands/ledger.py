"""`fenghuo ledger export`: what was sent to whom, as a table that needs no program to read."""

import csv
import sys
from argparse import Namespace
from pathlib import Path
from typing import TextIO

from django.db.transaction import atomic
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from fenghuo.delivery.ledger import queries
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused
from fenghuo.ops import folder, installation
from fenghuo.ops.config import ConfigError
from fenghuo.ops.outcome import DONE
from fenghuo.readiness.contacts import queries as contacts

HEADER = (
    "姓名 name",
    "辖区 area",
    "职务 position",
    "号码 number",
    "状态 state",
    "时间 time",
    "网关原话 status",
    "存疑次数 doubts",
)
STATES = {
    "unsent": "未发送",
    "intended": "正在发送",
    "accepted": "网关已接收",
    "delivered": "已送达",
    "failed": "失败",
    "in_doubt": "存疑",
    "stopped": "已撤回未发",
    "expired": "过期未发",
}
CHUNK = 1000
# A spreadsheet would run what begins so (fault X11).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def run(args: Namespace) -> int:
    """Write the CSV; who exported is in the journal."""
    installation.check()
    if not queries.progress([args.broadcast]):
        raise Refused("broadcast_unknown", _("there is no such broadcast"), field="broadcast", kind="missing")
    with atomic():
        journal.record(act="ledger.export", by=None, subject=args.broadcast, detail={"to": args.output or "stdout"})
    if not args.output:
        _write(args.broadcast, sys.stdout)
        return DONE
    path = Path(args.output)
    try:
        folder.write_private(path, "")
        # With the mark by which spreadsheets recognise UTF-8.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            _write(args.broadcast, file)
    except OSError as error:
        raise ConfigError(f"{path}：{error.strerror}") from None
    return DONE


def _write(broadcast: str, file: TextIO) -> None:
    out = csv.writer(file)
    out.writerow(HEADER)
    rows: list[queries.Row] = []
    for row in queries.export(broadcast):
        rows.append(row)
        if len(rows) == CHUNK:
            out.writerows(_named(rows))
            rows = []
    out.writerows(_named(rows))


def _named(rows: list[queries.Row]) -> list[list[str]]:
    names = contacts.names([row.contact_id for row in rows])
    lines = []
    for row in rows:
        known = names.get(row.contact_id)
        who = [known.name, known.area, known.position] if known else ["", "", ""]
        at = timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S") if row.at else ""
        state = f"{STATES[row.state]} {row.state}"
        lines.append([_inert(one) for one in (*who, str(row.address), state, at, row.status, str(row.doubts))])
    return lines


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
