"""Fields that the forms of several rooms share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class HowMany(forms.IntegerField):
    """How many people will be told, typed by hand: whoever lets a message out has read the number."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Number of people who will be told"),
            min_value=1,
            error_messages={
                "required": _("Type the number of people."),
                "invalid": _("Type the number of people in digits."),
            },
            **options,
        )
