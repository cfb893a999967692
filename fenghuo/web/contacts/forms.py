"""Forms of people and groups; what a number or a name must look like is the domain's to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.web.areas import area_choices


class ContactForm(forms.Form):
    """One person."""

    name = forms.CharField(label=_("Name"), required=False, max_length=60)
    area = forms.ChoiceField(label=_("Area"), choices=[], required=False)
    position = forms.CharField(label=_("Position"), required=False, max_length=60)
    phone = forms.CharField(
        label=_("Mobile numbers"), required=False, max_length=200, help_text=_("Several with a semicolon between them.")
    )
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=200, help_text=_("Several with a space between them.")
    )
    risk = forms.IntegerField(
        label=_("Risk"), required=False, min_value=0, max_value=9, initial=0, help_text=_("0 is told last, 9 first.")
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = area_choices(organisation)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """In the shape of the actions `add_contact` and `edit_contact`."""
        typed = self.cleaned_data
        numbers = typed["phone"].replace("；", ";").replace("、", ";").replace("/", ";").split(";")
        return {
            "name": typed["name"],
            "area": typed["area"],
            "position": typed["position"],
            "numbers": [one.strip() for one in numbers if one.strip()],
            "tags": tuple(typed["tags"].replace("，", " ").replace(",", " ").split()),
            "risk": typed["risk"] or 0,
        }


class NameForm(forms.Form):
    """The name of a group."""

    name = forms.CharField(label=_("Name of the group"), required=False, max_length=60)


class RuleForm(forms.Form):
    """Who belongs to a group by rule: everyone who meets all that is filled in."""

    area = forms.ChoiceField(label=_("In the area"), choices=[], required=False)
    position = forms.CharField(label=_("With the position"), required=False, max_length=60)
    tag = forms.CharField(label=_("With the tag"), required=False, max_length=60)

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", "—"), *area_choices(organisation)]  # type: ignore[attr-defined]
