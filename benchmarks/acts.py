"""The acts that are killed at every line of theirs: what each does, and what must be true of the disk afterwards (H1).

Each is brought to the moment before it once; `perform` is the act, in the child that dies; `broken` says which promises the disk
breaks after that, `again` is the person who tries once more. Nothing here kills.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

import fenghuo
from benchmarks import act_feed
from benchmarks.line_trace import Modules
from fenghuo.delivery.ledger import actions as ledger
from fenghuo.delivery.ledger import columns, queries
from fenghuo.delivery.ledger.models import Broadcast, Order
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.process import connector
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, StepUp
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ops import exercise
from fenghuo.ops.commands.demo import lay_out
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.warning.alerts import actions, rules
from fenghuo.warning.alerts import queries as alert_queries
from fenghuo.warning.alerts.models import Alert, Release, Step

PEOPLE = 40
ROOT = Path(fenghuo.__file__).parent
FAULTY = str(Path(__file__).with_name("act_faults.py"))
WEB = Modules(
    ours=tuple(
        str(ROOT / part) for part in ("warning/alerts/actions", "delivery/ledger", "ground/journal", "ground/accounts")
    ),
    not_ours=("columns.py", "models.py", "factors.py", "passwords.py"),
    faulty=FAULTY,
)
FOLD = Modules(
    ours=tuple(
        str(ROOT / "delivery" / part)
        for part in ("ledger/actions", "ledger/store", "sender/desk/desk.py", "sender/desk/durable.py")
    ),
    faulty=FAULTY,
)
Say = Callable[[], None]


@dataclass
class Act:
    """One verb on one alert. `said` in `broken`: whether the person had been told that it was done."""

    verb: str
    modules: Modules = WEB
    count: int = PEOPLE
    alert: str = ""
    people: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """A town, its people, and an alert brought to the moment before the act."""
        organisation = lay_out(with_roster=False)
        contacts.load_many(organisation=organisation, rows=exercise.crowd(organisation, self.count), by=None)
        found = exercise.people(organisation)
        self.people = {post: account.pk for post, account in found.items()}
        self.alert = actions.draft(content=rules.read(_content(organisation.area_id)), by=found["entry"]).pk

    def person(self, post: str) -> Account:
        return Account.objects.get(pk=self.people[post])

    def now(self) -> Alert:
        return Alert.objects.get(pk=self.alert)

    def renew(self) -> None:
        """What runs out while many are killed one after the other begins anew."""

    def perform(self, say: Say) -> None:
        """The act; `say` is the answer that the person gets."""
        raise NotImplementedError

    def done(self) -> bool:
        """Whether the disk says that the act was done."""
        return Step.objects.filter(alert=self.alert, verb=self.verb).exists()

    def traces(self) -> dict[str, bool]:
        """Everything that one transaction writes: all of it or nothing (L1)."""
        return {
            "step": self.done(),
            "journal": JournalEntry.objects.filter(act=f"alert.{self.verb}", subject=self.alert).count() == 1,
        }

    def broken(self, said: bool) -> list[str]:
        """The promises that the disk does not keep."""
        traces = self.traces()
        wrong = [f"not all or nothing: {traces}"] if len(set(traces.values())) > 1 else []
        if said and not self.done():
            wrong.append("it was said to be done and is not")
        if not journal.verify().ok:
            wrong.append("the journal is not whole")
        return wrong + act_feed.differences()

    def again(self) -> None:
        """The person sees that it was not done, and does it."""
        if not self.done():
            self.perform(lambda: None)


class Submit(Act):
    """F1: the audience in the ledger, each once, and only then does the alert name it."""

    def perform(self, say: Say) -> None:
        alert = self.now()
        actions.submit(alert=alert, version=alert.version, by=self.person("entry"))
        say()

    def traces(self) -> dict[str, bool]:
        alert = self.now()
        return {**super().traces(), "state": alert.state == "submitted", "frozen": bool(alert.frozen)}

    def broken(self, said: bool) -> list[str]:
        wrong = super().broken(said)
        for row in Broadcast.objects.exclude(audience_sha256=""):
            wrong += self._audience(row.id, row.audience_sha256)
        alert = self.now()
        if alert.broadcast and not Broadcast.objects.filter(id=alert.broadcast).exclude(audience_sha256="").exists():
            wrong.append("the alert names an audience that is not there")
        return wrong

    def _audience(self, broadcast: str, sha256: str) -> list[str]:
        times = Counter(row.address for row in queries.export(broadcast))
        expected = {exercise.FIRST_NUMBER + k for k in range(self.count)}
        wrong = [f"{len(expected - set(times))} missing"] if expected - set(times) else []
        wrong += (
            [f"{sum(times.values()) - self.count} strangers or doubles"] if sum(times.values()) > self.count else []
        )
        return wrong + (
            ["the audience is not its hash"] if queries.audience_hash(broadcast) != (sha256, self.count) else []
        )


class FanOut(Submit):
    """F1 as it is worded: killed at row k of N. A block is one recipient here, so that the fan-out has as many rows as people."""

    def prepare(self) -> None:
        columns.BLOCK = 1
        super().prepare()


class Sign(Act):
    """S4, L1: state, release, order, journal and the used factor in one transaction; what was said to be signed is signed."""

    factor: str = ""

    def prepare(self) -> None:
        super().prepare()
        alert = actions.submit(alert=self.now(), version=1, by=self.person("entry"))
        actions.review(alert=alert, digest=alert.digest, by=self.person("reviewer"))
        actions.approve(alert=self.now(), digest=alert.digest, by=self.person("leader"))
        codes = accounts.print_codes(account=self.person("signer"))
        self.factor = accounts.step_up(account=self.person("signer"), digest=alert.digest, code=codes[0]).pk

    def renew(self) -> None:
        StepUp.objects.filter(pk=self.factor).update(expires_at=clock.now() + timedelta(minutes=5))

    def perform(self, say: Say) -> None:
        alert, proof = self.now(), StepUp.objects.get(pk=self.factor)
        actions.sign(alert=alert, digest=alert.digest, step_up=proof, people=self.count, by=self.person("signer"))
        say()

    def traces(self) -> dict[str, bool]:
        alert = self.now()
        return {
            **super().traces(),
            "state": alert.state == "signed",
            "signer": alert.signer_person_id is not None,
            "release": Release.objects.filter(alert=alert, kind="release").count() == 1,
            "order": Order.objects.filter(kind="release").count() == 1,
            "factor": StepUp.objects.get(pk=self.factor).used_at is not None,
        }


class Recall(Sign):
    """C1 on the web's side: recall and correction, their orders and their lines in the journal, all or nothing."""

    def prepare(self) -> None:
        super().prepare()
        Sign.perform(self, lambda: None)

    def perform(self, say: Say) -> None:
        actions.recall(alert=self.now(), reason="演练", correct=True, by=self.person("signer"))
        say()

    def traces(self) -> dict[str, bool]:
        kinds = Counter(Release.objects.filter(alert=self.alert).values_list("kind", flat=True))
        orders = Counter(Order.objects.values_list("kind", flat=True))
        corrected = JournalEntry.objects.filter(act="alert.correct", subject=self.alert).count() == 1
        return {
            **Act.traces(self),
            "releases": kinds["recall"] == 1 == kinds["correct"],
            "orders": orders["recall"] == 1 == orders["correct"],
            "correction in the journal": corrected,
        }


