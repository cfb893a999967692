"""The forms of this room. What is refused is decided by the actions; a form only asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts.models import Account
from fenghuo.web import words


def _password(label: Any, *, new: bool, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"})
    return forms.CharField(label=label, strip=False, widget=widget, max_length=1000, **options)


def _code(label: Any, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"})
    return forms.CharField(label=label, widget=widget, max_length=100, **options)


class SignIn(forms.Form):
    """First step."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = _password(_("Password"), new=False)

    def clean_username(self) -> str:
        """As accounts are kept: small letters."""
        return str(self.cleaned_data["username"]).strip().lower()


class Factor(forms.Form):
    """Second step: a code, or what passkey.js puts into the hidden fields."""

    code = _code(_("Code"), required=False)
    nonce = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    passkey = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20_000)

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        typed = super().clean() or {}
        if not typed.get("code") and not typed.get("passkey"):
            self.add_error("code", _("Type the code, or use the passkey."))
        return typed


class Arrival(forms.Form):
    """A passkey shown before any name."""

    nonce = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    passkey = forms.CharField(widget=forms.HiddenInput, max_length=20_000)


class _TwicePassword(forms.Form):
    password = _password(_("New password"), new=True)
    again = _password(_("New password, again"), new=True)

    def clean(self) -> dict[str, Any]:
        """Typed twice alike."""
        typed = super().clean() or {}
        if "password" in typed and "again" in typed and typed["password"] != typed["again"]:
            self.add_error("again", _("The two are not the same."))
        return typed


class Accept(_TwicePassword):
    """An invitation: password and second factor at once."""

    totp_code = _code(_("Code that the app shows"), required=False)
    passkey = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20_000)


class NewPassword(_TwicePassword):
    """A new password for oneself."""

    current = _password(_("Present password"), new=False, required=False)
    field_order = ("current", "password", "again")


class App(forms.Form):
    """The code that proves a new authenticator app."""

    totp_code = _code(_("Code that the app shows"))


class NewPasskey(forms.Form):
    """A passkey's name and the browser's answer."""

    name = forms.CharField(label=_("Name of the device"), max_length=60, required=False)
    passkey = forms.CharField(widget=forms.HiddenInput, max_length=20_000)


class Token(forms.Form):
    """What a token is for."""

    name = forms.CharField(label=_("What the token is for"), max_length=60)


class Invite(forms.Form):
    """A new person."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    username = forms.CharField(
        label=_("User name"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocapitalize": "none"})
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    posts = forms.MultipleChoiceField(
        label=_("Posts to propose"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    another_person = forms.BooleanField(label=_("Another person shares this number"), required=False)

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        self.fields["posts"].choices = [(code, words.post(code)) for code in words.POSTS]  # type: ignore[attr-defined]


class Bootstrap(forms.Form):
    """The printed code and the first two administrators."""

    code = _code(_("Code that the server printed"))
    system_name = forms.CharField(label=_("Name"), max_length=60)
    system_username = forms.CharField(label=_("User name"), max_length=60)
    system_phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    security_name = forms.CharField(label=_("Name"), max_length=60)
    security_username = forms.CharField(label=_("User name"), max_length=60)
    security_phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class Reason(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class ChoosePost(forms.Form):
    """A post to propose."""

    post = forms.ChoiceField(label=_("Post"), choices=())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["post"].choices = [(code, words.post(code)) for code in words.POSTS]  # type: ignore[attr-defined]


def named(account: Account) -> str:
    """An account in a sentence."""
    return f"{account.person.name} ({account.username})"
