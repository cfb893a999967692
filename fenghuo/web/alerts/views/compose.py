"""Composing: one form, saved by hand or by itself, checked while it is typed, submitted when it is complete."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import queries as contacts
from fenghuo.warning.alerts import actions, queries, rules, states
from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.alerts.rules import Content
from fenghuo.web import words
from fenghuo.web.alerts import blanks, checks, differing
from fenghuo.web.alerts.chooser import choice
from fenghuo.web.alerts.forms import ContentForm, typed_from
from fenghuo.web.alerts.reading import alert_of
from fenghuo.web.forms import refuse
from fenghuo.web.shell.people import account_of, organisation_of

PAGE = "alerts/compose.html"
CHOOSE = "template:"


def new(request: HttpRequest) -> HttpResponse:
    """An empty form; the first save makes the draft."""
    organisation = organisation_of(request)
    rights.require(account=account_of(request), act="draft")
    if request.method != "POST":
        return _page(request, ContentForm(initial=_beginning(request, organisation), organisation=organisation), None)
    if request.POST.get("do", "").startswith(CHOOSE):
        return _choose(request, organisation, None)
    form = ContentForm(request.POST, organisation=organisation)
    content = _content(form)
    if content is None:
        return _page(request, form, None, status=422)
    try:
        alert = actions.draft(content=content, by=account_of(request))
    except Refused as refused:
        if refused.field != "template":
            raise
        refuse(form, refused)
        return _page(request, form, None, status=422)
    return _after_save(request, form, alert)


def edit(request: HttpRequest, id: str) -> HttpResponse:
    """The form of a draft; a conflict shows both wordings and loses neither."""
    organisation = organisation_of(request)
    alert = queries.alert(organisation, id)
    rules.require(alert=alert, verb="edit", account=account_of(request))
    if alert.relation == "lift":
        return redirect("alert-lift", id=alert.id)  # its form is a short one
    if request.method != "POST":
        initial = typed_from(queries.content_of(alert).model_dump()) | {"version": alert.version}
        return _page(request, ContentForm(initial=initial, organisation=organisation), alert)
    if request.POST.get("do", "").startswith(CHOOSE):
        return _choose(request, organisation, alert)
    form = ContentForm(request.POST, organisation=organisation)
    content = _content(form)
    if content is None:
        return _page(request, form, alert, status=422)
    try:
        alert = _save(alert, form, content, request)
    except Refused as conflict:
        if conflict.kind != "conflict":
            raise
        return _conflict(request, form, alert, conflict)
    return _after_save(request, form, alert)


@require_POST
def autosave(request: HttpRequest, id: str) -> HttpResponse:
    """The same save, asked for by the page itself: `{version, saved_at}`, or 409 with the difference, or 422 with the reasons."""
    organisation = organisation_of(request)
    alert = queries.alert(organisation, id)
    form = ContentForm(request.POST, organisation=organisation)
    content = _content(form)
    if content is None:
        return JsonResponse({"errors": form.errors}, status=422)
    try:
        alert = _save(alert, form, content, request)
    except Refused as refused:
        if refused.kind != "conflict":
            return JsonResponse({"reason": str(refused)}, status=403)
        lines = differing.difference(refused.params.get("difference", {}), organisation)
        return JsonResponse(
            {"reason": str(refused), "version": refused.params.get("version"), "difference": lines}, status=409
        )
    return JsonResponse({"version": alert.version})


@require_POST
def copy(request: HttpRequest, id: str) -> HttpResponse:
    """A new draft with the same content, to be edited and walked through every step again."""
    alert = alert_of(request, id)
    fresh = actions.copy(alert=alert, by=account_of(request))
    messages.success(request, gettext("Copied into a new draft."))
    return redirect("alert-edit", id=fresh.id)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """The side panel: counter, phone, the eight elements, what is still wrong. Saves nothing."""
    organisation = organisation_of(request)
    rights.require(account=account_of(request), act="draft")
    form = ContentForm(request.POST, organisation=organisation)
    alert = queries.alert(organisation, request.GET["alert"]) if request.GET.get("alert") else None
    return render(request, "alerts/_check.html", checks.check(form, organisation, alert))


@require_POST
def audience(request: HttpRequest) -> HttpResponse:
    """Who would be told, by area and group, and who is left without a number. Saves nothing."""
    organisation = organisation_of(request)
    rights.require(account=account_of(request), act="draft")
    form = ContentForm(request.POST, organisation=organisation)
    form.is_valid()
    wanted = form.data_for_content()["audience"]
    context: dict[str, Any] = {"chosen": any(wanted.values())}
    if context["chosen"]:
        try:
            context["preview"] = contacts.preview(organisation=organisation, audience=wanted)
            context["stale"] = contacts.stale_groups(organisation, wanted.get("groups", []))
        except Refused as refused:
            context["refused"] = refused
    return render(request, "alerts/_audience.html", context)


def _beginning(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """What a new form holds already; `?template=` begins with a template."""
    minute = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    initial: dict[str, Any] = {"kind": "warning", "issuer": organisation.name, "areas": [organisation.area_id]}
    initial |= {"starts_at": minute.replace(minute=0), "origin_received_at": minute}
    version = blanks.version_of(organisation, request.GET.get("template"))
    if version is None:
        return initial
    update, _kept = blanks.chosen(version, None, {}, initial["areas"])
    return initial | update


def _choose(request: HttpRequest, organisation: Organisation, alert: Alert | None) -> HttpResponse:
    """The same form with a template's words in it. Saves nothing; words that somebody typed by hand stay, and are named."""
    typed = request.POST.copy()
    version = blanks.version_of(organisation, request.POST.get("do", "").removeprefix(CHOOSE))
    if version is None:
        raise Refused("template_unknown", gettext_noop("There is no such template."), kind="missing")
    before = blanks.version_of(organisation, typed.get("template"))
    update, kept = blanks.chosen(version, before, typed.dict(), typed.getlist("areas"))
    for name, value in update.items():
        typed[name] = value
    form = ContentForm(typed, organisation=organisation)
    labels = words.listed(str(form.fields[name].label) for name in kept)
    return _page(request, form, alert, kept_words=labels, unsaved=True)


