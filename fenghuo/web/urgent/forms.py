"""The few fields of an urgent release: blanks and areas, then people and factor; afterwards a note or a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.templates.models import TemplateVersion
from fenghuo.warning.templates.values import LONGEST_VALUE, blanks
from fenghuo.web.accounts.forms import Factor
from fenghuo.web.areas import area_choices
from fenghuo.web.fields import HowMany


class PrepareForm(forms.Form):
    """One field per blank of the template, and where."""

    areas = forms.MultipleChoiceField(
        label=_("Areas: everyone in them is told"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one area.")},
    )

    def __init__(self, *args: Any, organisation: Organisation, version: TemplateVersion, **options: Any) -> None:
        super().__init__(*args, **options)
        self.names = {
            f"blanks_{number}": one.name
            for number, one in enumerate(blanks(*(getattr(version, name) for name in TemplateVersion.WORDS)))
        }
        own = {
            field: forms.CharField(label=name, max_length=LONGEST_VALUE, required=False)
            for field, name in self.names.items()
        }
        self.fields = {**own, "areas": self.fields["areas"]}
        self.fields["areas"].choices = area_choices(organisation)  # type: ignore[attr-defined]

    def blank_fields(self) -> list[forms.BoundField]:
        """The blanks, in the order in which the text needs them."""
        return [self[name] for name in self.names]

    def told(self) -> dict[str, str]:
        """What was typed, by the blank's own name."""
        return {name: self.cleaned_data.get(field, "") for field, name in self.names.items()}

    def field_of(self, name: str) -> str:
        """The field of a blank that a refusal names."""
        return next((field for field, blank in self.names.items() if blank == name), name)


class ReleaseForm(Factor):
    """The number of people, typed by hand, and the second factor."""

    digest = forms.CharField(widget=forms.HiddenInput)
    people = HowMany()
    field_order = ("people", "code")


class ConfirmForm(forms.Form):
    """Whom the second person spoke with."""

    digest = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("Whom you spoke with, and when"), max_length=500, required=False)


class ReviewForm(forms.Form):
    """The written reason that closes an urgent release."""

    digest = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Was it right? Write why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("A reason is required.")},
    )
