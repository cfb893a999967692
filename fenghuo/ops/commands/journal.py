"""`fenghuo journal verify | export`."""

import json
from argparse import Namespace
from dataclasses import replace

from fenghuo.ground.journal import queries
from fenghuo.ops import installation
from fenghuo.ops.cli import CHECK_FAILED, DONE

REASONS = {
    "gap": "有缺失 an entry is missing",
    "edited": "内容被改动 an entry was changed",
    "relinked": "链条断开 the chain is broken",
    "unreadable": "无法读取 an entry cannot be read",
    "head_missing": "链尾被截去 the tail was cut off",
    "head_differs": "与记下的链头不符 differs from the head that was noted",
    "head_unreadable": "链头写法有误 the head given is not SEQ:HASH",
}


def run(args: Namespace) -> int:
    """Prove the chain, or print it."""
    # Not more than the tables: an auditor must be told that the first entry, which says the mode, was taken away.
    installation.tables()
    if args.verb == "export":
        for line in queries.export():
            print(line)
        return DONE
    verdict = queries.verify(head=args.head)
    if verdict.ok and installation.installed_mode() is None:
        verdict = replace(verdict, ok=False, first_broken_seq=1, reason="gap")
    if verdict.ok:
        print(f"审计日志完好 the journal is whole：{verdict.count} 条 entries\n链头 head: {verdict.head}")
    else:
        where = (
            f"第 {verdict.first_broken_seq} 条 at entry {verdict.first_broken_seq}" if verdict.first_broken_seq else ""
        )
        print(f"审计日志不完好 the journal is NOT whole：{REASONS.get(verdict.reason, verdict.reason)} {where}")
    if args.json:
        print(json.dumps(verdict.as_dict(), ensure_ascii=False))
    return DONE if verdict.ok else CHECK_FAILED
