"""What may happen in the random walk of `machine.py`, one operation to a step."""

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import transaction

from benchmarks.machine_gateway import Killed, Report
from benchmarks.machine_oracle import (
    Alert,
    Decision,
    doubted,
    not_taken,
    refused,
    reported,
    taken,
)
from benchmarks.machine_scene import CORRECTION, TEXTS, WAITS, account
from benchmarks.machine_walk import Walk
from fenghuo.delivery.gateways.line import REFUSED, RETRY, TAKEN, Ended, Unanswered
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.models import Broadcast
from fenghuo.delivery.ledger.states import ACCEPTED, AGAIN, IN_DOUBT, INTENDED

EVERY = 60  # steps between two looks at the disk
MOST_ALERTS = 5
FIRST = 10_300_000_000
Operation = Callable[[Walk, str], None]


# --- people ------------------------------------------------------------------------------------------------------------
def order(walk: Walk, kind: str, broadcast: str | None, **detail: Any) -> int:
    """As the web orders it; the order's place in the row."""
    with transaction.atomic(using="default"):
        return actions.order(kind=kind, broadcast=broadcast, by={"harness": True}, detail=detail).seq


def release(walk: Walk, name: str) -> None:
    """A new alert."""
    chance, oracle = walk.chance, walk.oracle
    if sum(not one.parent for one in oracle.alerts.values()) >= MOST_ALERTS:
        return
    walk.first += 20
    base = walk.first if walk.careful else FIRST
    numbers = sorted(
        {prefix + (base + k) % 10**5 for k in range(chance.randint(2, 8)) for prefix in [chance.choice(PREFIXES)]}
    )
    policy, segments = chance.choice(list(WAITS)), chance.choice((1, 1, 2))
    expires = datetime.fromtimestamp(oracle.now // 1000 + chance.randint(40, 300), UTC)
    frozen = actions.freeze(
        broadcast=walk.new_id(), mode="exercise", lane=chance.randint(1, 5), text=TEXTS[segments], correction=CORRECTION,
        src_id="12379", policy=policy, expires_at=expires, contact_ids=array("Q", range(1, len(numbers) + 1)),
        addresses=array("Q", numbers),
    )  # fmt: skip
    row = Broadcast.objects.get(id=frozen.broadcast)
    assert row.segments == segments
    oracle.alerts[row.number] = Alert(
        row.number, row.id, tuple(numbers), segments, WAITS[policy] * 1000, round(expires.timestamp() * 1000)
    )
    order(walk, "release", row.id)


PREFIXES = (10_300_000_000, 10_310_000_000, 10_390_000_000)


def recall(walk: Walk, name: str) -> None:
    """Somebody recalls an alert, mostly with its correction."""
    open_ = [one for one in walk.oracle.alerts.values() if not one.parent and not one.recalled]
    if walk.careful:  # one that a sender has let go of already
        open_ = [one for one in open_ if all(walk.place.get((one.number, n, 0)) for n in one.numbers)]
    if not open_:
        return
    alert = walk.chance.choice(open_)
    kinds = ["recall", "correct"] if walk.chance.random() < 0.7 else [walk.chance.choice(["recall", "supersede"])]
    for kind in kinds:
        alert.ordered = order(
            walk, kind, alert.id, **({"expires_at": walk.oracle.now + 200_000} if kind == "correct" else {})
        )
    alert.recalled = True


def settle(walk: Walk, name: str) -> None:
    """Somebody decides on some of those in doubt, as pages show them: on disk."""
    oracle = walk.oracle
    doubtful = [
        cell
        for cell, state in oracle.cells.items()
        if state[0] == IN_DOUBT and walk.shown(walk.place.get(cell, ""), cell) == IN_DOUBT
    ]
    if not doubtful:
        return
    broadcast = walk.chance.choice(doubtful)[0]
    numbers = frozenset(cell[1] for cell in doubtful if cell[0] == broadcast and walk.chance.random() < 0.6)
    if not numbers:
        return
    kind = walk.chance.choice(("resend", "resend", "accept", "give_up"))
    named = [[1, number] for number in sorted(numbers)]
    seq = order(walk, "settle", oracle.alerts[broadcast].id, recipients=named, decision=kind)
    oracle.decisions.append(Decision(seq, broadcast, numbers, kind, set(walk.present)))


def brake(walk: Walk, name: str) -> None:
    """The hand brake is pulled or let go: of everything, or of one alert."""
    oracle = walk.oracle
    if oracle.brake or not oracle.alerts or walk.chance.random() < 0.1:
        oracle.brake = not oracle.brake
        order(walk, "pause" if oracle.brake else "resume", None)
        return
    paused = [one for one in oracle.alerts.values() if one.paused]
    alert = walk.chance.choice(paused or list(oracle.alerts.values()))
    alert.paused = not alert.paused
    order(walk, "pause" if alert.paused else "resume", alert.id)


def later(walk: Walk, name: str) -> None:
    """Time passes."""
    walk.oracle.now += walk.chance.choice((200, 1_000, 3_000, 8_000, 30_000))


# --- gateways ------------------------------------------------------------------------------------------------------------
def answer(walk: Walk, name: str) -> None:
    """Some answers arrive, mostly in the order of their submits."""
    one, carrier = walk.served[name], walk.carriers[name]
    owed = [submit for submit in one.session.flying.values() if submit.answered]
    if not owed:
        return
    some = owed[: walk.chance.randint(1, 4)] if walk.chance.random() < 0.7 else walk.chance.sample(owed, 1)
    for submit in some:
        rule = {TAKEN: taken, RETRY: not_taken, REFUSED: refused if len(submit.cells) == 1 else not_taken}[
            submit.verdict
        ]
        walk.oracle.expect(rule, submit.cells)
        if submit.verdict == TAKEN:
            carrier.learned(submit)
    one.talk.hear([one.session.answers(some, late=False)])


def late_answer(walk: Walk, name: str) -> None:
    """An answer that nobody waits for any more."""
    one = walk.served[name]
    owed = [submit for submit in one.session.late.values() if submit.verdict]
    if not owed:
        return
    submit = walk.chance.choice(owed)
    if submit.verdict == TAKEN:
        walk.oracle.expect(taken, [cell for cell in submit.cells if walk.place.get(cell) == name])
        walk.carriers[name].learned(submit)
    one.talk.hear([one.session.answers([submit], late=True)])


def silence(walk: Walk, name: str) -> None:
    """A submit is not answered in time, although the gateway speaks."""
    one = walk.served[name]
    if not one.session.flying:
        return
    submit = walk.chance.choice(list(one.session.flying.values()))
    del one.session.flying[submit.ticket]
    one.session.late[submit.ticket] = submit
    walk.oracle.expect(doubted, submit.cells)
    one.talk.hear([Unanswered(np.array([submit.ticket], dtype=np.uint32), heard=True)])


def report(walk: Walk, name: str) -> None:
    """The gateway reports, in whatever order, before or after its answers."""
    carrier = walk.carriers[name]
    if not carrier.reports:
        return
    some = [
        carrier.reports.pop(walk.chance.randrange(len(carrier.reports))) for _ in range(min(4, len(carrier.reports)))
    ]
    some = [one for one in some if not walk.careful or attributable(walk, name, one)]
    if not some:
        return
    for one in some:
        if one.cell and one.submit:
            walk.oracle.said.setdefault(one.cell, set()).add(one.code)
            if one.submit.known and walk.place.get(one.cell) == name:
                walk.oracle.expect(reported(one.code), [one.cell])
    walk.served[name].talk.hear([carrier.said(some)])


def attributable(walk: Walk, name: str, one: Report) -> bool:
    """Whether the sender can know whose report this is: by its id, or because nobody else has that number."""
    if one.submit is not None and one.submit.known and walk.place.get(one.cell or (0, 0, 0)) == name:
        return True
    others = [
        cell for cell, where in walk.place.items() if cell[1] == one.number and where == name and cell != one.cell
    ]
    return not others and (
        one.cell is None or walk.oracle.cells.get(one.cell, (0, 0))[0] in (INTENDED, ACCEPTED, IN_DOUBT, AGAIN)
    )


def stray(walk: Walk, name: str) -> None:
    """A report about what nobody sent."""
    numbers = {cell[1] for cell in walk.place} if not walk.careful else set()
    walk.carriers[name].stray(walk.chance.choice(sorted(numbers) or [10_399_999_999]))


def drop(walk: Walk, name: str) -> None:
    """The line breaks; another login."""
    one = walk.served[name]
    for submit in one.session.flying.values():
        walk.oracle.expect(doubted, submit.cells)
    one.talk.hear([Ended("lost", False)])
    one.talk.close()
    walk.carriers[name].ended()
    walk.login(name, one.desk)


# --- the sender ------------------------------------------------------------------------------------------------------------
def turn(walk: Walk, name: str) -> None:
    """Orders, claims, a commit, bytes, acknowledgements."""
    walk.served[name].talk.turn()


def killed_turn(walk: Walk, name: str) -> None:
    """The same, and the sender dies somewhere in it."""
    walk.fuse = walk.chance.randint(1, 14)
    walk.served[name].talk.turn()
    raise Killed


def crash(walk: Walk, name: str) -> None:
    """The sender dies between two of its turns."""
    raise Killed


def look(walk: Walk, name: str) -> None:
    """What is looked at now and then."""
    one = walk.served[name]
    one.desk.look_around()


def fold(walk: Walk, name: str) -> None:
    """An idle moment."""
    walk.served[name].desk.commit(idle=True)


def hand_over(walk: Walk, name: str) -> None:
    """Some who were not intended go to another account."""
    desk = walk.served[name].desk
    taker = walk.chance.choice([one for one in walk.present if one != name])
    desk.read_orders(always=True)
    desk.commit()
    most, last = walk.chance.randint(1, 6), walk.chance.random() < 0.5
    for number in sorted(desk.book.sheets):
        runs = actions.movable(desk.book.sheets[number], account(taker), most, last=last)
        gone = actions.hand_over(
            desk.book, number, taker, runs, fence=desk.fence, now_ms=desk.now_ms(), lease_ms=3_600_000
        )
        walk.done["handed over"] += gone
        if number in desk.lanes.queues:
            desk.lanes.queues[number].refill()
    walk.committed(name, desk.book, [])


OPERATIONS: dict[str, tuple[Operation, int]] = {
    "turn": (turn, 28), "answer": (answer, 18), "late answer": (late_answer, 6), "report": (report, 16), "silence": (silence, 6),
    "drop": (drop, 3), "crash": (crash, 2), "killed turn": (killed_turn, 3), "look": (look, 8), "later": (later, 8),
    "release": (release, 4), "recall": (recall, 1), "settle": (settle, 4), "brake": (brake, 2), "fold": (fold, 2),
    "hand over": (hand_over, 3), "stray": (stray, 1),
}  # fmt: skip


def step(walk: Walk) -> None:
    """One operation on one account, and what must hold after it."""
    name = walk.chance.choice(walk.present)
    what = walk.chance.choices(list(OPERATIONS), [weight for _, weight in OPERATIONS.values()])[0]
    walk.done[what] += 1
    walk.steps += 1
    try:
        OPERATIONS[what][0](walk, name)
    except Killed:
        walk.fuse = 0
        walk.crash(name)
    compare(walk, handing=what in ("hand over", "killed turn"))
    if walk.steps % EVERY == 0:
        for alert in list(walk.oracle.alerts.values()):
            walk.on_disk(alert)
        walk.sweep()


def compare(walk: Walk, *, handing: bool = False) -> None:
    """Every cell that a sender holds against the oracle."""
    for one in walk.present:
        walk.look_at(one, walk.served[one].desk.book, handing=handing)
    walk.oracle.settle_must(walk.place.__contains__)
    walk.oracle.anew.clear()
