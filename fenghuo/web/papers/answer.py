"""A PDF as an answer."""

from django.http import HttpResponse


def pdf(sheet: bytes, name: str) -> HttpResponse:
    """Shown by the browser, saved under `name` (plain ASCII, without its ending)."""
    response = HttpResponse(sheet, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
