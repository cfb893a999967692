"""A gateway that is gone with people in doubt, and comes back to say what became of them, on whichever database the settings name.

Prints one line of JSON that the test compares; started through `benchmarks.house`.
"""

import json

from django.conf import settings
from django.db import connections, transaction

from fenghuo.delivery.ledger import queries
from simulators.smsc import Plan, running
from tests.delivery.makers import freeze, gateway
from tests.delivery.several import accepted, die, keepers, order, rise, told, until

NUMBERS = [10012300000 + i for i in range(300)]


def accounts(well, ill):
    """One that is well, and one that gives away after a second, with a window of twenty people."""
    one = gateway("well", port=well.port, source_addr="900001", rate=1_000)
    two = gateway("ill", port=ill.port, source_addr="900001", batch=5, window=4, failover_after=1)
    return one, two


def released(account):
    """Frozen for this account alone, and signed."""
    settings.FENGHUO.gateway[:] = [account]
    try:
        frozen = freeze(NUMBERS)
    finally:
        settings.FENGHUO.gateway.clear()
    with transaction.atomic(using="default"):
        order("release", frozen)
    return frozen


def fates(frozen):
    """(state, doubts) of everybody, each listed once."""
    rows = list(queries.export(frozen.broadcast))
    assert sorted(row.address for row in rows) == NUMBERS
    return {row.address: (row.state, row.doubts) for row in rows}


def twice(both):
    """Whoever was told more than once."""
    return {number for number, times in both.items() if times > 1}


def gone_and_back():
    """Who was told by whom, who was begun by the gateway that went, and everybody's fate."""
    with running(Plan(lose_reports=1.0)) as well, running(Plan(lose_responses=1.0, report_delay=(1.0, 1.0))) as ill:
        one, two = accounts(well, ill)
        frozen = released(two)
        with keepers([one, two]):
            until(lambda: accepted(ill) >= 10, 60)
            die(ill)
            begun = set(told(ill))
            until(lambda: {state for state, _ in fates(frozen).values()} <= {"accepted", "delivered"}, 60)
            rise(ill)
            until(lambda: all(fates(frozen)[number][0] == "delivered" for number in begun), 60)
        return told(well, ill), fates(frozen)


def main() -> None:
    both, found = gone_and_back()
    print(
        json.dumps(
            {
                "vendor": connections["ledger"].vendor,
                "lost": len(set(NUMBERS) - set(both)),
                "unlisted": len(twice(both) - {number for number, (_, doubts) in found.items() if doubts}),
                "states": sorted({state for state, _ in found.values()}),
            }
        )
    )


if __name__ == "__main__":
    main()
