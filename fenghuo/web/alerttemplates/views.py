"""Templates: find one, read it with its history, word a further version, and decide on what somebody else proposed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.templates import actions, queries, rules, states, values
from fenghuo.warning.templates.models import TemplateVersion
from fenghuo.web import words
from fenghuo.web.alerttemplates.forms import PURPOSE, WORDS, EndForm, TemplateForm, WordsForm
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of

VERBS = ("propose", "approve", "adopt", "retire")


def listing(request: HttpRequest) -> HttpResponse:
    """What is in use, or what is in another state; narrowed by class, event, level and words."""
    organisation, account = organisation_of(request), account_of(request)
    rights.require(account=account, act="alerts_read")
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("kind", "event", "level", "state", "text")}
    level = int(asked["level"]) if asked["level"] in ("1", "2", "3", "4") else None
    found = queries.listing(
        organisation, kind=asked["kind"], event=asked["event"], level=level, state=asked["state"], text=asked["text"]
    )
    events = {one.template.event for one in queries.usable(organisation) if one.template.event}
    context = {
        "found": found,
        "waiting": queries.waiting(organisation),
        "asked": asked,
        "kinds": [(one, words.kind(one)) for one in ("warning", "notice", "meeting", "tip", "handling")],
        "levels": [(str(one), words.level(one)) for one in words.LEVELS],
        "events": sorted((one, words.event_name(one)) for one in events),
        "states": [(one, str(rules.STATES[one])) for one in states.GRAPH.states],
        "why_not_write": rights.may(account=account, act="template_write"),
    }
    return render(request, "alerttemplates/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """A template of one's own; it is a draft until it is proposed and somebody else approves.

    `?from` begins with the purpose and the words of one in sight: the purpose of a template never changes, so another is written.
    """
    rights.require(account=account_of(request), act="template_write")
    initial: dict[str, Any] = {"hours": 12}
    if "from" in request.GET:
        source = queries.version(organisation_of(request), request.GET["from"])
        initial = {name: getattr(source, name) for name in WORDS if name != "reason"}
        initial |= {name: getattr(source.template, name) for name in PURPOSE}
    form = TemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            purpose, wording = rules.read_purpose(form.purpose()), rules.read_wording(form.words())
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            return _written(request, actions.create(purpose=purpose, words=wording, by=account_of(request)))
    return render(request, "alerttemplates/edit.html", {"form": form}, status=422 if form.errors else 200)


def edit(request: HttpRequest, id: str) -> HttpResponse:
    """A further version, beginning from this one's words."""
    version = queries.version(organisation_of(request), id)
    rights.require(account=account_of(request), act="template_write")
    form = WordsForm(request.POST or None, initial={name: getattr(version, name) for name in WORDS if name != "reason"})
    if request.method == "POST" and form.is_valid():
        try:
            wording = rules.read_wording(form.words())
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            return _written(request, actions.revise(version=version, words=wording, by=account_of(request)))
    context = {"form": form, "version": version}
    return render(request, "alerttemplates/edit.html", context, status=422 if form.errors else 200)


def _written(request: HttpRequest, version: TemplateVersion) -> HttpResponse:
    if request.POST.get("do") == "propose":
        actions.propose(version=version, by=account_of(request))
        messages.success(request, gettext("Proposed: it waits for the approval of a leader or signer."))
    else:
        messages.success(request, gettext("Saved as a draft."))
    return redirect("template", id=version.pk)


def show(request: HttpRequest, id: str) -> HttpResponse:
    """One version: its words, its blanks, what changed, who did what; POST does one thing to it (`do`)."""
    organisation, account = organisation_of(request), account_of(request)
    version = queries.version(organisation, id)
    rights.require(account=account, act="alerts_read")
    form, status = EndForm(), 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        form = EndForm(request.POST) if do == "retire" else form
        if do != "retire" or form.is_valid():
            try:
                return _act(request, version, do, form)
            except Refused as refused:
                if do != "retire":
                    raise
                refuse(form, refused)
                status = status_of(refused)
        status = 422 if status == 200 else status
    older = queries.before(version)
    shipped = queries.newer_shipped(version)
    context: dict[str, Any] = {
        "version": version,
        "state": rules.STATES[version.state],
        "texts": [(str(WordsForm.base_fields[name].label), getattr(version, name)) for name in TemplateVersion.WORDS],
        "blanks": values.blanks(*(getattr(version, name) for name in TemplateVersion.WORDS)),
        "older": older,
        "changes": _labelled(queries.difference(older, version)) if older else [],
        "shipped": shipped,
        "shipped_changes": _labelled(queries.difference(version, shipped)) if shipped else [],
        "history": [(one, rules.STATES[one.state]) for one in queries.history(version)],
        "why": {verb: rules.may(version=version, verb=verb, account=account) for verb in VERBS},
        "why_not_write": rights.may(account=account, act="template_write"),
        "why_not_draft": rights.may(account=account, act="draft"),
        "form": form,
    }
    return render(request, "alerttemplates/show.html", context, status=status)


def _labelled(changes: list[queries.Change]) -> list[tuple[str, str, str]]:
    return [(str(WordsForm.base_fields[one.field].label), one.before, one.after) for one in changes]


def _act(request: HttpRequest, version: TemplateVersion, do: str, form: EndForm) -> HttpResponse:
    by = account_of(request)
    if do == "propose":
        version = actions.propose(version=version, by=by)
        told = gettext("Proposed: it waits for the approval of a leader or signer.")
    elif do == "approve":
        version, told = actions.approve(version=version, by=by), gettext("Approved: it is in use now.")
    elif do == "adopt":
        version, told = actions.adopt(version=version, by=by), gettext("Adopted: it is a template of your own now.")
    elif do == "retire":
        version = actions.retire(version=version, reason=form.cleaned_data["reason"], by=by)
        told = gettext("Taken out of use.")
    else:
        raise Refused("unknown_act", gettext_noop("This page does not know that act."))
    messages.success(request, told)
    return redirect("template", id=version.pk)
