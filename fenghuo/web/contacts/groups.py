"""Groups: who belongs by rule and who was added by hand."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Person
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import Group
from fenghuo.web import words
from fenghuo.web.contacts.forms import NameForm, OwnerForm, RuleForm
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of


def listing(request: HttpRequest) -> HttpResponse:
    """All groups with their people, owners and last checks; POST makes a new one."""
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
    people = {one.id: one for one in queries.groups(organisation)}
    rows = [_row(one, people.get(one.group.id)) for one in queries.upkeep(organisation)]
    context = {"groups": rows, "form": form, "why_not_edit": why_not, "stale_days": queries.stale_days(organisation)}
    return render(request, "contacts/groups.html", context, status=422 if form.errors else 200)


def _row(one: queries.Upkeep, counted: queries.GroupCount | None) -> dict[str, Any]:
    return {"upkeep": one, "group": one.group, "owner": _owner(one.group), "counted": counted}


def _owner(found: Group) -> str:
    """The owner in words: a person's name or a post."""
    if found.owner is not None:
        return found.owner.name
    return words.post(found.owner_post) if found.owner_post else ""


def _owner_form(found: Group, data: Any = None) -> OwnerForm:
    """The people who work here and the posts there are, as one choice."""
    people = [(f"person:{one.person_id}", one.person.name) for one in accounts.accounts_of(found.organisation)]
    posts = [(f"post:{code}", words.post(code)) for code in rights.posts()]
    now = f"person:{found.owner_id}" if found.owner_id else f"post:{found.owner_post}" if found.owner_post else ""
    return OwnerForm(data, prefix="owner", people=people, posts=posts, initial={"owner": now})


def group(request: HttpRequest, id: str) -> HttpResponse:
    """One group; POST does one thing to it (`do`)."""
    organisation, account = organisation_of(request), account_of(request)
    found = queries.group(organisation, id)
    rights.require(account=account, act="alerts_read")
    shown: dict[str, forms.Form] = {
        "rename": NameForm(initial={"name": found.name}, prefix="rename"),
        "rule": RuleForm(organisation=organisation, prefix="rule"),
        "owner": _owner_form(found),
    }
    status = 200
    if request.method == "POST":
        do, status = request.POST.get("do", ""), 422
        if do == "rename":
            shown[do] = NameForm(request.POST, prefix=do)
        if do == "rule":
            shown[do] = RuleForm(request.POST, organisation=organisation, prefix=do)
        if do == "owner":
            shown[do] = _owner_form(found, request.POST)
        used = shown.get(do)
        if used is None or used.is_valid():
            try:
                return _act(request, found, do, used)
            except (Refused, RefusedMany) as refused:
                if used is None:
                    raise
                refuse(used, refused)
                status = status_of(refused)
    context: dict[str, Any] = {
        "group": found,
        "forms": shown,
        "rules": found.rules.select_related("area"),
        "preview": queries.preview(organisation=organisation, audience={"groups": [found.id], "areas": []}),
        "why_not_edit": rights.may(account=account, act="contacts_edit"),
        "why_not_check": actions.may_check(group=found, by=account),
        "upkeep": next(iter(queries.upkeep(organisation, [found.id]))),
        "owner": _owner(found),
        "stale_days": queries.stale_days(organisation),
    }
    return render(request, "contacts/group.html", context, status=status)


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
    elif do == "check":
        actions.check_group(group=found, by=account)
    elif do == "owner" and form is not None:
        kind, _, chosen = form.cleaned_data["owner"].partition(":")
        person = Person.objects.filter(organisation=found.organisation, pk=chosen).first() if kind == "person" else None
        actions.set_owner(group=found, person=person, post=chosen if kind == "post" else "", by=account)
    elif do == "remove_rule":
        rule = next((one for one in found.rules.all() if str(one.pk) == request.POST.get("rule")), None)
        if rule is not None:
            actions.remove_rule(rule=rule, by=account)
    else:
        raise Refused("unknown_act", gettext_noop("This page does not know that act."))
    messages.success(request, gettext("Saved."))
    return redirect("group", id=found.id)
