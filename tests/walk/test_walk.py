"""A person of one town at every door, with the neighbour's things and with things that never were: nobody can tell them apart."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries
from fenghuo.ground.accounts.models import Account
from tests.ground.files import corpus
from tests.walk.routes import METHODS, filled, operations, parameters, routes, uploads
from tests.walk.rules import DOORS, Bearer, Of, Own, Public
from tests.walk.things import MAKERS, MASKED, NEVER, NUMBER, PROBE, RELEASED, County, build
from tests.web.world import TOWN, sign_in

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.timeout(600)]

API = "api/v1/"
# What a browser would send to some door or other: with each of the neighbour's things in every place for one.
TYPED = {
    "do": "approve", "reason": "x", "why": "x", "return-reason": "x", "digest": "0" * 64, "people": "1", "version": "1",
    "code": "123456", "kind": "notice", "headline": "x", "body": "x", "audience_areas": TOWN, "post": "leader",
    "name": "x", "state": "draft", "how": "phone", "note": "x", "decision": "give_up", "all": "on",
}  # fmt: skip
# Where a form or a query names a thing.
PLACES = {
    "group": "group", "groups": "group", "audience_groups": "group", "contact": "contact", "member": "contact",
    "template": "template", "follows": "alert", "copy": "alert", "alert": "alert", "id": "alert", "import": "import",
    "export": "export", "organisation": "organisation", "person": "account", "owner": "account", "area_code": "organisation",
}  # fmt: skip
VARIES = re.compile(
    r'<time [^>]*>[^<]*</time>|name="csrfmiddlewaretoken" value="[^"]*"|data-now="[^"]*"|"[0-9a-f]{32,64}"'
)


class Visitor:
    """One person at pages and API."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.browser = Client()
        self.machine = Client()
        token = accounts.issue_token(account=account, by=None, name="walk")
        self._headers = {"authorization": f"Bearer {token}"}
        self._calls = 0
        self.every_method = "entry" in queries.posts_of(account)
        sign_in(self.browser, account)

    def ask(self, method: str, route: str, values: dict[str, str], carried: dict[str, Any]) -> HttpResponseBase:
        """One request; `carried` is typed into the form, the query or the body."""
        address = filled(route, values) if route != "^api/" else "/api/nothing"
        if not route.startswith(API):
            if method in ("GET", "HEAD"):
                return self.browser.generic(method, address, QUERY_STRING=urlencode(carried))
            if method == "POST":
                return self.browser.post(address, carried)
            return self.browser.generic(method, address)
        self._calls += 1
        headers = self._headers | {"idempotency-key": f"walk-{self.account.pk}-{self._calls}"}
        if (route, method) in uploads():
            file = SimpleUploadedFile("x.pdf", corpus.pdf(), "application/pdf")
            form = {name: file if value == "x" else value for name, value in carried.items()}
            return self.machine.post(address, form, headers=headers)
        body = json.dumps(carried, ensure_ascii=False)
        return self.machine.generic(method, address, body, content_type="application/json", headers=headers)

    def again(self) -> None:
        """A door may have ended the session."""
        if "_auth_user_id" not in self.browser.session:
            sign_in(self.browser, self.account)


@pytest.fixture
def county(db: None, settings: Any) -> County:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return build()


def text_of(answer: HttpResponseBase) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content.decode(errors="replace")


def shape(answer: HttpResponseBase, values: dict[str, str]) -> tuple[int, str, str]:
    """Status, type and words, without the address that was asked for and without what differs from answer to answer."""
    text = text_of(answer)
    for value in values.values():
        text = text.replace(value, "ID")
    return answer.status_code, answer.headers.get("Content-Type", ""), VARIES.sub("", text)


def leaks(text: str, *, names: bool = True) -> list[str]:
    """What of the neighbour's stands in an answer."""
    probes = (PROBE, RELEASED, NUMBER, MASKED) if names else (NUMBER, MASKED)
    escaped = json.dumps(PROBE)[1:-1], json.dumps(RELEASED)[1:-1]
    return [one for one in (*probes, *(escaped if names else ())) if one in text]


def bodies(route: str, method: str) -> dict[str, Any]:
    return operations().get((route, method), TYPED if not route.startswith(API) else {})


def doors(kind: type) -> Iterator[tuple[str, Any]]:
    return ((route, door) for route, door in DOORS.items() if isinstance(door, kind))


def test_every_door_has_a_rule_and_every_rule_a_door():
    there = set(routes())
    assert there - set(DOORS) == set(), "say in tests/walk/rules.py whose things these doors show"
    assert set(DOORS) - there == set(), "these doors are gone"
    for route, door in DOORS.items():
        if not isinstance(door, Bearer):
            named = {**getattr(door, "kinds", {}), **getattr(door, "constant", {})}
            assert set(parameters(route)) == set(named), route
    unknown = {kind for _route, door in doors(Of) for kind in door.kinds.values()} - set(MAKERS)
    assert unknown == set(), "a maker in tests/walk/things.py is missing"


def test_every_operation_of_the_openapi_document_is_a_door():
    assert {route for route, _method in operations()} <= set(DOORS)