def _content(form: ContentForm) -> Content | None:
    """What was typed as a content document; None when a field could not be read, with the reasons in the form."""
    valid = form.is_valid()
    try:
        content = rules.read(form.data_for_content())
    except (Refused, RefusedMany) as refused:
        refuse(form, refused)
        return None
    return content if valid else None


def _save(alert: Alert, form: ContentForm, content: Content, request: HttpRequest) -> Alert:
    version = form.cleaned_data.get("version") or 0
    return actions.edit(alert=alert, version=version, content=content, by=account_of(request))


def _after_save(request: HttpRequest, form: ContentForm, alert: Alert) -> HttpResponse:
    if request.headers.get("X-Autosave"):
        return JsonResponse(
            {
                "version": alert.version,
                "edit": reverse("alert-edit", args=[alert.id]),
                "autosave": reverse("alert-autosave", args=[alert.id]),
            }
        )
    if request.POST.get("do") != "submit":
        messages.success(request, gettext("Saved."))
        return redirect("alert-edit", id=alert.id)
    try:
        actions.submit(alert=alert, version=alert.version, by=account_of(request))
    except (Refused, RefusedMany) as refused:
        refuse(form, refused)
        return _page(request, form, alert, status=422, version=alert.version)
    messages.success(request, gettext("Submitted for review."))
    return redirect("alert-review", id=alert.id)


def _conflict(request: HttpRequest, form: ContentForm, alert: Alert, conflict: Refused) -> HttpResponse:
    """Both wordings beside each other. What was typed stays in the form; saving again is then a decision, not an accident."""
    found = conflict.params.get("difference", {})
    context = {"conflict": conflict, "difference": differing.difference(found, organisation_of(request))}
    return _page(request, form, alert, status=409, version=conflict.params.get("version", alert.version), **context)


def _page(
    request: HttpRequest,
    form: ContentForm,
    alert: Alert | None,
    *,
    status: int = 200,
    version: int | None = None,
    **more: Any,
) -> HttpResponse:
    if version is not None:
        typed = request.POST.copy()
        typed["version"] = str(version)
        form.data = typed
    returned = None
    if alert is not None and alert.state == states.DRAFT:
        returned = next((step for step in reversed(queries.steps(alert)) if step.verb == "return"), None)
    context: dict[str, Any] = {"form": form, "alert": alert, "returned": returned}
    profile = accounts.profile_of(organisation_of(request))
    may_issue = profile.warnings.may_issue
    level = str(form["level"].value() or "")
    context["may_issue"] = may_issue.value
    context["relay_needed"] = not may_issue.value or (level.isdecimal() and int(level) not in may_issue.value)
    context["relay_clause"] = profile.cited(may_issue)
    context["templates"] = choice(organisation_of(request), profile.warnings.kinds.value)
    context |= checks.check(form, organisation_of(request), alert) | more
    return render(request, PAGE, context, status=status)
