"""`fenghuo areas boundaries FILE`."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas import actions
from fenghuo.ground.areas.actions import BoundaryReport
from fenghuo.ground.refusal import Refused
from fenghuo.ops import installation
from fenghuo.ops.cli import DONE

MOST_NAMED = 10


def run(args: Namespace) -> int:
    """Import the boundaries of areas, or forget them."""
    installation.tables()
    if args.remove:
        gone = actions.remove_boundaries(code=args.remove, by=None)
        print(f"已删除边界 boundaries removed：{gone}")
        return DONE
    if not args.file:
        raise Refused("file_missing", _("Name the GeoJSON file, or --remove CODE."))
    path = Path(args.file)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = _("%(file)s cannot be read: %(error)s")
        raise Refused("file", reason, params={"file": str(path), "error": error.strerror or ""}) from error
    report = actions.import_boundaries(content=content, name=path.name, by=None, property=args.property or "")
    _tell(report)
    if args.json:
        print(json.dumps(asdict(report), ensure_ascii=False))
    return DONE


def _tell(report: BoundaryReport) -> None:
    print(f"已存边界 boundaries stored：{report.stored}")
    if report.repaired:
        print(f"自相交已修复 crossed themselves, repaired：{_named(report.repaired)}")
    if report.unknown:
        print(f"辖区表中没有、未存 codes without an area, left out：{_named(report.unknown)}")


def _named(codes: list[str]) -> str:
    more = f" … {len(codes)}" if len(codes) > MOST_NAMED else ""
    return "、".join(codes[:MOST_NAMED]) + more
