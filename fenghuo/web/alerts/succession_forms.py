"""The short form of a lift: what has changed is few words; whom it is for, where and at which level is known already."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.web.alerts.forms import HOW_RECEIVED, When

OWN = ("headline", "body", "expires_at", "correction")
ORIGIN = ("text", "how", "issued_at", "received_at", "reference")


class LiftForm(forms.Form):
    """Nothing is required here: what a lift needs is the rules' to say at submission."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    headline = forms.CharField(label=_("Title"), required=False, max_length=120)
    body = forms.CharField(
        label=_("SMS text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    expires_at = When(label=_("The lift stands on the public page until"))
    correction = forms.CharField(
        label=_("Correction, prepared now"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, relayed: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.relayed = relayed
        self.difference: list[dict[str, str]] = []  # what somebody else saved meanwhile, beside what was typed
        if relayed:
            self.fields["origin_text"] = forms.CharField(
                label=_("Wording of the lift as it came from above"),
                required=False,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields["origin_how"] = forms.ChoiceField(label=_("How it came"), choices=HOW_RECEIVED, required=False)
            self.fields["origin_issued_at"] = When(label=_("Issued at"))
            self.fields["origin_received_at"] = When(label=_("Received at"))
            self.fields["origin_reference"] = forms.CharField(label=_("Its number"), required=False, max_length=100)

    def data_for_lift(self, origin: dict[str, Any] | None) -> dict[str, Any]:
        """What was typed, in the shape `warning.alerts.rules.read` takes; the original issuer stays."""
        typed = self.cleaned_data
        data = {name: typed[name] for name in OWN if name in typed}
        if origin is not None:
            data["origin"] = origin | {name: typed.get(f"origin_{name}") for name in ORIGIN}
        return data
