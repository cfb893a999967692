"""The form with which a scan is added."""

from django import forms
from django.utils.translation import gettext_lazy as _

PURPOSES = {
    "approval_scan": _("Signed approval form, scanned"),
    "approval_evidence": _("Proof of an approval by telephone or on paper"),
    "portal_export": _("Export of the portal above"),
    "other": _("Other proof"),
}


class AttachForm(forms.Form):
    """A file, and what it is."""

    file = forms.FileField(label=_("File"), allow_empty_file=True)
    purpose = forms.ChoiceField(label=_("What it is"), choices=list(PURPOSES.items()))
