"""Taking in and handling an arrival. What is right and wrong is the domain's to say; nothing typed is lost."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.web.alerts.forms import When

MOST_BYTES = 1024 * 1024
HOWS = [("paste", _("pasted text, CAP or national XML")), ("phone", _("by telephone")), ("fax", _("by fax or letter"))]


class TakeForm(forms.Form):
    """A file, or words."""

    file = forms.FileField(label=_("CAP or national warning XML as a file"), required=False, allow_empty_file=True)
    how = forms.ChoiceField(label=_("How it came"), choices=HOWS, initial="paste")
    text = forms.CharField(
        label=_("Text exactly as received"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    headline = forms.CharField(label=_("Title"), required=False, max_length=120)
    issuer = forms.CharField(label=_("Original issuer"), required=False, max_length=100)
    issued_at = When(label=_("Issued at"))
    reference = forms.CharField(label=_("Its number"), required=False, max_length=200)


class ReportForm(forms.Form):
    """Whom it was reported to, and how."""

    to = forms.CharField(label=_("Reported to"), max_length=100)
    how = forms.CharField(label=_("How"), max_length=100)


class AsideForm(forms.Form):
    """Why it is not relayed."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
