"""Finding an area by the beginning of its name, by pinyin initials, or by its code; every question is a range of an index."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from fenghuo.ground.areas.models import Area, AreaKey
from fenghuo.ground.areas.queries.tree import code_range, paths
from fenghuo.ground.areas.rules import candidates

MOST = 50
LONGEST = 60
# Inside a name is looked for only where the subtree is small enough to be read: a county, or a city of many.
READABLE = 20_000
_TOP = "\U0010ffff"


@dataclass(frozen=True)
class Found:
    """An area that answers a question, with its way from the province down."""

    code: str
    name: str
    level: str
    path: str


def search(text: str, within: str = "", limit: int = 20) -> list[Found]:
    """Areas below `within` (a code; "" for the whole country), the best first: exact, names, initials; then higher up."""
    text = text.strip()[:LONGEST]
    limit = max(1, min(limit, MOST))
    if not text or not text.isprintable() or not (within == "" or candidates(within)):
        return []
    scope = Area.objects.filter(_below("code", within))
    if text.isascii() and text.isdigit():
        ranked = [_by_code(scope, text, limit)]
    else:
        ranked = _by_name(scope, text, within, limit)
    best: dict[str, tuple[int, Area]] = {}
    for rank, rows in enumerate(ranked):
        for one in rows:
            best.setdefault(one.code, (0 if one.name == text else rank + 1, one))
    ordered = sorted(best.values(), key=lambda found: (found[0], len(found[1].code), found[1].code))[:limit]
    ways = paths([one.code for _rank, one in ordered])
    return [Found(one.code, one.name, one.level, ways[one.code]) for _rank, one in ordered]


def _by_code(scope: QuerySet[Area], text: str, limit: int) -> list[Area]:
    """What a code padded with zeros means, and the codes that begin so."""
    meant = candidates(text)
    return [
        *(scope.filter(code__in=meant) if meant else ()),
        *scope.filter(_below("code", text)).order_by("code")[:limit],
    ]


def _by_name(scope: QuerySet[Area], text: str, within: str, limit: int) -> list[list[Area]]:
    """The best first: names and further names, usual initials, other readings; at last what a name holds inside."""
    small = text.lower()
    keys = AreaKey.objects.filter(_below("area_id", within), _begins("key", small if small.isascii() else text))
    kinds = dict(keys.order_by("key").values_list("area_id", "kind")[:limit])
    by_key = list(scope.filter(code__in=kinds)) if kinds else []
    ranked = [
        [*scope.filter(_begins("name", text)).order_by("name")[:limit], *_of(by_key, kinds, "alias")],
        list(scope.filter(_begins("initials", small)).order_by("initials")[:limit]) if small.isascii() else [],
        _of(by_key, kinds, "reading"),
    ]
    if within and not small.isascii() and sum(map(len, ranked)) < limit:
        ranked.append(_inside_names(scope, text, limit))
    return ranked


def _of(found: list[Area], kinds: dict[str, str], kind: str) -> list[Area]:
    return [one for one in found if kinds[one.code] == kind]


def _inside_names(scope: QuerySet[Area], text: str, limit: int) -> list[Area]:
    rows = scope.order_by("code").values_list("code", "name")[:READABLE]
    codes = [code for code, name in rows if text in name][:limit]
    return list(Area.objects.filter(code__in=codes))


def _begins(field: str, text: str) -> Q:
    """The values that begin with a text: on PostgreSQL the pattern index, on SQLite (whose LIKE has none) a range."""
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": text})
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + _TOP})


def _below(field: str, within: str) -> Q:
    """Codes of a subtree; the whole country for an empty one."""
    if not within:
        return Q()
    first, bound = code_range(within)
    return Q(**{f"{field}__gte": first, f"{field}__lt": bound})
