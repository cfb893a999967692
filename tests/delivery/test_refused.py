"""An account whose files, mode or gateway are not as they must be is refused with a name for the fault; nobody is marked sent."""

import pytest
from django.test import override_settings

from fenghuo.delivery.ledger import queries, store
from fenghuo.delivery.sender.process import connector
from simulators.smsc import Plan, running
from tests.delivery.makers import config, gateway
from tests.delivery.running import QUICK, send_until

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def private(path, said=b"exercise\n"):
    path.write_bytes(said)
    path.chmod(0o600)


def refused_for(gate, data, wanted):
    """Run the account with its files in `data` until it is refused for `wanted`; what the desk then shows."""
    gate, shown = gate.placed(data), list[queries.GatewayHealth]()

    def seen():
        shown[:] = queries.gateways() if store.health()[0][3] == wanted else []
        return bool(shown)

    with override_settings(FENGHUO=config(gate)):
        send_until(gate, seen, connector=connector(gate, mode="exercise", data=data, timing=QUICK))
    assert (shown[0].state, shown[0].last_error) == ("refused", wanted)
    return shown[0]


def test_an_account_of_the_other_mode(tmp_path):
    private(tmp_path / "secret")
    gate = gateway(mode="live").placed(tmp_path)
    open_line = connector(gate, mode="exercise", data=tmp_path, timing=QUICK)
    send_until(gate, lambda: store.health()[0][1:4:2] == ("refused", "mode"), connector=open_line)


@pytest.mark.parametrize(
    ("said", "rights", "wanted"),
    [
        (None, 0, "secret_missing"),
        (b"exercise", 0o644, "secret_rights"),
        (b"exercise", 0o640, "secret_rights"),
        (b" \n", 0o600, "secret_empty"),
        (b"x" * 5000, 0o600, "secret_long"),
    ],
)
def test_a_secret_that_is_not_fit_for_use_and_where_it_lies(tmp_path, said, rights, wanted):
    if said is not None:
        (tmp_path / "secret").write_bytes(said)
        (tmp_path / "secret").chmod(rights)
    assert refused_for(gateway(), tmp_path, wanted).detail == str(tmp_path / "secret")


def test_a_secret_that_has_been_mended_is_taken_without_a_restart(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"exercise\n")
    secret.chmod(0o644)
    with running(Plan()) as centre:
        gate = gateway(port=centre.port, source_addr="900001").placed(tmp_path)

        def bound():
            if store.health()[0][3] == "secret_rights":
                secret.chmod(0o600)
            return store.health()[0][1] == "bound"

        with override_settings(FENGHUO=config(gate)):
            send_until(gate, bound, connector=connector(gate, mode="exercise", data=tmp_path, timing=QUICK))
