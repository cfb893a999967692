"""The documents of a release that machines read: CAP and national XML, signed with this installation's key.

Where the key is not fit, a sign-off stops: nothing is ever published unsigned. A recall, a correction and an urgent release do not
stop, because people come first; their documents wait, unpublished, until the key is mended, and the worker then signs them.
"""

from typing import Any

from django.db import transaction

from fenghuo.ground.journal import actions as journal
from fenghuo.ground.keyring import actions as keyring
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts.models import Release
from fenghuo.warning.alerts.queries.national import agency_of, national_form
from fenghuo.wire import cap


def documents(message: bytes, *, area: str, agency: str, by: str, about: Release | None = None) -> dict[str, Any]:
    """The columns of a release that hold its documents. `message`: the CAP text that people signed; b"" for what is not public.

    `area` is the organisation's division, `agency` its kind in the national sender code, `by` the person named in the national
    XML, `about` the first release of the alert, for a recall or a correction. Refused (unavailable) when the key is not fit.
    """
    if not message:
        return {"cap": b""}
    name = f"{cap.parse(message).identifier}.xml"
    national = national_form(message, area=area, agency=agency, by=by, about=about)
    signed = keyring.sign(message)
    return {
        "cap": signed,
        "cap_signature": keyring.sign_detached(signed, uri=name),
        "national": national,
        "national_signature": keyring.sign_detached(national, uri=name) if national else b"",
    }


def documents_or_wait(
    message: bytes, *, area: str, agency: str, by: str, about: Release | None = None
) -> dict[str, Any]:
    """As `documents`; where the key is not fit the message is kept unsigned and waits, and nobody is served it."""
    try:
        return documents(message, area=area, agency=agency, by=by, about=about)
    except Refused:
        return {"cap": message, "waiting": True}


def publish_waiting() -> None:
    """Sign what waits for the key; while the key is not fit nothing changes."""
    for release in Release.objects.filter(waiting=True).select_related("organisation"):
        about = Release.objects.filter(alert=release.alert_id, kind="release").exclude(pk=release.pk).first()
        area, agency, by = release.organisation.area_id, agency_of(release.snapshot), str(release.snapshot["by"])
        try:
            columns = documents(bytes(release.cap), area=area, agency=agency, by=by, about=about)
        except Refused:
            return
        with transaction.atomic():
            if Release.objects.filter(pk=release.pk, waiting=True).update(**columns, waiting=False):
                journal.record(
                    act="alert.publish", by=None, organisation=release.organisation_id, subject=release.alert_id,
                    detail={"release": release.id},
                )  # fmt: skip
