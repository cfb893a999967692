"""Choosing the duty group."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.readiness.contacts.queries import GroupCount


class DutyGroupForm(forms.Form):
    """One of the contact groups."""

    group = forms.ChoiceField(label=_("Duty group"))

    def __init__(self, *data: Any, groups: list[GroupCount], **options: Any) -> None:
        super().__init__(*data, **options)
        counted = [(one.id, f"{one.name}（{one.numbers}）") for one in groups]
        self.fields["group"] = forms.ChoiceField(label=_("Duty group"), choices=[("", "—"), *counted])
