"""`fenghuo contacts import | count`."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from fenghuo.ground.refusal import CHINESE, ENGLISH
from fenghuo.ops import installation
from fenghuo.ops.config import ConfigError
from fenghuo.ops.organisations import chosen
from fenghuo.ops.outcome import DONE, REFUSED, complain
from fenghuo.readiness.contacts import actions, queries, rules
from fenghuo.readiness.contacts.actions import RowError
from fenghuo.readiness.contacts.models import Contact, ContactNumber, Group


def run(args: Namespace) -> int:
    """Load a file, or count what is there."""
    installation.check()
    return _import(args) if args.verb == "import" else _count(args)


def _import(args: Namespace) -> int:
    path = Path(args.file)
    try:
        with path.open("rb") as file:
            data = file.read(rules.LIMITS["megabytes"] * 1024 * 1024 + 1)
    except OSError as error:
        raise ConfigError(f"{args.file}：无法读取 / cannot be read: {error.strerror}") from None
    parent, report = actions.import_file(
        organisation=chosen(args.organisation),
        name=path.name,
        data=data,
        sheet=args.sheet,
        apply=not args.dry_run,
        by=None,
    )
    wrong = [_explained(one) for one in report.errors]
    for one in wrong:
        complain(
            f"第 {one['line']} 行 line {one['line']}：{one['field'] or 'CSV'}：{one['reason_zh']} / {one['reason_en']}"
        )
    counts = queries.counts(parent)
    if args.dry_run:
        print(
            f"共 {report.rows} 行 rows，将新增 would add {counts.new}，"
            f"将更新 would update {counts.changed}，有误 wrong {report.refused}"
        )
    else:
        print(
            f"共 {report.rows} 行 rows，新增 added {report.added}，更新 updated {report.updated}，有误 wrong {report.refused}"
        )
    if args.json:
        summary = {"rows": report.rows, "added": report.added, "updated": report.updated, "errors": wrong}
        summary |= {
            "import": parent.id,
            "state": parent.state,
            "preview": {kind: getattr(counts, kind) for kind in queries.KINDS},
        }
        print(json.dumps(summary, ensure_ascii=False))
    return REFUSED if report.refused else DONE


def _explained(error: RowError) -> dict[str, Any]:
    reason = error.reason
    both = {"reason_zh": reason.in_language(CHINESE), "reason_en": reason.in_language(ENGLISH)}
    return {"line": error.line, "field": error.field, **both}


def _count(args: Namespace) -> int:
    organisation = chosen(args.organisation)
    counts = {
        "people": Contact.objects.filter(organisation=organisation).count(),
        "numbers": ContactNumber.objects.filter(organisation=organisation).count(),
        "groups": Group.objects.filter(organisation=organisation).count(),
    }
    print(
        f"{organisation.name}：{counts['people']} 人 people，{counts['numbers']} 个号码 numbers，{counts['groups']} 个群组 groups"
    )
    if args.json:
        print(json.dumps({"organisation": organisation.name, **counts}, ensure_ascii=False))
    return DONE
