"""The field for outlines drawn on a map: one on each line, as CAP writes them, or GeoJSON pasted from a map program."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fenghuo.ground.areas import rules
from fenghuo.ground.refusal import Refused

# What a Chinese keyboard writes for the signs of a coordinate.
PLAIN = str.maketrans("，、；．－０１２３４５６７８９", ",,;.-0123456789")


class OutlinesField(forms.CharField):
    """A list of outlines. What cannot be read is refused where it stands; whether it can be drawn is the domain's to say."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """The outlines as CAP text."""
        text = str(super().to_python(value) or "").strip()
        if text.startswith("{"):
            try:
                return rules.rings_of(text)
            except Refused as refused:
                raise ValidationError(str(refused)) from refused
        lines = text.translate(PLAIN).replace(";", "\n").split("\n")
        return [" ".join(line.split()) for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """One on each line."""
        return "\n".join(value) if isinstance(value, list | tuple) else value
