"""Alerts lifted while they are half sent, over two gateway accounts whose sender is killed: who got which, and in what order.

`rounds N SEED [FAULT]` prints one line of JSON; `serve PORT FAULT` is the sender it kills. Started through `benchmarks.house`.
FAULT plants a sender that is wrong: `everyone` drops nobody, `hasty` does not wait until the alert has come to rest.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from fenghuo.delivery.gateways.cmpp import Cmpp
from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.gateways.timers import Timers
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.lanes import Queue
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock
from fenghuo.ground.ids import new_id
from simulators.smsc import Plan, running
from tests.delivery.makers import CORRECTION, TEXT, freeze, gateway

ROOT = Path(__file__).resolve().parents[2]
UPDATE = "【下仓镇】（演练）雨势减弱，转移的群众暂不返回。（演练结束）【蓟州区下仓镇】"
LIFT = "【下仓镇】（演练）此前发布的预警现予解除。（演练结束）【蓟州区下仓镇】"
PEOPLE, STEP = 2_400, 10_000
FIRST = 10_012_300_000
SECONDS = 60.0
TIMING = Timing(
    lease=5.0, lease_margin=0.2, backoff=(0.02,), throttle=(0.01, 0.02), look_again=0.02, health=0.2, orders=0.02,
    timers=Timers(idle=2.0, answer=1.0, tries=2), waits={"urgent": 0.3},
)  # fmt: skip
# Every seventh submit is throttled: what is on the line when the lift is signed may turn out never to have been told.
PLAN = Plan(response_delay=(0.0, 0.03), results=dict.fromkeys(range(5, 80_000, 7), 8))


class Everyone(Desk):
    """Wrong: tells everybody in the audience of the alert, told or not."""

    def _begin_lifts(self, now: float) -> None:
        for number in sorted(self._unlifted):
            self._unlifted.discard(number)
            self.lanes.queues[number] = Queue(self.book.jobs[number], self.book.sheets[number])


class Hasty(Desk):
    """Wrong: looks who was told while some of it is still on the line."""

    def _begin_lifts(self, now: float) -> None:
        for number in sorted(self._unlifted):
            self.commit()
            actions.drop_untold(self.book, number, self.now())
            self._unlifted.discard(number)
            self.lanes.queues[number] = Queue(self.book.jobs[number], self.book.sheets[number])
        self.commit()


DESKS: dict[str, type[Desk]] = {"": Desk, "everyone": Everyone, "hasty": Hasty}


def accounts(port: int) -> list[CmppGateway]:
    return [gateway(name, port=port, source_addr="900001", batch=5, window=8, rate=rate)
            for name, rate in (("one", 2_000), ("two", 2_000))]  # fmt: skip


def serve(port: int, fault: str) -> None:
    gates, stop = accounts(port), threading.Event()

    def keep(gate: CmppGateway) -> None:
        Keeper(
            gate,
            lambda now: Cmpp(gate, b"exercise", TIMING.timers, now),
            mode="exercise",
            accounts=[one.name for one in gates],
            timing=TIMING,
            stop=stop,
            desk=DESKS[fault],
        ).run()

    threads = [threading.Thread(target=keep, args=(gate,)) for gate in gates]
    parent = os.getppid()
    for thread in threads:
        thread.start()
    while os.getppid() == parent:  # whoever started this may be gone without a word
        time.sleep(0.2)
    stop.set()


def ordered(kind: str, broadcast: str) -> None:
    with transaction.atomic(using="default"):
        actions.order(kind=kind, broadcast=broadcast, by={"harness": True})


def lifted(broadcasts: list[str]) -> actions.Frozen:
    return actions.freeze(
        broadcast=new_id(), mode="exercise", lane=1, text=LIFT, correction=CORRECTION, src_id="12379",
        expires_at=clock.now() + timedelta(hours=6), policy="urgent", lifts=broadcasts,
    )  # fmt: skip


def until(condition: Callable[[], bool]) -> bool:
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > SECONDS:
            return False
        time.sleep(0.005)
    return True


def over(broadcast: str) -> bool:
    now = queries.progress([broadcast])[broadcast]
    return now.released and now.unsent + now.intended == 0


class Sender:
    """The process that is killed and started again."""

    def __init__(self, folder: str, port: int, fault: str) -> None:
        self._command = [sys.executable, "-m", "benchmarks.house", folder, "tests.delivery.lifting", "serve", str(port)]
        self._command.append(fault)
        self.process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, cwd=ROOT)

    def killed(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def again(self) -> None:
        self.process = self._started()


def one_round(number: int, chance: random.Random, sender: Sender, centre: Any, kill: bool) -> dict[str, int]:
    """Release, in every other round update, lift at some moment, kill at another; what the centre's record says of everybody."""
    people = [FIRST + number * STEP + i for i in range(PEOPLE)]
    found = True
    alerts = [freeze(people)]
    ordered("release", alerts[0].broadcast)
    if number % 2:
        found = handed_out(centre, chance.randint(1, PEOPLE // 2))
        settings.FENGHUO.gateway.reverse()  # whoever was told by one account is told of the update by the other
        alerts.insert(0, freeze(people, text=UPDATE))
        settings.FENGHUO.gateway.reverse()
        ordered("supersede", alerts[1].broadcast)
        ordered("release", alerts[0].broadcast)
    lift = lifted([one.broadcast for one in alerts])
    found = handed_out(centre, chance.randint(1, PEOPLE - 900)) and found
    if kill and chance.random() < 0.5:
        sender.killed()
    ordered("supersede", alerts[0].broadcast)
    ordered("release", lift.broadcast)
    if kill and sender.process.poll() is None:
        time.sleep(chance.random() * 0.25)
        sender.killed()
    if kill:
        sender.again()
    found = until(lambda: all(over(one.broadcast) for one in (*alerts, lift))) and found
    # Before the record is read: who is in doubt of the lift is sent it once more, at any moment.
    unsure = {row.address for row in queries.export(lift.broadcast) if row.state in ("in_doubt", "failed")}
    doubtful = {row.address for one in alerts for row in queries.export(one.broadcast) if row.doubts}
    rows = centre.call(lambda one: [(int(row.number), row.text) for row in one.record.rows()])
    told, lifts = last_seen(rows, (TEXT, UPDATE)), first_seen(rows, LIFT)
    mine = set(people)
    return {
        "stuck": not found,
        "told": len(mine & set(told)),
        "lifted": len(mine & set(lifts)),
        "dropped": queries.progress([lift.broadcast])[lift.broadcast].stopped,
        # Those in doubt may have been told although the centre saw nothing of them, and a lift harms nobody.
        "without": len((mine & set(lifts)) - set(told) - doubtful),
        "before": sum(told[one] > lifts[one] for one in (mine & set(lifts) & set(told)) - doubtful),
        # Bytes of a sender that was killed: on a line that is gone, so nobody can know where they are.
        "before_in_doubt": sum(told[one] > lifts[one] for one in mine & set(lifts) & set(told) & doubtful),
        "left_out": len((mine & set(told)) - set(lifts) - unsure),
    }


def handed_out(centre: Any, n: int) -> bool:
    """Wait until the centre has taken so many more."""
    before = centre.call(lambda one: one.record.recipients)
    return until(lambda: centre.call(lambda one: one.record.recipients) - before >= n)


def last_seen(rows: list[tuple[int, str]], texts: tuple[str, ...]) -> dict[int, int]:
    return {number: at for at, (number, said) in enumerate(rows) if said in texts}


def first_seen(rows: list[tuple[int, str]], text: str) -> dict[int, int]:
    seen: dict[int, int] = {}
    for at, (number, said) in enumerate(rows):
        if said == text:
            seen.setdefault(number, at)
    return seen


def rounds(count: int, seed: int, fault: str, kill: bool) -> dict[str, int]:
    chance = random.Random(seed)
    total: dict[str, int] = {"rounds": count}
    with running(PLAN) as centre:
        settings.FENGHUO.gateway.extend(accounts(centre.port))
        sender = Sender(os.environ["FENGHUO_DATA"], centre.port, fault)
        try:
            for number in range(count):
                for name, n in one_round(number, chance, sender, centre, kill).items():
                    total[name] = total.get(name, 0) + n
                if fault and total["without"] + total["before"] + total["left_out"]:
                    break  # which round shows a fault depends on the moment: on until one does
        finally:
            sender.killed()
            connections.close_all()
    return total


def main(verb: str, first: str, second: str = "", third: str = "", fourth: str = "kill") -> None:
    if verb == "serve":
        serve(int(first), second)
        return
    print(json.dumps(rounds(int(first), int(second), third, fourth == "kill")))


if __name__ == "__main__":
    main(*sys.argv[1:])
