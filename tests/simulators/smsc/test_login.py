"""Who is let in, and how the others are told."""

from dataclasses import replace

import pytest

from fenghuo.wire import cmpp
from simulators.smsc import Account, Centre, Plan
from tests.simulators.smsc.sp import Sp, with_centre

V40 = replace(cmpp.V30, version=0x40)


@pytest.mark.parametrize(
    ("plan", "asked", "status"),
    [
        (Plan(), {"secret": "wrong"}, 3),
        (Plan(), {"sp_id": "nobody"}, 2),
        (Plan(), {"layout": V40}, 4),
        (Plan(versions=(0x30,)), {"layout": cmpp.V20}, 4),
        (Plan(login_status=5), {}, 5),
        (Plan(login_status=1), {}, 1),
    ],
)
def test_a_login_that_cannot_be_is_refused_with_its_status(plan, asked, status):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, **asked)
        assert sp.events == [cmpp.Closed("refused", status=status)]
        await sp.until(lambda: sp.gone)
        assert centre.summary()["logins_refused"] == {str(status): 1}

    with_centre(plan, check)


@pytest.mark.parametrize("layout", [cmpp.V30, cmpp.V20], ids=["3.0", "2.0"])
def test_both_versions_log_in_and_prove_each_other(layout):
    async def check(centre: Centre) -> None:
        sp = await Sp.to(centre.port, layout=layout)
        assert sp.events == [cmpp.Bound(layout.version, True)]

    with_centre(None, check)


def test_a_false_proof_is_seen():
    async def check(centre: Centre) -> None:
        assert (await Sp.to(centre.port)).events == [cmpp.Bound(0x30, False)]

    with_centre(Plan(false_proof=True), check)


def test_an_account_has_so_many_connections():
    async def check(centre: Centre) -> None:
        first = await Sp.to(centre.port)
        second = await Sp.to(centre.port)
        third = await Sp.to(centre.port)
        assert first.session.state == second.session.state == "bound"
        assert third.events == [cmpp.Closed("refused", status=5)]
        first.transport.abort()
        await first.until(lambda: centre.summary()["lines"] == 1)
        assert (await Sp.to(centre.port)).session.state == "bound"

    with_centre(Plan(accounts=(Account(connections=2),)), check)


def test_several_accounts_live_side_by_side():
    async def check(centre: Centre) -> None:
        one = await Sp.to(centre.port, "a", "100001")
        two = await Sp.to(centre.port, "b", "100002")
        one.submit(["10000000001"])
        two.submit(["10000000002"])
        assert [report.destination for report in await one.reported(1)] == ["10000000001"]
        assert [report.destination for report in await two.reported(1)] == ["10000000002"]

    with_centre(Plan(accounts=(Account("100001", "a"), Account("100002", "b"))), check)
