"""Which areas have a boundary and which have not, importing a file of them, and what a map shows."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.areas import actions, queries
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, organisation_of

MOST_ON_MAP = 500
MOST_LISTED = 500


class BoundariesForm(forms.Form):
    """A file of boundaries."""

    file = forms.FileField(label=_("GeoJSON file"), error_messages={"required": _("Choose a file.")})
    property = forms.CharField(
        label=_("Property with the code"),
        required=False,
        max_length=40,
        help_text=_("Left empty, the usual names are tried: code, adcode, 区划代码."),
    )


def boundaries(request: HttpRequest) -> HttpResponse:
    """The organisation's areas with and without a boundary; POST imports a file for them."""
    organisation, account = organisation_of(request), account_of(request)
    rights.require(account=account, act="alerts_read")
    why_not = rights.may(account=account, act="contacts_edit")
    form = BoundariesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        rights.require(account=account, act="contacts_edit")
        try:
            return _import(request, form)
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
    missing = queries.without_boundary(organisation.area_id)
    context = {
        "form": form,
        "known": queries.outlines(organisation.area_id),
        "missing": missing[:MOST_LISTED],
        "missing_total": len(missing),
        "why_not": why_not,
        "tiles": settings.FENGHUO.map_tiles,
    }
    return render(request, "boundaries/page.html", context, status=422 if form.errors else 200)


def _import(request: HttpRequest, form: BoundariesForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    report = actions.import_boundaries(
        content=file.read(actions.MOST_BYTES + 1),
        name=file.name,
        by=account_of(request).actor(),
        property=form.cleaned_data["property"].strip(),
        within=organisation_of(request).area_id,
    )
    stored = ngettext("%(n)s boundary was kept.", "%(n)s boundaries were kept.", report.stored) % {"n": report.stored}
    messages.success(request, stored)
    if report.repaired:
        said = gettext("These crossed themselves and were repaired; look at them on the map: %(codes)s")
        messages.warning(request, said % {"codes": ", ".join(report.repaired[:20])})
    if report.unknown:
        said = gettext("%(n)s codes in the file belong to no area here and were left out, the first: %(codes)s")
        messages.warning(request, said % {"n": len(report.unknown), "codes": ", ".join(report.unknown[:10])})
    return redirect("boundaries")


def outlines(request: HttpRequest) -> HttpResponse:
    """For the map: the organisation's boundaries, made coarse, and the tile layer of this installation ("" for none)."""
    organisation = organisation_of(request)
    rights.require(account=account_of(request), act="alerts_read")
    found = queries.outlines(organisation.area_id)
    if len(found) > MOST_ON_MAP:
        below = len(organisation.area_id)
        found = [one for one in found if len(one.code) <= next(long for long in queries.LENGTHS if long > below)]
    areas = [{"code": one.code, "name": one.name, "shape": one.shape} for one in found]
    return JsonResponse({"areas": areas, "tiles": settings.FENGHUO.map_tiles})
