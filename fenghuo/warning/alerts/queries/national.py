"""The national form of a release: the same message for platforms that read national warning XML."""

from dataclasses import replace
from typing import Any

from fenghuo.warning.alerts.models import Release
from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap import levels, signing

METHODS = (national_xml.Method("SMS"), national_xml.Method("WEB"))


NO_AGENCY = "000"


def sender_code(area: str, agency: str) -> str:
    """The 14 characters of the national sender code of a division: region, agency, the town as sub-unit, no extension."""
    return f"{area[:6]:0<6}{agency}{area[6:9] or '000'}00"


def agency_of(snapshot: dict[str, Any]) -> str:
    """The agency under which a release left; those of before it was a rule have none."""
    return str(snapshot.get("agency", NO_AGENCY))


def national_form(message: bytes, *, area: str, agency: str, by: str, about: Release | None = None) -> bytes:
    """A CAP message as national XML; b"" for what that cannot say: no event code, no division.

    `agency` stands in the sender code; `by` is the person who signed; `about` the first release of the alert, whose event a
    bare cancel is about.
    """
    told = cap.parse(message)
    if not told.infos and about is not None:
        infos = cap.parse(signing.unsigned(bytes(about.cap))).infos
        told = replace(told, infos=tuple(replace(one, headline=told.note, description=told.note) for one in infos))
    told = replace(told, infos=tuple(replace(one, areas=_coded(one.areas, area)) for one in told.infos))
    try:
        code = sender_code(area, agency)
        return national_xml.build(
            national_xml.from_cap(told, sender_code=code, signer=by, methods=METHODS, whole=False)
        )
    except cap.CapError:
        return b""


def _coded(areas: tuple[cap.Area, ...], home: str) -> tuple[cap.Area, ...]:
    """Every area with a division code, which the national XML requires: a drawn one lies in those named beside it, or at home."""
    named = tuple(dict.fromkeys(code for one in areas for code in levels.geocodes_of(one))) or (home,)
    codes = tuple(levels.geocode(code) for code in named)
    return tuple(one if levels.geocodes_of(one) else replace(one, geocodes=(*one.geocodes, *codes)) for one in areas)


def national_of(release: Release) -> bytes:
    """The national form of a release, made again from its CAP message."""
    first = release if release.kind == "release" else Release.objects.get(alert=release.alert_id, kind="release")
    if not release.cap:
        return b""
    area, agency, by = release.organisation.area_id, agency_of(release.snapshot), str(release.snapshot["by"])
    return national_form(signing.unsigned(bytes(release.cap)), area=area, agency=agency, by=by, about=first)
