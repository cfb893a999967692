"""Reading profiles: from the data folder first (the operator's own), then from those that ship."""

import tomllib
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from pydantic import ValidationError

import fenghuo
from fenghuo.ground import clock
from fenghuo.ground.profile.models import Profile
from fenghuo.ground.refusal import Refused, RefusedMany, refusals

SHIPPED = Path(fenghuo.__file__).parent / "profiles"


def profile(name: str, on: datetime | None = None) -> Profile:
    """The version of a profile in force at a moment (default: now). Raises Refused when none is, RefusedMany for a wrong file."""
    day = timezone.localtime(on or clock.now()).date()
    versions = [one for one in _versions(name) if one.effective_from <= day]
    if not versions:
        raise Refused("profile_unknown", _("There is no profile “%(name)s” in force on %(day)s."), kind="missing",
                      params={"name": name, "day": day.isoformat()})  # fmt: skip
    return versions[-1]


def names() -> list[str]:
    """Every profile that can be chosen."""
    return sorted({path.name.split(".")[0] for folder in _folders() for path in folder.glob("*.toml")})


def titles() -> dict[str, str]:
    """What each profile that can be chosen calls itself; one that cannot be read, or is not in force yet, goes by its name."""
    found = {}
    for name in names():
        try:
            found[name] = profile(name).title
        except (Refused, RefusedMany):
            found[name] = name
    return found


def load(path: Path) -> Profile:
    """One file, validated. Raises RefusedMany whose refusals each name the file, the key and the reason."""
    return _load(path, path.stat().st_mtime_ns)


def _folders() -> list[Path]:
    return [settings.DATA / "profiles", SHIPPED]


def _versions(name: str) -> list[Profile]:
    """All versions, oldest first; `name.toml` and `name.<anything>.toml` of the first folder that has any."""
    for folder in _folders():
        paths = [path for path in sorted(folder.glob("*.toml")) if path.name.split(".")[0] == name]
        if paths:
            found = sorted((load(path) for path in paths), key=lambda one: (one.effective_from, one.version))
            _distinct(name, found)
            return found
    return []


def _distinct(name: str, versions: list[Profile]) -> None:
    for one, other in pairwise(versions):
        if one.effective_from == other.effective_from or one.version >= other.version:
            raise Refused(
                "profile_versions",
                _("Profile “%(name)s”: of versions %(one)s and %(other)s the later one must also begin later."),
                params={"name": name, "one": one.version, "other": other.version},
            )


@lru_cache(maxsize=64)
def _load(path: Path, changed: int) -> Profile:
    try:
        found = Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusedMany([_wrong(path, "", str(error))]) from error
    except ValidationError as error:
        raise RefusedMany([_wrong(path, one.field or "", one) for one in refusals(error)]) from error
    if found.name != path.name.split(".")[0]:
        raise RefusedMany([_wrong(path, "name", Refused("name", _("it must be the name of the file")))])
    return found


def _wrong(path: Path, key: str, why: str | Refused) -> Refused:
    """`why` stays a Refused inside the params so that each language says it in its own words."""
    return Refused(
        "profile_invalid",
        _("%(file)s: %(key)s: %(why)s"),
        field=key,
        params={"file": path.name, "key": key, "why": why},
    )