# Tables of an organisation's things that no address names by themselves; the reason for each.
REACHED_OTHERWISE = {
    "Person": "by its account", "Posting": "by its account", "BootstrapCode": "by its secret alone",
    "JournalEntry": "read as a whole: journal/", "Order": "by its alert", "Broadcast": "by its alert",
    "Roster": "a counter", "RosterChange": "a counter", "ContactNumber": "by its contact", "Release": "by its alert",
    "Urgent": "by its alert", "ServiceText": "by its alert",
    "Noted": "by what rang", "DutyGroup": "gateways/", "SmsTest": "gateways/",
}  # fmt: skip
ADDRESSED = {
    "Alert": "alert", "Contact": "contact", "Group": "group", "ContactImport": "import",
    "Arrival": "arrival", "Attachment": "attachment", "ContactExport": "export",
    "Template": "template", "PostProposal": "post_proposal", "OrganisationProposal": "organisation_proposal",
}  # fmt: skip


def test_every_table_of_an_organisations_things_is_walked_or_says_why_not():
    owned = {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("fenghuo.") and any(one.name == "organisation" for one in model._meta.fields)
    }
    assert owned - set(ADDRESSED) - set(REACHED_OTHERWISE) == set()
    assert set(ADDRESSED.values()) <= set(MAKERS)


def test_another_organisations_thing_is_as_if_it_had_never_been(county: County):
    """Every door to a thing × every post of a town × the neighbour's things and one that never was."""
    reached: dict[str, set[int]] = {}
    for account in county.own.people.values():
        visitor = Visitor(account)
        for route, door in doors(Of):
            reached.setdefault(route, set()).update(walked(county, visitor, route, door))
    never_missing = {route: statuses for route, statuses in reached.items() if 404 not in statuses}
    assert never_missing == {}, "no post was told that there is no such thing: the walk did not get that far"


def walked(county: County, visitor: Visitor, route: str, door: Of) -> set[int]:
    """One door; the statuses seen. Fails where a foreign thing answers otherwise than one that never was.

    GET and POST by everybody; the methods that no page has by one person, because no post decides about them.
    """
    kinds, statuses = parameters(route), set[int]()
    never = {name: NEVER[kinds[name]] for name in door.kinds} | door.constant
    (name, kind), *others = door.kinds.items()
    for method in METHODS if visitor.every_method else ("GET", "POST"):
        carried = bodies(route, method)
        expected = shape(visitor.ask(method, route, never, carried), never)
        for key in county.ids(kind)[: None if method == "GET" else 2 if method == "POST" else 1]:
            values = never | {other: county.ids(one)[0] for other, one in others} | {name: key}
            answer = visitor.ask(method, route, values, carried)
            seen = shape(answer, values)
            where = f"{visitor.account} {method} {route} {key}"
            assert leaks(seen[2]) == [], where
            assert seen[0] in (401, 403, 404, 405, 422), where
            assert seen == expected, where
            statuses.add(seen[0])
    return statuses


def test_the_tier_above_comes_in_only_where_its_administrators_may(county: County):
    for post in ("system_admin", "security_admin", "auditor", "leader"):
        visitor = Visitor(county.upper[post])
        for route, door in doors(Of):
            if post not in door.down:
                walked(county, visitor, route, door)
                continue
            name, kind = next(iter(door.kinds.items()))
            for key in county.ids(kind):
                answer = visitor.ask("GET", route, {name: key}, {})
                assert answer.status_code in (200, 302, 403, 405), (post, route)
                assert leaks(text_of(answer), names=False) == [], (post, route)


def test_doors_that_name_nothing_show_nothing_of_the_neighbours(county: County):
    """Whatever of the neighbour's is put into query, form or body."""
    theirs = {place: county.ids(kind)[0] for place, kind in PLACES.items()}
    for account in county.own.people.values():
        visitor = Visitor(account)
        for route, door in doors(Own):
            for method in ("GET", "POST"):
                carried = bodies(route, method)
                if not route.startswith(API):
                    carried = {**carried, **theirs}
                answer = visitor.ask(method, route, door.constant, carried)
                assert answer.status_code < 500 or answer.status_code == 503, (str(account), method, route)
                assert leaks(text_of(answer)) == [], (str(account), method, route)
                visitor.again()
            # What one searches for stands in the field again: half a probe finds as much and is none.
            searched = text_of(visitor.ask("GET", route, door.constant, {"text": PROBE[:2], "q": PROBE[:2]}))
            assert leaks(searched) == [], (str(account), route)


def test_what_everybody_may_see_is_only_what_was_released(county: County):
    visitor = Visitor(county.own.people["signer"])
    for route, door in doors(Public):
        keys = county.ids(next(iter(door.kinds.values()))) if door.kinds else [""]
        for key in keys:
            text = text_of(visitor.ask("GET", route, dict.fromkeys(door.kinds, key), {}))
            body = text.replace(county.neighbour.organisation.name, "")  # whoever released says so
            assert [
                one for one in (NUMBER, MASKED, f"{PROBE}标题", f"{PROBE}正文", f"{PROBE}村民") if one in body
            ] == [], route
    shown = text_of(visitor.ask("GET", "v/<str:code>", {"code": county.ids("code")[0]}, {}))
    assert RELEASED in shown  # the walk would see a leak if there were one


def test_the_walk_finds_a_leak_where_there_is_one(county: County):
    """The neighbour itself, with its own things, is let in: the same questions with the right person are answered."""
    seen = {}
    for post in ("entry", "reviewer", "resource_keeper"):
        visitor = Visitor(county.neighbour.people[post])
        for route, door in doors(Of):
            values = {name: county.ids(kind)[0] for name, kind in door.kinds.items()} | door.constant
            answer = visitor.ask("GET", route, values, {})
            if answer.status_code == 200 and leaks(text_of(answer)):
                seen[route] = post
    for door in ("alerts/<str:id>/review/", "contacts/<int:id>/", "groups/<str:id>/", "api/v1/alerts/<id>"):
        assert door in seen, seen
