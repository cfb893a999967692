"""Full numbers are where they are needed, and nowhere else (fault X19): every page of every post is read for them."""

import re

import pytest
from django.urls import get_resolver

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.readiness.contacts import actions
from fenghuo.readiness.contacts.actions.show import SAMPLE
from fenghuo.readiness.contacts.models import Contact, ContactNumber
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NUMBER = re.compile(rb"(?<!\d)1\d{10}(?!\d)")
# Posts for whom no page shows a full number, whatever they open.
MASKED = (
    "leader",
    "auditor",
    "entry",
    "reviewer",
    "signer",
    "duty_officer",
    "system_admin",
    "security_admin",
    "village_contact",
)


def routes() -> list[str]:
    """Every address of the site, with its blanks."""
    found: list[str] = []

    def walk(patterns, prefix: str) -> None:
        for one in patterns:
            path = prefix + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, path)
            else:
                found.append(path)

    walk(get_resolver().url_patterns, "/")
    return [one for one in found if "^" not in one]


def addresses(world: World, alert, export, contact: Contact) -> list[str]:
    """Every route with real ids in its blanks."""
    shown = []
    for route in routes():
        ids = {
            "contacts/exports": export.id,
            "contacts/": str(contact.id),
            "groups/": world.group.id,
            "alerts/": alert.id,
        }
        blank = next((value for start, value in ids.items() if route.startswith(f"/{start}")), alert.id)
        path = re.sub(r"<int:\w+>", str(contact.id) if "contacts" in route else "1", route)
        shown.append(re.sub(r"<[^>]+>", blank, path))
    return shown


def test_no_page_of_these_posts_holds_a_full_number(world: World) -> None:
    numbers = {str(one).encode() for one in ContactNumber.objects.values_list("address", flat=True)}
    alert = world.signed()
    contact = Contact.objects.get(name="村民1")
    export = actions.ask_export(
        organisation=world.organisation, format="csv", purpose="汛前核对", wanted={}, by=world.people["resource_keeper"]
    )
    world.people["village_contact"] = accounts.enrol_for_exercise(
        organisation=world.organisation, name="村级责任人甲", username="village.one", posts=("village_contact",),
        phone=str(contact.numbers.get().address),
    )  # fmt: skip
    own = {str(contact.numbers.get().address).encode()}
    paths = addresses(world, alert, export, contact)
    assert len(paths) > 60
    opened = 0
    for post in MASKED:
        client = world.client(post)
        for path in paths:
            if "sign-out" in path:
                continue
            answer = client.get(path)
            assert answer.status_code < 500 or path == "/healthz", (post, path)
            opened += answer.status_code == 200
            content = answer.getvalue()
            # Whoever gave out an account with a number sees that of the colleague, who happens to be a contact too.
            seen = set(NUMBER.findall(content)) & numbers
            assert not seen - (own if path.startswith(("/accounts", "/account")) else set()), (post, path)
    assert opened > 100


def test_the_journal_holds_no_number(world: World) -> None:
    world.signed()
    text = str(list(JournalEntry.objects.values_list("act", "subject", "detail"))).encode()
    numbers = {str(one).encode() for one in ContactNumber.objects.values_list("address", flat=True)}
    assert not set(NUMBER.findall(text)) & numbers


def test_a_duty_officer_sees_one_number_with_a_reason_that_is_kept(world: World) -> None:
    contact = Contact.objects.get(name="村民1")
    client, path = world.client("duty_officer"), f"/contacts/{contact.id}/number/"
    assert b"10000000001" not in client.get(path).content
    assert client.post(path, {"reason": " "}).status_code == 422
    assert client.post(path, {"reason": "打 10000000001 叫应"}).status_code == 422
    assert b"10000000001" in client.post(path, {"reason": "暴雨预警叫应"}).content
    entry = JournalEntry.objects.get(act="contact.show")
    assert (entry.subject, entry.detail) == (str(contact.id), {"reason": "暴雨预警叫应"})
    for post in ("entry", "leader", "auditor", "reviewer"):
        assert world.client(post).post(path, {"reason": "x"}).status_code == 403, post


def test_a_signer_sees_a_sample_and_a_village_its_own(world: World) -> None:
    people = list(Contact.objects.filter(numbers__isnull=False).order_by("id")[: SAMPLE + 1])
    signer = world.client("signer")
    answers = [signer.post(f"/contacts/{one.id}/number/", {"reason": "抽查"}).status_code for one in people]
    assert answers == [200] * SAMPLE + [403]
    first, other = people[0], next(one for one in people if one.area_id != people[0].area_id)
    world.people["village_contact"] = accounts.enrol_for_exercise(
        organisation=world.organisation, name="村级责任人甲", username="village.one", posts=("village_contact",),
        phone=str(first.numbers.get().address),
    )  # fmt: skip
    village = world.client("village_contact")
    assert village.post(f"/contacts/{first.id}/number/", {"reason": "叫应"}).status_code == 200
    assert village.post(f"/contacts/{other.id}/number/", {"reason": "叫应"}).status_code == 403
