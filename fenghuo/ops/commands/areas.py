"""`fenghuo areas boundaries | import | rename | alias | search`."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas import actions, queries
from fenghuo.ground.areas.actions import BoundaryReport
from fenghuo.ground.refusal import Refused
from fenghuo.ops import installation
from fenghuo.ops.outcome import DONE

MOST_NAMED = 10


def run(args: Namespace) -> int:
    """The tree of areas, the names people here use, and boundaries."""
    installation.tables()
    verbs = {"boundaries": _boundaries, "import": _import, "rename": _rename, "alias": _alias, "search": _search}
    return verbs[args.verb](args)


def _import(args: Namespace) -> int:
    report = actions.import_division(folder=Path(args.folder), counties=args.county or [], by=None)
    print(f"共 {report.rows} 条 rows，新增 added {report.added}，更名 renamed {report.renamed}")
    if report.unreadable:
        names = _named(report.unreadable)
        print(
            f"官方名称含私用区字符，宜用 rename 改名 names no machine shows alike, give them one of your own：{names}"
        )
    if args.json:
        print(json.dumps(asdict(report), ensure_ascii=False))
    return DONE


def _rename(args: Namespace) -> int:
    area = actions.rename(code=args.code, name=args.name, by=None)
    print(f"{area.code} {area.name}（官方名称 official: {area.official}）")
    return DONE


def _alias(args: Namespace) -> int:
    names = actions.set_aliases(code=args.code, names=args.names, by=None)
    print(f"{args.code}：{'、'.join(names) or '无别名 no further names'}")
    return DONE


def _search(args: Namespace) -> int:
    found = queries.search(args.text, args.within)
    for one in found:
        print(f"{one.code:12} {one.path}")
    if args.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    return DONE


def _boundaries(args: Namespace) -> int:
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
