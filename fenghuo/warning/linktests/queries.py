"""Who receives the monthly test, and how the tests went."""

from dataclasses import dataclass

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.warning.linktests.models import DutyGroup, SmsTest

SHOWN = 12


@dataclass(frozen=True)
class Sent:
    """One monthly test with its receipts; `progress` None where nothing was sent."""

    test: SmsTest
    progress: ledger.Progress | None


def chosen() -> DutyGroup | None:
    """The duty group in force on this installation; None where no test is sent."""
    newest = (
        DutyGroup.objects.filter(decision="approved").select_related("organisation").order_by("-decided_at").first()
    )
    return newest if newest is not None and newest.group else None


def proposed(organisation: Organisation) -> DutyGroup | None:
    """What waits for the other administrator."""
    return DutyGroup.objects.filter(organisation=organisation, decision="").select_related("proposed_by").first()


def proposal(organisation: Organisation, id: str) -> DutyGroup | None:
    """An open proposal of this organisation; None where it is not open any more."""
    return (
        DutyGroup.objects.filter(organisation=organisation, decision="", pk=id).first() if accounts.is_id(id) else None
    )


def sms_tests(organisation: Organisation) -> list[Sent]:
    """The last tests, the newest first, in two reads."""
    tests = list(SmsTest.objects.filter(organisation=organisation).order_by("-month")[:SHOWN])
    found = ledger.progress([one.broadcast for one in tests if one.broadcast])
    return [Sent(one, found.get(one.broadcast)) for one in tests]
