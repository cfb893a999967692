"""A small town at work: people at every post, contacts, and alerts brought to any step through the house's own actions."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from django.test import Client

from fenghuo.delivery.ledger import columns, store
from fenghuo.delivery.ledger.actions.obey import obey
from fenghuo.delivery.ledger.models import Block, Broadcast
from fenghuo.delivery.ledger.states import NAMES, UNSENT
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.models import Group
from fenghuo.readiness.contacts.rules import Row
from fenghuo.warning.alerts import actions, rules
from fenghuo.warning.alerts.models import Alert
from fenghuo.web.accounts.middleware import KEY
from tests.makers import areas

TOWN = "120119111"
FIRST_NUMBER = 10_000_000_000
POSTS = {
    "entry": "录入员",
    "reviewer": "审核员",
    "signer": "签发员",
    "leader": "镇长",
    "duty_officer": "值班员",
    "resource_keeper": "资料员",
    "auditor": "审计员",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
}


@dataclass
class World:
    """One organisation with its people, contacts and one group."""

    organisation: Organisation
    people: dict[str, Account]
    group: Group
    secrets: dict[str, str] = field(default_factory=dict)

    def client(self, post: str) -> Client:
        """A browser without JavaScript, signed in as whoever holds the post."""
        client = Client()
        sign_in(client, self.people[post])
        return client

    def content(self, **changed: Any) -> dict[str, Any]:
        """A complete warning."""
        now = clock.now().replace(second=0, microsecond=0)
        villages = list(Area.objects.filter(parent_id=TOWN).values_list("code", flat=True)[:2])
        return {
            "kind": "warning",
            "category": "natural",
            "level": 3,
            "event": "11B03",
            "headline": "下仓镇暴雨黄色预警",
            "body": "预计今天夜间我镇将出现50毫米以上降雨，低洼地带注意积水，请减少外出。",
            "caution": "低洼路段可能积水，河道水位上涨。",
            "measures": "减少外出，远离河道，检查门窗。",
            "issuer": "蓟州区气象台",
            "starts_at": now,
            "expires_at": now + timedelta(hours=12),
            "areas": [TOWN],
            "audience": {"groups": [self.group.id], "areas": villages},
            "correction": "",
            "origin": {
                "issuer": "蓟州区气象台",
                "issued_at": now - timedelta(minutes=20),
                "received_at": now - timedelta(minutes=5),
                "how": "fax",
                "text": "预计今天夜间下仓镇将出现50毫米以上降雨。",
                "reference": "蓟气预〔2026〕12号",
            },
        } | changed

    def draft(self, **changed: Any) -> Alert:
        """A draft by the entry clerk."""
        return actions.draft(content=rules.read(self.content(**changed)), by=self.people["entry"])

    def submitted(self, **changed: Any) -> Alert:
        """Submitted: the audience is frozen."""
        alert = self.draft(**changed)
        return actions.submit(alert=alert, version=alert.version, by=self.people["entry"])

    def reviewed(self, **changed: Any) -> Alert:
        """Reviewed by the reviewer."""
        alert = self.submitted(**changed)
        actions.review(alert=alert, digest=alert.digest, by=self.people["reviewer"])
        alert.refresh_from_db()
        return alert

    def approved(self, **changed: Any) -> Alert:
        """Approved by the leader; ready to be signed."""
        alert = self.reviewed(**changed)
        actions.approve(alert=alert, digest=alert.digest, by=self.people["leader"])
        alert.refresh_from_db()
        return alert

    def signed(self, **changed: Any) -> Alert:
        """Signed and released."""
        alert = self.approved(**changed)
        signer = self.people["signer"]
        proof = accounts.step_up(account=signer, digest=alert.digest, code=accounts.print_codes(account=signer)[0])
        actions.sign(alert=alert, digest=alert.digest, step_up=proof, people=alert.audience_count, by=signer)
        alert.refresh_from_db()
        return alert


def sign_in(client: Client, account: Account) -> None:
    """As the sign-in page leaves a session behind: Django's, and its line in the list of open sessions."""
    client.force_login(account)
    session = client.session
    session[KEY] = accounts.open_session(account=account, proof=None, place="127.0.0.1", browser="test").pk
    session.save()


def make(*, name: str = "下仓镇", numbers_from: int = 0, contacts_per_village: int = 3) -> World:
    """A town with people at all posts and contacts in every village; one person in the first village has no number."""
    areas.shipped()
    organisation = accounts.create_organisation(area_code=TOWN, name=name, profile="xiacang", by=None)
    suffix = "" if name == "下仓镇" else "2"
    people = {
        post: accounts.enrol_for_exercise(
            organisation=organisation, name=f"{name}{title}", username=f"{post}.one{suffix}", posts=(post,)
        )
        for post, title in POSTS.items()
    }
    group = contacts.create_group(organisation=organisation, name="村级责任人", by=None)
    contacts.add_rule(group=group, position="村级责任人", by=None)
    villages = list(Area.objects.filter(parent_id=TOWN).values_list("code", flat=True))
    rows = [
        Row(
            name=f"村民{index}",
            area=village,
            addresses=() if index == 0 else (FIRST_NUMBER + numbers_from + index,),
            position="村级责任人" if index % contacts_per_village == 1 else "",
        )
        for index, village in enumerate(village for village in villages for _ in range(contacts_per_village))
    ]
    contacts.load_many(organisation=organisation, rows=rows, by=None)
    return World(organisation, people, group)


def moved(broadcast: str | None, after: str, count: int, before: str = "unsent") -> None:
    """What the sender's group commit does to a progress: `count` recipients go from one state to another."""
    codes = {name: code for code, name in NAMES.items()}
    number = Broadcast.objects.values_list("number", flat=True).get(id=broadcast)
    account = _account_of(number)
    now_ms = round(clock.now().timestamp() * 1000)
    store.move_tally(number, account, [(codes[before], -count), (codes[after], count)], now_ms)


def _account_of(number: int) -> str:
    return Block.objects.filter(broadcast_id=number).values_list("account", flat=True)[0]


def obeyed() -> None:
    """The sender has seen every order given so far."""
    now_ms = round(clock.now().timestamp() * 1000)
    obey(store.orders_after(store.control()[0]), mode="exercise", now_ms=now_ms)


def written(correction: str, count: int) -> None:
    """An account has written its part of a correction's audience."""
    row = Broadcast.objects.get(id=correction)
    account = _account_of(Broadcast.objects.values_list("number", flat=True).get(id=row.parent))
    block = columns.pack_recipients(np.arange(count, dtype="u8"), np.arange(count, dtype="u8") + FIRST_NUMBER)
    store.insert_blocks([(row.number, 0, account, count, b"", block)])
    store.move_tally(row.number, account, [(UNSENT, count)], row.released_at or 0)
    Broadcast.objects.filter(id=correction).update(count=count)
