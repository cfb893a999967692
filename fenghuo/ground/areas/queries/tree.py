"""The tree of areas. A code's prefix is its parent's code, so a subtree is a range of codes and needs no recursion."""

from collections.abc import Iterable
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas.models import Area
from fenghuo.ground.areas.rules import LENGTHS
from fenghuo.ground.refusal import Refused

DEMO_CSV = Path(__file__).parent.parent / "areas.csv"
# Levels that exist in the statistics only.
FILLERS = ("市辖区", "县")


def code_range(code: str) -> tuple[str, str]:
    """First code of the subtree, and a bound just above its last: letters sort above digits in every collation."""
    return code, f"{code}A"


def subtree(code: str) -> QuerySet[Area]:
    """The area and everything below it, in order of code."""
    first, bound = code_range(code)
    return Area.objects.filter(code__gte=first, code__lt=bound)


def children(code: str) -> QuerySet[Area]:
    """The areas directly below."""
    return Area.objects.filter(parent_id=code)


def inside(code: str, root: str) -> bool:
    """Whether `code` is `root` or lies below it; says nothing about whether either exists."""
    return code.startswith(root)


def get(codes: Iterable[str]) -> dict[str, Area]:
    """Areas by code, in the order asked. Raises Refused naming the codes that do not exist."""
    wanted = list(dict.fromkeys(codes))
    found = Area.objects.in_bulk(wanted)
    unknown = [code for code in wanted if code not in found]
    if unknown:
        raise Refused(
            "area_unknown",
            _("There is no area with the code %(codes)s."),
            field="areas",
            params={"codes": ", ".join(unknown)},
        )
    return {code: found[code] for code in wanted}


def paths(codes: Iterable[str]) -> dict[str, str]:
    """Names from the province down, as an address is said: 天津市 蓟州区 下仓镇. Statistical fillers (市辖区) are left out."""
    chains = {code: [code[:length] for length in LENGTHS if length <= len(code)] for code in codes}
    found = Area.objects.in_bulk({one for chain in chains.values() for one in chain})
    names = {code: area.name for code, area in found.items() if area.name not in FILLERS}
    return {code: " ".join(names[one] for one in chain if one in names) for code, chain in chains.items()}


def path(code: str) -> str:
    """As `paths`, for one area."""
    return paths([code])[code]
