"""A gateway that is mute or gone beside one that is well, on real lines: nobody waits for it, and what it says later counts."""

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import queries
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway
from tests.delivery.running import settled
from tests.delivery.several import accepted, die, keepers, order, rise, told, until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
NUMBERS = [10012300000 + i for i in range(300)]


def accounts(well, ill):
    one = gateway("well", port=well.port, source_addr="900001", rate=1_000)
    two = gateway("ill", port=ill.port, source_addr="900001", batch=5, window=4, failover_after=1)
    return one, two


def once_more(frozen):
    """A person orders it of everybody who waits for one."""
    if any(doubt.next_step == "person" for doubt in queries.in_doubt()):
        order("settle", frozen, all=True, decision="resend")
    return True


def twice(both):
    """Whoever was told more than once."""
    return [number for number, times in both.items() if times > 1]


def fates(frozen):
    """(state, doubts) of everybody, each listed once."""
    rows = list(queries.export(frozen.broadcast))
    assert sorted(row.address for row in rows) == NUMBERS
    return {row.address: (row.state, row.doubts) for row in rows}


def test_nobody_waits_for_a_gateway_that_is_gone_and_what_it_says_when_it_is_back_still_counts() -> None:
    with running(Plan(lose_reports=1.0)) as well, running(Plan(lose_responses=1.0, report_delay=(1.0, 1.0))) as ill:
        one, two = accounts(well, ill)
        with override_settings(FENGHUO=config(two)):
            frozen = freeze(NUMBERS)
        order("release", frozen)
        with keepers([one, two]):
            until(lambda: accepted(ill) >= 10, 60)
            die(ill)
            begun = set(told(ill))
            until(lambda: {state for state, _ in fates(frozen).values()} <= {"accepted", "delivered"}, 60)
            rise(ill)
            until(lambda: all(fates(frozen)[number][0] == "delivered" for number in begun), 60)
        both = told(well, ill)
    found = fates(frozen)
    assert len(both) == len(NUMBERS)
    assert set(twice(both)) <= {one for one, (_, doubts) in found.items() if doubts}
    assert {state for state, _ in found.values()} == {"delivered", "accepted"}


def test_beside_a_gateway_that_takes_the_login_and_is_mute_only_its_probes_wait_for_a_person() -> None:
    with running(Plan()) as well, running(Plan(lose_responses=1.0, lose_reports=1.0)) as ill:
        one, two = accounts(well, ill)
        with override_settings(FENGHUO=config(two)):
            frozen = freeze(NUMBERS)
        order("release", frozen)
        with keepers([one, two]):
            until(lambda: all(state == "delivered" or doubts > 1 for state, doubts in fates(frozen).values()), 60)
            until(lambda: once_more(frozen) and settled(frozen.broadcast)(), 60)
        both = told(well, ill)
    found = fates(frozen)
    assert {state for state, _ in found.values()} == {"delivered"}
    assert set(twice(both)) <= {one for one, (_, doubts) in found.items() if doubts}
    assert len(both) == len(NUMBERS)
