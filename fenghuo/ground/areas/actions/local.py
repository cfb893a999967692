"""What people here call their places: another name than the official one, or further names to find a place by."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas import queries
from fenghuo.ground.areas.actions.keep import find_again, usual
from fenghuo.ground.areas.actions.tree import SYSTEM
from fenghuo.ground.areas.models import Area, AreaKey
from fenghuo.ground.journal import actions as journal
from fenghuo.ground.refusal import Refused

MOST_ALIASES = 20


@transaction.atomic
def rename(*, code: str, name: str, by: dict[str, Any] | None) -> Area:
    """Call an area by a name of one's own; an empty one brings the official name back. Later imports leave it alone."""
    area = queries.get([code])[code]
    official = area.official or area.name
    area.name = _said(name) if name.strip() else official
    area.official = official
    area.initials = usual(area.name)
    area.save(update_fields=["name", "official", "initials"])
    find_again(area)
    journal.record(act="areas.rename", by=by or SYSTEM, subject=code, detail={"name": area.name, "official": official})
    return area


@transaction.atomic
def set_aliases(*, code: str, names: list[str], by: dict[str, Any] | None) -> list[str]:
    """The further names an area is found by, instead of those it had."""
    area = queries.get([code])[code]
    wanted = list(dict.fromkeys(_said(one) for one in names if one.strip()))
    if len(wanted) > MOST_ALIASES:
        reason = _("At most %(most)s further names.")
        raise Refused("too_many_aliases", reason, field="names", params={"most": MOST_ALIASES})
    AreaKey.objects.filter(area=area, kind="alias").delete()
    keys = dict.fromkeys(key for one in wanted for key in (one, usual(one)) if key)
    AreaKey.objects.bulk_create([AreaKey(area=area, kind="alias", key=one) for one in keys])
    journal.record(act="areas.aliases", by=by or SYSTEM, subject=code, detail={"names": wanted})
    return wanted


def _said(name: str) -> str:
    name = name.strip()
    if len(name) > 100 or not name.isprintable():
        raise Refused("area_name", _("A name has at most 100 printable characters."), field="name")
    return name
