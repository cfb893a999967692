"""`fenghuo journal verify | export`."""

import json
from argparse import Namespace
from dataclasses import replace

from fenghuo.ground.journal import queries
from fenghuo.ops import installation
from fenghuo.ops.config import UsageError
from fenghuo.ops.outcome import CHECK_FAILED, DONE
from fenghuo.ops.verdicts import VERDICTS

EXAMPLE = "78:3e381d616782c0a717a358c27415a25e2baa0bd1d74a49aeb297f191f2f2f7e2"


def run(args: Namespace) -> int:
    """Prove the chain, or print it."""
    # Not more than the tables: an auditor must be told that the first entry, which says the mode, was taken away.
    installation.tables()
    if args.verb == "export":
        for line in queries.export():
            print(line)
        return DONE
    if args.verb == "heads":
        return _heads(args)
    verdict, guards = _proved(args.head), queries.guards()
    if verdict.ok and installation.installed_mode() is None:
        verdict = replace(verdict, ok=False, first_broken_seq=1, reason="gap")
    if verdict.ok and guards:
        verdict = replace(verdict, ok=False, reason="triggers")
    if verdict.ok:
        print(f"审计日志完好 the journal is whole：{verdict.count} 条 entries\n链头 head: {verdict.head}")
    else:
        where = (
            f"第 {verdict.first_broken_seq} 条 at entry {verdict.first_broken_seq}" if verdict.first_broken_seq else ""
        )
        print(
            f"审计日志不完好 the journal is NOT whole：{' '.join(VERDICTS.get(verdict.reason, [verdict.reason]))} {where}"
        )
    if guards:
        print(f"触发器 triggers: {' '.join(guards)}")
    signed = max(queries.newest_signed(), key=lambda one: one.seq, default=None)
    if signed is not None:
        print(f"已签名的链头 signed head: {signed}（{signed.at.isoformat(timespec='seconds')}）")
    if args.json:
        told = {"guards": guards, "signed_head": None if signed is None else str(signed)}
        print(json.dumps(verdict.as_dict() | told, ensure_ascii=False))
    return DONE if verdict.ok else CHECK_FAILED


def _proved(head: str | None) -> queries.Verdict:
    """Raises UsageError for a head that is none: a slip of the pen is no broken journal."""
    verdict = queries.verify(head=head)
    if verdict.reason == "head_unreadable":
        raise UsageError(
            "--head：这不是链头，未作核验。链头由序号、冒号和 64 位十六进制数组成，如 journal verify 所示 / is not a head, and "
            f"nothing was checked. A head is a number, a colon and 64 hexadecimal digits, such as {EXAMPLE}"
        )
    return verdict


def _heads(args: Namespace) -> int:
    """Every signed head, oldest first, for whoever keeps them elsewhere; failed (4) where a signature is not ours."""
    found = queries.signed_heads()
    for one in found:
        word = {True: "有效 good", False: "无效 WRONG", None: "无证书 no certificate here"}[one.proven]
        print(f"{one.at.isoformat(timespec='seconds')} {one} {one.key[:16]} {word}")
    if args.json:
        rows = [
            {"seq": one.seq, "hash": one.hash, "at": one.at.isoformat(), "key": one.key, "proven": one.proven}
            for one in found
        ]
        print(json.dumps({"heads": rows}, ensure_ascii=False))
    return CHECK_FAILED if any(one.proven is False for one in found) else DONE
