"""A town at work: its people at their posts, its contacts, and a warning from above. Real actions throughout."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts import queries as people
from fenghuo.ground.accounts.models import Account, Organisation, StepUp
from fenghuo.ground.areas import queries
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.models import Group
from fenghuo.readiness.contacts.rules import Row
from fenghuo.warning.alerts import actions, rules
from fenghuo.warning.alerts.models import Alert, Release
from tests.makers import areas

TOWN = "120119111"
POSTS = {
    "entry": ("entry",),
    "reviewer": ("reviewer",),
    "signer": ("signer",),
    "leader": ("leader",),
    "duty": ("duty_officer",),
    "both": ("entry", "reviewer", "signer"),
    "admin": ("system_admin",),
    "auditor": ("auditor",),
}


@dataclass
class Town:
    """An organisation with one account per key of POSTS and a group of village contacts."""

    organisation: Organisation
    people: dict[str, Account]
    group: Group

    def __getitem__(self, post: str) -> Account:
        # Fresh, as every request of a browser would load it.
        return Account.objects.get(pk=self.people[post].pk)


def make_town(contacts_count: int = 12, *, code: str = TOWN, name: str = "下仓镇人民政府") -> Town:
    """下仓镇 with its people; every third contact stands higher at risk."""
    areas.shipped()
    organisation = Organisation.objects.create(area_id=code, name=name, profile="xiacang")
    staff = {
        key: accounts.enrol_for_exercise(
            organisation=organisation, name=f"{name}{number}号", username=f"person{number}.{code}", posts=posts
        )
        for number, (key, posts) in enumerate(POSTS.items(), 1)
    }
    villages = list(queries.children(code).values_list("code", flat=True)) or [code]
    rows = (
        Row(f"村级责任人{k}", villages[k % len(villages)], (10_000_000_000 + k,), position="村级责任人", risk=k % 3)
        for k in range(contacts_count)
    )
    contacts.load_many(organisation=organisation, rows=rows, by=None)
    group = contacts.create_group(organisation=organisation, name="村级责任人", by=None)
    contacts.add_rule(group=group, position="村级责任人", by=None)
    return Town(organisation, staff, group)


def warning(town: Town, **changes: Any) -> dict[str, Any]:
    """A complete orange rainstorm warning received from above, as a form would send it."""
    now = clock.now()
    text = "【天津预警发布中心】天津市气象台发布暴雨橙色预警：预计今天夜间我市有暴雨，请注意防范。"
    return {
        "kind": "warning",
        "category": "natural",
        "level": 2,
        "event": "11B03",
        "headline": "天津市气象台发布暴雨橙色预警",
        "body": "天津市气象台发布暴雨橙色预警：预计今天夜间我市有暴雨，请注意防范。",
        "caution": "低洼易涝点、危房、河道两岸",
        "measures": "停止户外活动\n转移危险区域人员",
        "starts_at": (now + timedelta(minutes=30)).isoformat(),
        "expires_at": (now + timedelta(hours=12)).isoformat(),
        "areas": [town.organisation.area_id],
        "audience": {"groups": [town.group.id], "areas": []},
        "origin": {
            "issuer": "天津市气象台",
            "issued_at": (now - timedelta(minutes=5)).isoformat(),
            "received_at": (now - timedelta(minutes=1)).isoformat(),
            "how": "phone",
            "text": text,
        },
        **changes,
    }


def notice(town: Town, **changes: Any) -> dict[str, Any]:
    """The town's own notice."""
    plain = {
        "kind": "notice",
        "category": "",
        "level": None,
        "event": "",
        "origin": None,
        "headline": "停水通知",
        "body": "明日停水。",
    }
    return warning(town, **{**plain, **changes})


def drafted(town: Town, by: str = "entry", **changes: Any) -> Alert:
    return actions.draft(content=rules.read(warning(town, **changes)), by=town[by])


def submitted(town: Town, by: str = "entry", **changes: Any) -> Alert:
    alert = drafted(town, by, **changes)
    return actions.submit(alert=alert, version=alert.version, by=town[by])


def reviewed(town: Town, **changes: Any) -> Alert:
    alert = submitted(town, **changes)
    return actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])


def approved(town: Town, **changes: Any) -> Alert:
    alert = reviewed(town, **changes)
    return actions.approve(alert=alert, digest=alert.digest, by=town["leader"])


def signed(town: Town, **changes: Any) -> Release:
    alert = approved(town, **changes)
    return sign(town, alert)


_codes: dict[str, list[str]] = {}


def proof(account: Account, digest: str) -> StepUp:
    """A second factor shown for this digest: a printed code, fresh ones when they run out."""
    if not people.factors_of(account).codes:
        _codes[account.pk] = list(accounts.print_codes(account=account))
    return accounts.step_up(account=account, digest=digest, code=_codes[account.pk].pop())


def sign(town: Town, alert: Alert, by: str = "signer", **changes: Any) -> Release:
    """Sign as the page does: step-up bound to the digest, the number of people typed."""
    digest = changes.pop("digest", alert.digest)
    step_up = changes.pop("step_up", None) or proof(town[by], digest)
    people = changes.pop("people", alert.audience_count)
    return actions.sign(alert=alert, digest=digest, step_up=step_up, people=people, by=town[by], **changes)
