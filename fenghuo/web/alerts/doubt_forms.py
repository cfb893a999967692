"""Deciding on everybody in doubt at once: the number is typed by hand, and the decision is what was pressed."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AllForm(forms.Form):
    """How many people are decided on: whoever decides on all has read the number."""

    prefix = "all"
    people = forms.IntegerField(
        label=_("Number of people in doubt"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("Type the number of people."),
            "invalid": _("Type the number of people in digits."),
        },
    )
