"""The forms of this room. What is refused is decided by the actions; a form only asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fenghuo.ground.profile import queries as profiles


class Change(forms.Form):
    """Name, signature and rules of an organisation."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=200, required=False)
    signature = forms.CharField(label=_("Signature"), max_length=60, required=False)
    profile = forms.ChoiceField(label=_("Profile"), choices=())
    why = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profile"].choices = list(profiles.titles().items())  # type: ignore[attr-defined]


class New(Change):
    """A new organisation, for an area below one's own."""

    area_code = forms.CharField(
        label=_("Area"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "areas", "inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ("area_code", "name", "signature", "profile", "why")

    def clean_area_code(self) -> str:
        """The code alone, whatever of the list's line stands behind it."""
        return str(self.cleaned_data["area_code"]).strip().split(" ")[0]


class Why(forms.Form):
    """Why."""

    why = forms.CharField(label=_("Reason"), max_length=200, required=False)
