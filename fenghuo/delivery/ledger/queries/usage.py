"""What the accounts do: used against contracted, waiting, this month against the quota, and what the link tests found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from fenghuo.delivery.gateways.config import Gateway, serving
from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.queries.times import day_of, moment, this_minute, this_month
from fenghuo.delivery.ledger.states import AGAIN, UNSENT
from fenghuo.delivery.ledger.values import Used
from fenghuo.ground import clock

HOUR = 60
NIGHTS = 31
LEAVING = (UNSENT, AGAIN)  # what still has to leave


@dataclass(frozen=True)
class Waiting:
    """What still has to leave of one lane (0 correction, 1 red … 4 blue, 5 notice); `seconds` until its last one has left."""

    lane: int
    recipients: int
    messages: int
    seconds: float


@dataclass(frozen=True)
class Test:
    """One night's test of the link, without an SMS: `kind` heartbeat or login, `ms` until the answer came."""

    account: str
    day: int  # 20260701
    at: datetime
    kind: str
    ok: bool
    ms: int
    error: str


@dataclass(frozen=True)
class Gauge:
    """One account's meters. Utilisations are of the contracted rate while something waited to leave; None: nothing did.

    `minutes`: messages of each of the last 60 minutes, the oldest first. `answer_ms`: the mean of the last hour.
    """

    account: str
    rate: int
    quota: int = 0  # messages a month; 0: none agreed
    host: str = ""
    fence: int = 0
    lease_seconds: float = 0.0  # how long the lease still runs; not above 0: nobody holds it
    now: float | None = None
    hour: float | None = None
    minutes: tuple[int, ...] = ()
    messages_hour: int = 0
    throttled_hour: int = 0
    refused_hour: int = 0
    answer_ms: int | None = None
    month: int = 0  # messages this month
    recipients_month: int = 0
    throttled_month: int = 0
    refused_month: int = 0
    waiting: tuple[Waiting, ...] = ()
    tests: tuple[Test, ...] = field(default=())

    @property
    def backlog(self) -> int:
        """Messages that still have to leave."""
        return sum(one.messages for one in self.waiting)

    @property
    def left(self) -> int | None:
        """What the quota leaves after what was sent and what is on its way; below 0 once it is exceeded. None without a quota."""
        return self.quota - self.month - self.backlog if self.quota else None


@dataclass(frozen=True)
class Share:
    """What one release costs one account that has a quota: messages used this month, waiting, and needed by this release."""

    account: str
    quota: int
    used: int
    waiting: int
    needs: int

    @property
    def left(self) -> int:
        """What is left before this release; below 0 once the quota is exceeded."""
        return self.quota - self.used - self.waiting

    @property
    def exceeded(self) -> bool:
        """Whether this release is more than what is left."""
        return self.needs > self.left


def gauges() -> list[Gauge]:
    """The meters of every account of this data folder's mode, in as many queries whatever their number."""
    accounts = serving(settings.FENGHUO.gateway, settings.FENGHUO.mode)
    since = this_minute() - HOUR + 1
    hour: dict[str, dict[int, Used]] = {}
    for name, minute, used in store.minutes(since):
        hour.setdefault(name, {})[minute] = used
    holders = {row[0]: row[1:] for row in store.holders()}
    months, waiting, tests = store.months(this_month()), store.backlog(LEAVING), link_tests()
    return [
        _gauge(
            one,
            hour.get(one.name, {}),
            since,
            holders.get(one.name, ("", 0, 0, 0, 0)),
            months.get(one.name, (0, 0, 0, 0)),
            [row[1:] for row in waiting if row[0] == one.name],
            tuple(test for test in tests if test.account == one.name),
        )
        for one in accounts
    ]


def _gauge(
    gateway: Gateway,
    minutes: Mapping[int, Used],
    since: int,
    holder: Sequence[object],
    month: tuple[int, int, int, int],
    waiting: Sequence[tuple[int, int, int]],
    tests: tuple[Test, ...],
) -> Gauge:
    host, fence, lease_ms, sent, busy_ms = holder
    used = list(minutes.values())
    answers = sum(one.answers for one in used)
    running = int(str(lease_ms)) > 0
    return Gauge(
        account=gateway.name,
        rate=gateway.rate,
        quota=gateway.quota_per_month,
        host=str(host) if running else "",
        fence=int(str(fence)),
        lease_seconds=int(str(lease_ms)) / 1000,
        now=_share(int(str(sent)), int(str(busy_ms)), gateway.rate) if running else None,
        hour=_share(sum(one.messages for one in used), sum(one.busy_ms for one in used), gateway.rate),
        minutes=tuple(minutes.get(since + at, Used()).messages for at in range(HOUR)),
        messages_hour=sum(one.messages for one in used),
        throttled_hour=sum(one.throttled for one in used),
        refused_hour=sum(one.refused for one in used),
        answer_ms=round(sum(one.answered_ms for one in used) / answers) if answers else None,
        month=month[0],
        recipients_month=month[1],
        throttled_month=month[2],
        refused_month=month[3],
        waiting=_waiting(waiting, gateway.rate),
        tests=tests,
    )


def _share(messages: int, busy_ms: int, rate: int) -> float | None:
    """Of the contracted rate; less than half a second of work says nothing about it."""
    return min(1.0, messages * 1000 / (busy_ms * rate)) if busy_ms >= 500 else None


def _waiting(rows: Sequence[tuple[int, int, int]], rate: int) -> tuple[Waiting, ...]:
    """Lanes in their order: whatever stands before leaves first, but for the one submit in eight."""
    found, before = list[Waiting](), 0
    for lane, recipients, messages in rows:
        before += messages
        found.append(Waiting(lane, recipients, messages, before / rate))
    return tuple(found)


def quota_shares(broadcast: str) -> list[Share]:
    """What releasing this would cost each of its accounts that has a quota; three queries, none where no account has one."""
    quotas = {
        one.name: one.quota_per_month
        for one in serving(settings.FENGHUO.gateway, settings.FENGHUO.mode)
        if one.quota_per_month
    }
    if not quotas or not broadcast:
        return []
    needed = [(name, needs) for name, needs in store.shares(broadcast) if name in quotas]
    months = store.months(this_month())
    waiting: dict[str, int] = {}
    for name, _lane, _recipients, messages in store.backlog(LEAVING):
        waiting[name] = waiting.get(name, 0) + messages
    return [
        Share(name, quotas[name], months.get(name, (0, 0, 0, 0))[0], waiting.get(name, 0), needs)
        for name, needs in needed
    ]


def link_tests(nights: int = NIGHTS) -> list[Test]:
    """Every account's tests of the last nights, the newest first."""
    since = day_of(timezone.localtime(clock.now()) - timedelta(days=nights))
    return [
        Test(account, day, moment(at) or datetime.fromtimestamp(0, UTC), kind, bool(ok), ms, error)
        for account, day, at, kind, ok, ms, error in store.link_tests(since)
    ]


def last_link_test(account: str) -> int:
    """The newest night an account was tested in, 20260701; 0 for never."""
    return store.last_link_test(account)


def known_since(account: str) -> datetime | None:
    """Since when there is anything to know of an account's use; None where there is nothing."""
    first = store.first_minute(account)
    return None if first is None else datetime.fromtimestamp(first * 60, UTC)
