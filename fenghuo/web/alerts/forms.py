"""The forms of an alert. What is right and wrong is the domain's to say; a form only carries what was typed, losing nothing."""

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts.models import Account, Organisation, Person
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules import WORDS
from fenghuo.web import words
from fenghuo.web.accounts.forms import Factor
from fenghuo.web.alerts import blanks
from fenghuo.web.alerts.choices import event_choices, group_choices
from fenghuo.web.alerts.outlines import OutlinesField
from fenghuo.web.areas import area_choices, chosen_in
from fenghuo.web.fields import HowMany

HOW_RECEIVED = [
    ("", "—"),
    ("phone", _("by telephone")),
    ("fax", _("by fax or letter")),
    ("paste", _("text pasted from a message")),
    ("cap", _("as a CAP message")),
    ("national", _("as national warning XML")),
]
MINUTE = "%Y-%m-%dT%H:%M"
OWN = (
    "kind",
    "category",
    "level",
    "event",
    "headline",
    "body",
    "caution",
    "measures",
    "issuer",
    "decision_document",
    "starts_at",
    "expires_at",
    "areas",
    "correction",
)


class When(forms.DateTimeField):
    """A minute in the installation's zone, as the browser's own picker writes it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE)

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=[MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], required=False, **options)


class ContentForm(forms.Form):
    """Everything an author writes. Nothing is required here: a draft may be saved half written."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    template = forms.CharField(label=_("Template"), required=False, max_length=40, widget=forms.HiddenInput)
    filled = forms.CharField(required=False, widget=forms.HiddenInput)  # the blanks the words were last filled with
    kind = forms.ChoiceField(label=_("Class of message"), choices=[], required=False)
    category = forms.ChoiceField(label=_("Class of emergency"), choices=[], required=False)
    level = forms.TypedChoiceField(
        label=_("Level"), choices=[], required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    event = forms.ChoiceField(label=_("Type of event"), choices=[], required=False)
    headline = forms.CharField(label=_("Title"), required=False, max_length=120)
    body = forms.CharField(
        label=_("SMS text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )
    caution = forms.CharField(label=_("What to beware of"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    measures = forms.CharField(label=_("What to do"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    issuer = forms.CharField(label=_("Issuing body"), required=False, max_length=100)
    decision_document = forms.CharField(label=_("Number of the deciding document"), required=False, max_length=80)
    starts_at = When(label=_("Begins"))
    expires_at = When(label=_("Valid until"))
    areas = forms.MultipleChoiceField(
        label=_("Where the danger is"), required=False, widget=forms.CheckboxSelectMultiple
    )
    audience_groups = forms.MultipleChoiceField(label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple)
    audience_polygons = OutlinesField(
        label=_("Outlines on the map"), required=False, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})
    )
    audience_everyone = forms.BooleanField(label=_("Everyone in the contacts (the whole network)"), required=False)
    audience_areas = forms.MultipleChoiceField(
        label=_("Everyone in these areas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    correction = forms.CharField(
        label=_("Correction, prepared now"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    origin_issuer = forms.CharField(label=_("Original issuer"), required=False, max_length=100)
    origin_issued_at = When(label=_("Issued at"))
    origin_received_at = When(label=_("Received at"))
    origin_how = forms.ChoiceField(label=_("How it came"), choices=HOW_RECEIVED, required=False)
    origin_reference = forms.CharField(label=_("Its number"), required=False, max_length=100)
    # Which arrival it relays, and the digest of its bytes: nobody types these.
    origin_arrival = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    origin_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    origin_text = forms.CharField(
        label=_("Original wording"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        named = self.data.get("template") if self.is_bound else self.initial.get("template")
        self.chosen = blanks.version_of(organisation, named)
        self.fields.update(blanks.fields_of(self.chosen))
        for name, field in self.fields.items():
            if name.startswith(blanks.PREFIX) and field.label in self.initial.get("blanks", {}):
                self.initial[name] = self.initial["blanks"][field.label]
        if self.chosen is not None:
            for name in WORDS:
                self.fields[name].widget.attrs["data-words"] = getattr(self.chosen, name)
        places = area_choices(organisation, chosen_in(self, "areas") + chosen_in(self, "audience_areas"))
        choices: dict[str, list[tuple[Any, Any]]] = {
            "kind": [(one, words.kind(one)) for one in Alert.KINDS],
            "category": [("", "—"), *((one, words.category(one)) for one in Alert.CATEGORIES)],
            "level": [(one, words.level(one)) for one in words.LEVELS],
            "event": [
                ("", "—"),
                *event_choices(str((self.data if self.is_bound else self.initial).get("event") or "")),
            ],
            "areas": places,
            "audience_areas": places,
            "audience_groups": group_choices(organisation),
        }
        for name, options_of in choices.items():
            self.fields[name].choices = options_of  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Words that nobody changed by hand follow the blanks, also where no script did it while they were typed."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if self.chosen is None:
            return typed
        now = blanks.told(self.chosen, typed)
        changed = blanks.refilled(self.chosen, typed, blanks.last_filled(typed.get("filled")), now)
        if changed:
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            for name, words_of in (changed | {"filled": json.dumps(now, ensure_ascii=False)}).items():
                typed[name] = data[name] = words_of
            self.data = data
        return typed

    def small_fields(self) -> list[forms.BoundField]:
        """The fields of the blanks, in order."""
        return [self[name] for name in self.fields if name.startswith(blanks.PREFIX)]

    def opens_what(self) -> bool:
        """Whether the part a template fills stands open: without a template, or where something in it is wrong."""
        parts = ("kind", "category", "event", "level", "headline", "caution", "measures", "issuer", "decision_document")
        missing = self["kind"].value() == "warning" and not all(self[name].value() for name in parts[1:7])
        return self.chosen is None or missing or (self.is_bound and any(name in self.errors for name in parts))

    def summary_of_what(self) -> str:
        """Kind, event, level and title in one line, for the folded part."""
        level = str(self["level"].value() or "")
        shown = (
            words.kind(str(self["kind"].value() or "")),
            words.event_name(str(self["event"].value() or "")),
            words.level(int(level)) if level in "1234" and level else "",
            str(self["headline"].value() or ""),
        )
        return " · ".join(one for one in shown if one)

    def data_for_content(self) -> dict[str, Any]:
        """What was typed, in the shape `warning.alerts.rules.read` takes; a field that could not be read is left out."""
        typed = self.cleaned_data
        data = {name: typed[name] for name in (*OWN, "template") if name in typed}
        data["blanks"] = blanks.told(self.chosen, typed)
        data["audience"] = {
            "groups": typed.get("audience_groups", []),
            "areas": typed.get("audience_areas", []),
            "polygons": typed.get("audience_polygons", []),
            "everyone": bool(typed.get("audience_everyone")),
        }
        data["origin"] = self._origin(typed)
        return data

    def _origin(self, typed: dict[str, Any]) -> dict[str, Any] | None:
        parts = {
            name: typed.get(f"origin_{name}")
            for name in ("issuer", "issued_at", "received_at", "how", "text", "reference", "arrival", "sha256")
        }
        # A new form holds the time of receipt already: alone it makes nothing a relay.
        return parts if any(value for name, value in parts.items() if name != "received_at") else None


def typed_from(data: dict[str, Any]) -> dict[str, Any]:
    """A content document as the initial values of `ContentForm`."""
    origin = data.get("origin") or {}
    audience = data.get("audience") or {}
    return {
        **{name: value for name, value in data.items() if name not in {"origin", "audience", "blanks"}},
        "blanks": data.get("blanks") or {},
        "filled": json.dumps(data.get("blanks") or {}, ensure_ascii=False),
        "audience_groups": audience.get("groups", []),
        "audience_areas": audience.get("areas", []),
        "audience_polygons": audience.get("polygons", []),
        "audience_everyone": audience.get("everyone", False),
        **{f"origin_{name}": value for name, value in origin.items()},
    }


class ReasonForm(forms.Form):
    """Why something goes back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("A reason is required.")},
    )


class RecordedApprovalForm(forms.Form):
    """An approval given by telephone or on paper, recorded with its evidence."""

    leader = forms.ModelChoiceField(
        label=_("Leader who approved"),
        queryset=Person.objects.none(),
        error_messages={"required": _("Name the leader.")},
    )
    how = forms.ChoiceField(label=_("How"), choices=[("phone", _("by telephone")), ("paper", _("on paper"))])
    at = When(label=_("When"))
    note = forms.CharField(
        label=_("Evidence"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Who called whom on which number, or where the signed sheet lies."),
        error_messages={"required": _("Say what proves the approval.")},
    )

    def __init__(self, *args: Any, leaders: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["leader"].queryset = leaders  # type: ignore[attr-defined]

    def clean_at(self) -> Any:
        at = self.cleaned_data.get("at")
        if at is None:
            raise forms.ValidationError(_("Say when the leader approved."))
        return at if timezone.is_aware(at) else timezone.make_aware(at)


class AskForm(forms.Form):
    """Which leader is asked by SMS."""

    leader = forms.ModelChoiceField(
        label=_("Leader to ask"),
        queryset=Person.objects.none(),
        error_messages={"required": _("Name the leader.")},
    )

    def __init__(self, *args: Any, leaders: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["leader"].queryset = leaders  # type: ignore[attr-defined]


class NetworkForm(forms.Form):
    """The second approval for the whole network: the number of people, typed by hand."""

    people = HowMany()


class SignForm(Factor):
    """Sign-off: the number of people, typed by hand, and the second factor."""

    digest = forms.CharField(widget=forms.HiddenInput)
    added = forms.IntegerField(required=False, widget=forms.HiddenInput)
    removed = forms.IntegerField(required=False, widget=forms.HiddenInput)
    people = HowMany()
    field_order = ("people", "code")


class RecallForm(forms.Form):
    """A recall: why, whether those already reached are told, and where the post asks for a second person, who agreed."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("A reason is required.")},
    )
    correct = forms.BooleanField(
        label=_("Send the prepared correction to everyone already reached"), required=False, initial=True
    )

    def __init__(self, *args: Any, seconds: QuerySet[Account] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if seconds is not None:
            self.fields["second"] = forms.ModelChoiceField(
                label=_("Who agreed by telephone"),
                queryset=seconds,
                error_messages={"required": _("Your post recalls together with a second person: name who agreed.")},
            )
