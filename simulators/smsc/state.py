"""What all connections of one SMS centre share."""

import random
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from simulators.smsc.desk import RESULTS, Desk, Figures
from simulators.smsc.fate import Fate
from simulators.smsc.ids import Ids
from simulators.smsc.plan import Plan
from simulators.smsc.record import Record

LOCAL: Final = timezone(timedelta(hours=8))  # a gateway in China writes China's time


class State:
    """The plan in force, the accounts, the record and the counters."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.fate = Fate(plan)
        self.record = Record()
        self.figures = Figures()
        self.ids = Ids(plan.gateway)
        self.random = random.Random(plan.seed)
        self.desks = {account.sp_id: Desk(account, RESULTS[plan.protocol]) for account in plan.accounts}
        self.bad = frozenset(number.encode("latin-1") for number in plan.bad_numbers)

    def change(self, settings: Mapping[str, Any]) -> None:
        """Puts changed settings in force for what comes from now on; ValueError for one that cannot be."""
        plan = Plan.of(settings, self.plan)
        for account in plan.accounts:
            self.desks.setdefault(account.sp_id, Desk(account, RESULTS[plan.protocol])).account = account
        self.plan, self.fate = plan, Fate(plan)
        self.bad = frozenset(number.encode("latin-1") for number in plan.bad_numbers)

    def moment(self) -> datetime:
        """The centre's local time."""
        return datetime.now(LOCAL)

    def delay(self, span: tuple[float, float]) -> float:
        """Seconds within a span."""
        low, high = span
        return low if low == high else self.random.uniform(low, high)

    def summary(self) -> dict[str, Any]:
        """The counters as JSON-like values; numbers count once for each SUBMIT they were in."""
        told: dict[str, Any] = {}
        for item in fields(self.figures):
            value = getattr(self.figures, item.name)
            told[item.name] = {str(key): count for key, count in value.items()} if isinstance(value, dict) else value
        told["recipients"] = self.record.recipients
        told["reports_waiting"] = sum(desk.outbox.waiting for desk in self.desks.values())
        told["lines"] = sum(desk.lines for desk in self.desks.values())
        return told
