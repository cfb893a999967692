"""A neighbour with one of everything, each with the probe in it: what a leak would carry out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.files import actions as files
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.models import Contact
from fenghuo.readiness.contacts.rules import Row
from fenghuo.warning.alerts import actions as alerts
from fenghuo.warning.relay import actions as relay
from fenghuo.warning.templates import actions as templates
from fenghuo.warning.templates.rules import Purpose, Wording
from tests.ground.files import corpus
from tests.web.world import POSTS, TOWN, World, make

PROBE = "泄漏探针"  # in every text of the neighbour that nobody released
RELEASED = "公开探针"  # in what it released: on the public pages, and in no other organisation's
NUMBER = "10998877665"
MASKED = "109****7665"
NEVER = {"str": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "int": "999999999"}


@dataclass
class County:
    """Three organisations on one installation: a town, its neighbour in the very same area, and the county above both."""

    own: World
    neighbour: World
    upper: dict[str, Account]
    things: dict[str, list[str]]

    def ids(self, kind: str) -> list[str]:
        return self.things[kind]


def build() -> County:
    """The same area for both towns is the hardest case: whatever selects by area alone would show the neighbour's."""
    own = make()
    neighbour = make(name=f"{PROBE}镇", numbers_from=1_000)
    county = accounts.create_organisation(area_code=TOWN[:6], name="蓟州区", profile="wuqing", by=None)
    upper = {
        post: accounts.enrol_for_exercise(
            organisation=county, name=f"区{title}", username=f"qu.{number}", posts=(post,)
        )
        for number, (post, title) in enumerate(POSTS.items())
    }
    village = Area.objects.filter(parent_id=TOWN).values_list("code", flat=True)[0]
    rows = [Row(f"{PROBE}村民", village, (int(NUMBER),), f"{PROBE}岗", (f"{PROBE}单位",), 3, (f"{PROBE}群组",))]
    contacts.load_many(organisation=neighbour.organisation, rows=rows, by=None)
    found = County(own, neighbour, upper, {})
    for kind, make_one in MAKERS.items():
        found.things[kind] = make_one(found)
    return found


def _alerts(county: County) -> list[str]:
    world = county.neighbour
    words = {
        "body": f"{PROBE}正文。",
        "caution": f"{PROBE}警示",
        "measures": f"{PROBE}措施",
        "headline": f"{PROBE}标题",
    }
    draft, submitted = world.draft(**words), world.submitted(**words)
    returned = world.submitted(**words)
    alerts.send_back(alert=returned, version=returned.version, reason=f"{PROBE}退回", by=world.people["reviewer"])
    return [draft.id, submitted.id, returned.id, _released(county).id]


def _released(county: County):
    shown = {"body": f"{RELEASED}。", "caution": RELEASED, "measures": RELEASED, "headline": f"{RELEASED}标题"}
    return county.neighbour.signed(**shown)


def _codes(county: County) -> list[str]:
    released = _released(county)
    county.things["cap"] = list(released.releases.values_list("cap_identifier", flat=True))
    return [released.code]


def _contacts(county: County) -> list[str]:
    found = Contact.objects.filter(organisation=county.neighbour.organisation, name__contains=PROBE)
    return [str(one.pk) for one in found]


def _groups(county: County) -> list[str]:
    by = county.neighbour.people["resource_keeper"]
    organisation = county.neighbour.organisation
    return [contacts.create_group(organisation=organisation, name=f"{PROBE}组", by=by).pk]


def _imports(county: County) -> list[str]:
    data = f"name,area,phone\n{PROBE}某,{TOWN},{NUMBER}\n{PROBE}乙,999,12\n".encode()
    by = county.neighbour.people["resource_keeper"]
    organisation = county.neighbour.organisation
    return [contacts.begin_import(organisation=organisation, name=f"{PROBE}.csv", data=data, by=by).pk]


def _exports(county: County) -> list[str]:
    keeper, organisation = county.neighbour.people["resource_keeper"], county.neighbour.organisation
    asked: Any = {"format": "csv", "purpose": f"{PROBE}交接", "wanted": {}}
    return [contacts.ask_export(organisation=organisation, **asked, by=keeper).pk]


def _templates(county: County) -> list[str]:
    words = Wording(headline=f"{PROBE}模板", body=f"{PROBE}正文。", hours=6, reason=f"{PROBE}理由")
    purpose = Purpose(name=f"{PROBE}模板", kind="notice")
    return [templates.create(purpose=purpose, words=words, by=county.neighbour.people["entry"]).pk]


def _attachments(county: County) -> list[str]:
    """The first is beside the first alert, as its address says."""
    by = county.neighbour.people["duty_officer"]
    made = files.attach(
        organisation=county.neighbour.organisation, subject_kind="alert", subject=county.things["alert"][0],
        purpose="approval_scan", name=f"{PROBE}.pdf", data=corpus.pdf(), by=by,
    )  # fmt: skip
    return [made.pk]


def _arrivals(county: County) -> list[str]:
    by = county.neighbour.people["duty_officer"]
    return [relay.take_down(how="phone", text=f"{PROBE}来电。", issuer=f"{PROBE}台", source="page", by=by).pk]


def _accounts(county: County) -> list[str]:
    return [one.pk for one in county.neighbour.people.values()][:2]


def _post_proposals(county: County) -> list[str]:
    clerk = county.neighbour.people["entry"]
    return [accounts.propose_grant(person=clerk.person, post="leader", by=county.upper["system_admin"]).pk]


def _organisations(county: County) -> list[str]:
    return [county.neighbour.organisation.pk]


def _organisation_proposals(county: County) -> list[str]:
    organisation = Organisation.objects.get(pk=county.neighbour.organisation.pk)
    change = {"name": f"{PROBE}新名", "signature": organisation.signature, "profile": organisation.profile}
    by = county.upper["system_admin"]
    return [accounts.propose_change(organisation=organisation, **change, by=by).pk]


# One maker per kind that `rules.DOORS` names; it returns the ids of the neighbour's things of that kind.
MAKERS: dict[str, Callable[[County], list[str]]] = {
    "contact": _contacts,
    "group": _groups,
    "import": _imports,
    "export": _exports,
    "template": _templates,
    "alert": _alerts,
    "attachment": _attachments,
    "arrival": _arrivals,
    "code": _codes,
    "cap": lambda county: county.things["cap"],
    "account": _accounts,
    "post_proposal": _post_proposals,
    "organisation": _organisations,
    "organisation_proposal": _organisation_proposals,
}
