"""Groups: who belongs by rule and who was added by hand."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import Group
from fenghuo.web.contacts.forms import NameForm, RuleForm
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, organisation_of


def listing(request: HttpRequest) -> HttpResponse:
    """All groups with their rules and members by hand (people are counted on a group's own page); POST makes a new one."""
    organisation, account = organisation_of(request), account_of(request)
    rights.require(account=account, act="alerts_read")
    why_not = rights.may(account=account, act="contacts_edit")
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_group(organisation=organisation, name=form.cleaned_data["name"], by=account)
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            return redirect("group", id=made.id)
    groups = Group.objects.filter(organisation=organisation).order_by("name")
    counted = groups.annotate(by_rule=Count("rules", distinct=True), by_hand=Count("members", distinct=True))
    context = {"groups": counted, "form": form, "why_not_edit": why_not}
    return render(request, "contacts/groups.html", context, status=422 if form.errors else 200)


def group(request: HttpRequest, id: str) -> HttpResponse:
    """One group; POST does one thing to it (`do`)."""
    organisation, account = organisation_of(request), account_of(request)
    found = queries.group(organisation, id)
    rights.require(account=account, act="alerts_read")
    shown: dict[str, forms.Form] = {
        "rename": NameForm(initial={"name": found.name}, prefix="rename"),
        "rule": RuleForm(organisation=organisation, prefix="rule"),
    }
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "rename":
            shown[do] = NameForm(request.POST, prefix=do)
        if do == "rule":
            shown[do] = RuleForm(request.POST, organisation=organisation, prefix=do)
        used = shown.get(do)
        if used is None or used.is_valid():
            try:
                return _act(request, found, do, used)
            except (Refused, RefusedMany) as refused:
                if used is None:
                    raise
                refuse(used, refused)
    context: dict[str, Any] = {
        "group": found,
        "forms": shown,
        "rules": found.rules.select_related("area"),
        "preview": queries.preview(organisation=organisation, audience={"groups": [found.id], "areas": []}),
        "why_not_edit": rights.may(account=account, act="contacts_edit"),
    }
    refused_now = any(one.errors for one in shown.values())
    return render(request, "contacts/group.html", context, status=422 if refused_now else 200)


def _act(request: HttpRequest, found: Group, do: str, form: forms.Form | None) -> HttpResponse:
    account = account_of(request)
    if do == "remove":
        actions.remove_group(group=found, by=account)
        messages.success(request, gettext("Removed."))
        return redirect("groups")
    if do == "rename" and form is not None:
        actions.rename_group(group=found, name=form.cleaned_data["name"], by=account)
    elif do == "rule" and form is not None:
        typed = form.cleaned_data
        actions.add_rule(
            group=found, area=typed["area"] or None, position=typed["position"], tag=typed["tag"], by=account
        )
    elif do == "remove_rule":
        rule = next((one for one in found.rules.all() if str(one.pk) == request.POST.get("rule")), None)
        if rule is not None:
            actions.remove_rule(rule=rule, by=account)
    else:
        raise Refused("unknown_act", gettext_noop("This page does not know that act."))
    messages.success(request, gettext("Saved."))
    return redirect("group", id=found.id)
