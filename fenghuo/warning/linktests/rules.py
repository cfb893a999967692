"""When the monthly test is due, what it says, and who decides whom it goes to."""

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts import rules as rights
from fenghuo.ground.accounts.models import Account
from fenghuo.ground.refusal import Refused
from fenghuo.warning.linktests.models import DutyGroup

MOST = 200  # people of a duty group: a test is not a way to reach the public
LATEST = timedelta(hours=8)  # after the time of day nobody is woken by a test; the next day is soon enough
VALID = timedelta(hours=2)
# The whole text but for prefix and suffix. Nobody types it and nobody can leave the word out (重庆 2021).
WORDS = "（测试）这是短信链路的每月例行测试，不是预警信息，收到后无需采取任何行动。{at}（测试结束）"


def words(at: datetime) -> str:
    """What is sent; `at` is local time."""
    return WORDS.format(at=f"{at.month}月{at.day}日{at.hour}时{at.minute:02d}分。")


def due_month(here: datetime, *, day: int, at: time) -> int | None:
    """The month, 202607, whose test may be sent now; None at a time of day that is none for tests.

    A month that was slept through is caught up with once, in the next: at most one test is ever owed.
    """
    today = datetime.combine(here.date(), at, here.tzinfo)
    if not today <= here < today + LATEST:
        return None
    month = here.date().replace(day=1)
    if here.day < day:
        month = (month - timedelta(days=1)).replace(day=1)
    return month.year * 100 + month.month


def due_on(month: int, *, day: int) -> date:
    """The day on which a month's test is due."""
    return date(month // 100, month % 100, day)


def may_propose(*, account: Account) -> Refused | None:
    """None when the account may propose the duty group: an administrator of who answers for the gateway contracts."""
    return _above(account) or rights.may(account=account, act="gateways_propose")


def may_decide(*, account: Account, proposal: DutyGroup) -> Refused | None:
    """None when the account may approve or reject: another administrator than who proposed."""
    refused = _above(account) or rights.may(account=account, act="gateways_approve")
    if refused is None and proposal.proposed_by_id == account.person_id:
        return Refused("another_person", _("Another person must approve this."), kind="forbidden")
    return refused


def may_end(*, account: Account) -> Refused | None:
    """None when the account may end the tests: either administrator, alone, for less is sent then."""
    refused = may_propose(account=account)
    return refused if refused is None else _above(account) or rights.may(account=account, act="gateways_approve")


def _above(account: Account) -> Refused | None:
    if accounts.above_all(accounts.organisation_of(account)):
        return None
    return Refused(
        "not_above_all",
        _("The gateway accounts belong to the organisation above all others here: its administrators decide this."),
        kind="forbidden",
    )