class Lift(Sign):
    """P1, W8: a lift takes the place of what it lifts in the moment in which it is signed, for the public as well."""

    def prepare(self) -> None:
        super().prepare()
        Sign.perform(self, lambda: None)
        entry = self.person("entry")
        draft = actions.follow_up(alert=self.now(), relation="lift", by=entry)
        now, content = clock.now(), alert_queries.content_of(draft)
        assert content.origin is not None
        came = {
            "text": content.body,
            "issued_at": now - timedelta(minutes=2),
            "received_at": now - timedelta(minutes=1),
        }
        values = {**content.model_dump(), "origin": {**content.origin.model_dump(), **came}}
        draft = actions.edit(alert=draft, version=draft.version, content=rules.read(values), by=entry)
        alert = actions.submit(alert=draft, version=draft.version, by=entry)
        self.alert = alert.pk
        actions.review(alert=alert, digest=alert.digest, by=self.person("reviewer"))
        actions.approve(alert=self.now(), digest=alert.digest, by=self.person("leader"))
        codes = accounts.print_codes(account=self.person("signer"))
        self.factor = accounts.step_up(account=self.person("signer"), digest=alert.digest, code=codes[0]).pk

    def traces(self) -> dict[str, bool]:
        before = Alert.objects.get(pk=self.now().follows_id)
        orders = Counter(Order.objects.values_list("kind", flat=True))
        return {
            **super().traces(),
            "order": orders["release"] == 2,
            "supersedes": orders["supersede"] == 1,
            "taken": before.superseded_by_id == self.alert,
        }


