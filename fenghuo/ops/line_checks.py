"""What `fenghuo doctor` says of the gateway accounts: their state, the last link test and the month's quota."""

from collections.abc import Iterator
from functools import partial

from django.conf import settings

from fenghuo.delivery.gateways import words
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.delivery.watch import rules as watch
from fenghuo.ops.finding import Colour, Finding, in_both

TIGHT = 0.9  # of the quota


def accounts() -> Iterator[Finding]:
    """How each account is: red where nothing heals by itself, and where people wait for one that does not work."""
    unreached = ledger.unreached()
    for one in ledger.gateways():
        waiting = unreached.get(one.name, 0)
        hopeless = one.state == "refused" or one.last_error == "no_sender"
        lost = hopeless or (waiting > 0 and not watch.well(one))
        good: Colour = "red" if lost else "green" if one.state == "bound" and not one.last_error else "yellow"
        zh, en = in_both(partial(_said, one))
        zh, en = f"网关 {one.name}：{zh}", f"gateway {one.name}: {en}"
        if waiting and good != "green":
            zh, en = f"{zh}；{waiting} 人还在等", f"{en}; {waiting} people wait"
        yield Finding(f"gateway:{one.name}", good, zh, en)


def _said(one: ledger.GatewayHealth) -> str:
    """How an account is, and why, in the reader's language."""
    return words.state(one.state) + (f" · {words.error(one.last_error)}" if one.last_error else "")


def logins() -> Iterator[Finding]:
    """Accounts with one login between them: the carrier gives a receipt to any connection of it, and so to the wrong account."""
    alike: dict[tuple[str, int, str], list[str]] = {}
    for one in settings.FENGHUO.gateway:
        if one.protocol != "http":
            alike.setdefault((one.host.lower(), one.port, one.source_addr), []).append(one.name)
    for (host, port, login), names in alike.items():
        if len(names) > 1:
            told = f"{host}:{port} {login}"
            zh = f"{'、'.join(names)}：同一登录（{told}），回执可能送到另一账号而认不出；请合并为一个，或请运营商各给一个"
            en = (
                f"{', '.join(names)}: one login ({told}), so a receipt may come to the other account, which does not know it: "
                "make them one account, or ask the carrier for a login each"
            )
            yield Finding(f"login:{names[0]}", "yellow", zh, en)


def line() -> Iterator[Finding]:
    """Nothing of an account that was never tested and has no quota."""
    for one in ledger.gauges():
        if one.tests:
            yield _tested(one.tests[0])
        if one.quota:
            yield _quota(one)


def _tested(test: ledger.Test) -> Finding:
    name, at = f"link_test:{test.account}", test.at.isoformat(timespec="minutes")
    if test.ok:
        zh = f"{test.account}：链路测试正常，{test.ms} 毫秒（{at}）"
        return Finding(name, "green", zh, f"{test.account}: link test passed in {test.ms} ms ({at})")
    zh, en = in_both(partial(words.error, test.error))
    return Finding(
        name, "red", f"{test.account}：链路测试失败：{zh}（{at}）", f"{test.account}: link test failed: {en} ({at})"
    )


def _quota(one: ledger.Gauge) -> Finding:
    taken = one.month + one.backlog
    colour: Colour = "yellow" if taken >= TIGHT * one.quota else "green"
    zh = f"{one.account}：本月已用 {taken} 条，配额 {one.quota} 条"
    return Finding(f"quota:{one.account}", colour, zh, f"{one.account}: {taken} of {one.quota} messages this month")
