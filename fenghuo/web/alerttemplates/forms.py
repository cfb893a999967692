"""The forms of a template: what it is for, its words, and a reason. What is wrong with them is the domain's to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fenghuo.warning.templates.models import Template
from fenghuo.web import words
from fenghuo.web.alerts.choices import event_choices

WORDS = ("headline", "body", "caution", "measures", "correction", "hours", "reason")
PURPOSE = ("name", "kind", "event", "level", "relation", "life_safety", "note")


class WordsForm(forms.Form):
    """The words of a version; blanks are written {时间}."""

    headline = forms.CharField(label=_("Title"), required=False, max_length=120)
    body = forms.CharField(
        label=_("SMS text"), required=False, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    )
    caution = forms.CharField(label=_("What to beware of"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    measures = forms.CharField(label=_("What to do"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    correction = forms.CharField(
        label=_("Correction, prepared now"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    hours = forms.IntegerField(label=_("Holds for (hours)"), min_value=1, max_value=720, initial=12)
    reason = forms.CharField(label=_("Why it is worded so"), required=False, max_length=300)

    def words(self) -> dict[str, Any]:
        """What was typed, in the shape `rules.read_wording` takes."""
        return {name: self.cleaned_data[name] for name in WORDS}


class TemplateForm(WordsForm):
    """A new template: its purpose before its words."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("Class of message"), choices=[])
    event = forms.ChoiceField(label=_("Type of event"), choices=[], required=False)
    level = forms.TypedChoiceField(label=_("Level"), choices=[], required=False, coerce=int, empty_value=None)
    relation = forms.ChoiceField(label=_("Used for"), choices=[], required=False)
    life_safety = forms.BooleanField(
        label=_("Life-safety text: once approved, an urgent release may use it"), required=False
    )
    note = forms.CharField(label=_("Note for whoever chooses it"), required=False, max_length=300)

    field_order = (*PURPOSE, *WORDS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices: dict[str, list[tuple[Any, Any]]] = {
            "kind": [(one, words.kind(one)) for one in Template.KINDS],
            "event": [("", "—"), *event_choices()],
            "level": [("", words.level(None)), *((one, words.level(one)) for one in words.LEVELS)],
            "relation": [(one, words.relation(one) or _("A first message")) for one in Template.RELATIONS],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def purpose(self) -> dict[str, Any]:
        """What was chosen, in the shape `rules.read_purpose` takes."""
        return {name: self.cleaned_data[name] for name in PURPOSE}


class EndForm(forms.Form):
    """Why a version is declined, withdrawn or taken out of use."""

    reason = forms.CharField(label=_("Reason"), max_length=300, error_messages={"required": _("A reason is required.")})
