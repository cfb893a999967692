"""A QR code as an SVG inside the page: nothing is fetched, nothing is kept, and the strict CSP allows it."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext


def picture(text: str) -> SafeString:
    """`text` as a QR code, black on white, with a name for screen readers."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=False
    )
    return format_html(
        '<span role="img" aria-label="{}">{}</span>',
        gettext("QR code of the key below"),
        mark_safe(drawn),
    )


def grouped(secret: str) -> str:
    """A key in groups of four, for typing."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
