"""Finding an area while typing: JSON for the form's own island, a page for whoever has no JavaScript."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from fenghuo.ground.areas import queries
from fenghuo.web.shell.people import organisation_of

LIMIT = 20


def find(request: HttpRequest) -> HttpResponse:
    """`?text=` in the organisation's own area; `?everywhere=1` in the whole tree."""
    text = request.GET.get("text", "")
    everywhere = request.GET.get("everywhere") == "1"
    found = queries.search(text, "" if everywhere else organisation_of(request).area_id, LIMIT)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"areas": [asdict(one) for one in found]})
    context = {"text": text.replace("\x00", ""), "everywhere": everywhere, "found": found, "limit": LIMIT}
    return render(request, "areafinder/find.html", context)
