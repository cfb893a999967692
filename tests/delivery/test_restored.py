"""What came back from a backup stays out of the gateways until it is first resumed: the old installation may still be there."""

import pytest
from django.test import override_settings

from fenghuo.delivery.gateways import words
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.ledger.models import LinkTest
from simulators.smsc import Plan, running
from tests.delivery.makers import config, freeze, gateway, smpp_gateway
from tests.delivery.running import send_until, settled
from tests.delivery.several import order
from tests.delivery.test_night import just_before, known

pytestmark = pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
NUMBERS = [10012300000 + i for i in range(20)]
SYSTEM = {"system": True}


def brake(kind, *, organisation="", restored=""):
    """The hand brake; `restored`: as a restore pulls it, at that moment."""
    detail = {"reason": "", "restored": {"restored_at": restored}} if restored else {"reason": "a test"}
    actions.order(kind=kind, broadcast=None, organisation=organisation, by=SYSTEM, detail=detail)


def shown(gate):
    with override_settings(FENGHUO=config(gate)):
        [one] = queries.gateways()
    return one.state, one.last_error


def logins(centre):
    return centre.call(lambda one: one.summary()["logins"])


def looked(gate, wanted, times=5):
    """A condition: it has been shown so, several times one after the other."""
    seen = []

    def condition():
        seen.append(shown(gate))
        return seen[-times:] == [wanted] * times

    return condition


@pytest.mark.parametrize("made", [gateway, smpp_gateway])
def test_it_does_not_log_in_before_it_is_resumed_and_then_it_sends(made):
    frozen = freeze(NUMBERS)
    order("release", frozen)
    brake("pause", restored="2026-07-01")
    with running(Plan(protocol="cmpp" if made is gateway else "smpp")) as centre:
        gate = made(port=centre.port, source_addr="900001")
        send_until(gate, looked(gate, ("paused", "restored")), seconds=60)
        assert logins(centre) == 0
        brake("resume")
        send_until(gate, settled(frozen.broadcast), seconds=60)
        assert logins(centre) > 0
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == len(NUMBERS)


def test_whoever_is_resumed_while_its_sender_runs_logs_in_at_once():
    brake("pause", restored="2026-07-01")
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001")
        resumed: list[float] = []

        def condition():
            if not resumed and shown(gate) == ("paused", "restored"):
                assert logins(centre) == 0
                resumed.append(brake("resume"))
            return shown(gate) == ("bound", "")

        send_until(gate, condition, seconds=60)
        assert logins(centre) == 1


def test_nor_is_a_night_of_the_link_test_a_reason_to_log_in():
    brake("pause", restored="2026-07-01")
    known()
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001")
        send_until(gate, looked(gate, ("paused", "restored"), 20), seconds=60, link_test=just_before())
        assert logins(centre) == 0
    assert not LinkTest.objects.exists()


def test_a_pause_of_a_person_keeps_the_connection():
    brake("pause")
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001")
        send_until(gate, looked(gate, ("paused", "")), seconds=60)
        assert logins(centre) == 1


@pytest.mark.parametrize(
    ("orders", "out"),
    [
        ([("pause", "", "1")], True),
        ([("pause", "", "1"), ("resume", "", "")], False),
        ([("pause", "", "1"), ("pause", "", "")], True),  # a person pulls the brake as well
        ([("pause", "", "1"), ("resume", "a", "")], True),  # nothing leaves by that: everybody's brake is pulled
        ([("pause", "a", "1"), ("pause", "b", "1")], True),
        ([("pause", "a", "1"), ("pause", "b", "1"), ("resume", "b", "")], False),
        ([("pause", "a", "1"), ("pause", "b", "1"), ("resume", "", "")], True),
        ([("pause", "", "1"), ("resume", "", ""), ("pause", "", "")], False),
        ([("pause", "", "1"), ("resume", "", ""), ("pause", "", "2")], True),
        ([("resume", "", ""), ("pause", "", "1")], True),
        ([("pause", "", "")], False),
        ([], False),
    ],
)
def test_what_ends_it_is_the_first_resume_of_what_the_restore_paused(orders, out):
    for kind, organisation, restored in orders:
        brake(kind, organisation=organisation, restored=restored)
    assert queries.kept_out() == out


def test_the_words_say_why_and_what_ends_it():
    assert "restored" in words.ERRORS["restored"]
    assert "resumes" in words.ERRORS["restored"]