class Unfolding(Desk):
    """Leaves the tape as it is."""

    def commit(self, *, idle: bool = False) -> None:
        super().commit()

    @property
    def unfolded(self) -> bool:
        return False


class Fold(Sign):
    """The fold: the recipients' states on disk are the same before, in the middle, and afterwards."""

    expected: tuple[Any, ...] = ()
    desk: type[Desk] = Desk

    def prepare(self) -> None:
        super().prepare()
        Sign.perform(self, lambda: None)
        stop = threading.Event()

        def all_final(desk: Desk) -> bool:
            return any(sheet.n(1, 9) == self.count for sheet in desk.book.sheets.values())

        _keeper(Unfolding, stop, all_final).run()
        self.expected = self._states()
        assert Counter(row.state for row in self.expected)["delivered"], "the harness needs receipts to fold"

    def _states(self) -> tuple[Any, ...]:
        return tuple(queries.export(self.now().broadcast or ""))

    def perform(self, say: Say) -> None:
        (gateway,) = settings.FENGHUO.gateway
        fence = ledger.take_lease(gateway.name, gateway.protocol, holder="harness", dead="", lease_ms=60_000)
        desk = self.desk(gateway, mode="exercise", accounts=[gateway.name], timing=Timing(), fence=fence or 0)
        desk.commit(idle=True)
        say()

    def done(self) -> bool:
        return not _tape()

    def broken(self, said: bool) -> list[str]:
        wrong = [] if self._states() == self.expected else ["states differ from those of a run that nobody killed"]
        return wrong + (["it was said to be folded and is not"] if said and not self.done() else [])


def _tape() -> int:
    with connections["ledger"].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM delivery_entry")
        return int(cursor.fetchone()[0])


def _keeper(desk: type[Desk], stop: threading.Event, until: Callable[[Desk], bool]) -> Keeper:
    timing = Timing(tick=0.005, look_again=0.02, good_bye=0.05)
    (gateway,) = settings.FENGHUO.gateway
    opener = connector(gateway, mode="exercise", data=settings.DATA, timing=timing)
    return Keeper(
        gateway, opener, mode="exercise", accounts=[gateway.name], timing=timing, stop=stop, until=until, desk=desk
    )


def _content(area: str) -> dict[str, Any]:
    now = clock.now()
    words = "预计今天夜间我镇将出现50毫米以上降雨，低洼地带注意积水，请减少外出。"
    return {
        "kind": "warning", "category": "natural", "level": 3, "event": "11B03", "headline": "暴雨黄色预警", "body": words,
        "caution": words, "measures": words, "issuer": "蓟州区气象台", "starts_at": now.isoformat(), "areas": [area],
        "expires_at": (now + timedelta(hours=12)).isoformat(), "audience": {"groups": [], "areas": [area]},
        "origin": {
            "issuer": "蓟州区气象台", "issued_at": (now - timedelta(minutes=20)).isoformat(), "how": "fax", "text": words,
            "received_at": (now - timedelta(minutes=5)).isoformat(), "reference": "1",
        },
    }  # fmt: skip


ACTS: dict[str, Callable[[], Act]] = {
    "submit": lambda: Submit("submit"),
    "fan_out": lambda: FanOut("submit"),
    "sign": lambda: Sign("sign"),
    "recall": lambda: Recall("recall"),
    "lift": lambda: Lift("sign"),
    "fold": lambda: Fold("fold", FOLD),
}
