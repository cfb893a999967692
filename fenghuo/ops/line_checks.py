"""What `fenghuo doctor` says of the gateway accounts beside their state: the last link test and the month's quota."""

from collections.abc import Iterator

from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ops.finding import Colour, Finding

TIGHT = 0.9  # of the quota


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
    zh = f"{test.account}：链路测试失败：{test.error}（{at}）"
    return Finding(name, "red", zh, f"{test.account}: link test failed: {test.error} ({at})")


def _quota(one: ledger.Gauge) -> Finding:
    taken = one.month + one.backlog
    colour: Colour = "yellow" if taken >= TIGHT * one.quota else "green"
    zh = f"{one.account}：本月已用 {taken} 条，配额 {one.quota} 条"
    return Finding(f"quota:{one.account}", colour, zh, f"{one.account}: {taken} of {one.quota} messages this month")
