"""People: the list, and one person's sheet. Numbers are masked wherever they are not being edited (fault X19)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop

from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.models import Contact, Group
from fenghuo.web.areas import area_choices
from fenghuo.web.contacts.forms import ContactForm, ReasonForm
from fenghuo.web.forms import refuse, status_of
from fenghuo.web.shell.people import account_of, organisation_of, page_number

SIZE = 50


def listing(request: HttpRequest) -> HttpResponse:
    """Everyone, narrowed by words, area and group."""
    organisation, account = organisation_of(request), account_of(request)
    rights.require(account=account, act="contacts_view")
    text, area, group = (request.GET.get(name, "").strip() for name in ("text", "area", "group"))
    area = _own_village(account, organisation) or area
    page = queries.listing(
        organisation, text=text, area=area or None, group=group or None, page=page_number(request), size=SIZE
    )
    context: dict[str, Any] = {
        "page": page,
        "rows": [_row(one) for one in page.rows],
        "pages": page.pages,
        "text": text,
        "area": area,
        "group": group,
        "areas": area_choices(organisation),
        "groups": Group.objects.filter(organisation=organisation).order_by("name").values_list("id", "name"),
        "query": urlencode({"text": text, "area": area, "group": group}) + "&",
        "why_not_edit": rights.may(account=account, act="contacts_edit"),
        "may_export": actions.may_ask(organisation=organisation, by=account) is None,
    }
    return render(request, "contacts/list.html", context)


def _own_village(account: Account, organisation: Organisation) -> str | None:
    """The one area whose people a village's contact may see (FAULTS §4); None for whoever may see more."""
    if rights.right_of(account=account, act="contacts_view") != "own_village":
        return None
    village = queries.village_of(organisation, account.person.phone)
    if village is None:
        reason = gettext_noop("You may see the people of your own village, but your number is not among its contacts.")
        raise Refused("village_unknown", reason, kind="forbidden")
    return village


def _row(contact: Contact) -> dict[str, Any]:
    numbers = [queries.mask(one.address) for one in contact.numbers.all()]
    return {"contact": contact, "numbers": numbers, "tags": [one for one in contact.tags.split(",") if one]}


def new(request: HttpRequest) -> HttpResponse:
    """Someone new."""
    rights.require(account=account_of(request), act="contacts_edit")
    organisation = organisation_of(request)
    form = ContactForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_contact(organisation=organisation, by=account_of(request), **form.values())
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("contacts")
    return render(request, "contacts/sheet.html", {"form": form}, status=422 if form.errors else 200)


def edit(request: HttpRequest, id: int) -> HttpResponse:
    """Someone's sheet, with full numbers, for whoever may edit it."""
    rights.require(account=account_of(request), act="contacts_edit")
    organisation = organisation_of(request)
    contact = queries.contact(organisation, id)
    if request.method == "POST" and request.POST.get("do") == "check":
        actions.check_contact(contact=contact, by=account_of(request))
        messages.success(request, gettext("Checked today."))
        return redirect("contact-edit", id=contact.id)
    if request.method == "POST" and request.POST.get("do") == "remove":
        actions.remove_contact(contact=contact, by=account_of(request))
        messages.success(request, gettext("Removed."))
        return redirect("contacts")
    initial = {
        "name": contact.name,
        "area": contact.area_id,
        "position": contact.position,
        "phone": "; ".join(str(one.address) for one in contact.numbers.all()),
        "tags": contact.tags.replace(",", " ").strip(),
        "risk": contact.risk,
    }
    form = ContactForm(request.POST or None, initial=initial, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_contact(contact=contact, by=account_of(request), **form.values())
        except (Refused, RefusedMany) as refused:
            refuse(form, refused)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("contacts")
    return render(
        request, "contacts/sheet.html", {"form": form, "contact": contact}, status=422 if form.errors else 200
    )


def number(request: HttpRequest, id: int) -> HttpResponse:
    """One person's full number, after a reason that the journal keeps; never by GET, never of several at once."""
    account, contact = account_of(request), queries.contact(organisation_of(request), id)
    rights.require(account=account, act="contacts_view")
    form = ReasonForm(request.POST or None)
    context: dict[str, Any] = {
        "contact": contact,
        "form": form,
        "why_not": actions.may_show(contact=contact, by=account),
    }
    context |= {"numbers": None, "masked": [queries.mask(one.address) for one in contact.numbers.all()]}
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            context["numbers"] = actions.show_numbers(contact=contact, reason=reason, by=account)
        except Refused as refused:
            refuse(form, refused)
            return render(request, "contacts/number.html", context, status=status_of(refused))
    return render(request, "contacts/number.html", context)
