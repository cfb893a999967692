"""Forms of people and groups; what a number or a name must look like is the domain's to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.readiness.contacts import rules
from fenghuo.readiness.contacts.models import Group
from fenghuo.web.areas import area_choices, chosen_in
from fenghuo.web.contacts import words


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
        self.fields["area"].choices = area_choices(organisation, chosen_in(self, "area"))  # type: ignore[attr-defined]

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
        self.fields["area"].choices = [("", "—"), *area_choices(organisation, chosen_in(self, "area"))]  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A list of people as a file."""

    file = forms.FileField(
        label=_("File with people (.xlsx or .csv)"), required=True, allow_empty_file=True, max_length=1000
    )


class ColumnsForm(forms.Form):
    """Which column of the file is which; one choice for each heading of its sheets."""

    def __init__(self, *args: Any, sheets: list[dict[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("not used")), *((name, words.FIELDS[name]) for name in rules.COLUMNS)]
        self.headings: dict[str, str] = {}
        for sheet in sheets:
            at = {column: field for field, column in sheet["columns"].items()}
            for column, heading in enumerate(sheet["headings"]):
                if not heading or heading in self.headings.values():
                    continue
                name = f"column_{len(self.headings)}"
                samples = [row[column] for row in sheet["samples"] if column < len(row) and row[column]]
                self.headings[name] = heading
                self.fields[name] = forms.ChoiceField(
                    label=heading,
                    choices=choices,
                    required=False,
                    initial=at.get(column, ""),
                    help_text=" · ".join(samples),
                )

    def mapping(self) -> dict[str, str]:
        """Field by heading, as `map_columns` takes it."""
        return {heading: self.cleaned_data[name] for name, heading in self.headings.items()}


class ExportForm(forms.Form):
    """Which people leave the system, as what, and what for."""

    purpose = forms.CharField(label=_("What it is for"), required=False, max_length=200)
    text = forms.CharField(label=_("Name, position or number"), required=False, max_length=100)
    area = forms.ChoiceField(label=_("Area"), choices=[], required=False)
    group = forms.ChoiceField(label=_("Group"), choices=[], required=False)
    format = forms.ChoiceField(label=_("As"), choices=[("xlsx", "XLSX"), ("csv", "CSV")])

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        groups = [(one.id, one.name) for one in Group.objects.filter(organisation=organisation).order_by("name")]
        self.fields["area"].choices = [("", _("all")), *area_choices(organisation)]  # type: ignore[attr-defined]
        self.fields["group"].choices = [("", _("all")), *groups]  # type: ignore[attr-defined]


class OwnerForm(forms.Form):
    """Who answers for a group: a post or a person."""

    owner = forms.ChoiceField(label=_("Owner"), choices=[], required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], posts: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("nobody")), (_("Posts"), posts), (_("People"), people)]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why somebody needs a full number."""

    reason = forms.CharField(label=_("What for: the alert, or the reason"), required=False, max_length=200)
