"""Who may agree by telephone where a post recalls and corrects only together with a second person."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account

SECOND = "second_person_needed"
SECONDS = rights.seconds_of(act="recall")


def agreeing(account: Account) -> QuerySet[Account]:
    """Everyone else of the organisation at one of the posts that may recall."""
    return (
        Account.objects.filter(
            is_active=True,
            person__organisation=account.person.organisation,
            person__postings__post__in=SECONDS,
            person__postings__until=None,
        )
        .exclude(pk=account.pk)
        .select_related("person")
        .distinct()
    )


def seconds(account: Account) -> forms.ModelChoiceField:
    """The field that names who agreed."""
    return forms.ModelChoiceField(
        label=_("Who agreed by telephone"),
        queryset=agreeing(account),
        error_messages={"required": _("Your post recalls together with a second person: name who agreed.")},
    )
