"""A lift and an update of the same alert are signed, and the alert is recalled, all at the same moment, over and over.

Run in a process of its own, as `six_signers.py`: `python tests/warning/alerts/two_successors.py ROUNDS`. Prints one line of JSON.
"""

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from tests.warning.alerts.six_signers import proofs, tables  # sets Django up; first

# isort: split
from django.db import connection, connections

from fenghuo.delivery.ledger.models import Order
from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, StepUp
from fenghuo.ground.journal import queries as journal
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert, Release
from tests.warning.alerts.makers import Town, make_town, signed

RELATIONS = ("lift", "update")


def approved(town: Town, first: Alert, relation: str) -> Alert:
    """A follow-up that only waits for its signature."""
    draft = actions.follow_up(alert=first, relation=relation, by=town["entry"])
    content, now = queries.content_of(draft), clock.now()
    assert content.origin
    came = {"text": content.body, "issued_at": now - timedelta(minutes=2), "received_at": now - timedelta(minutes=1)}
    values = {**content.model_dump(), "origin": {**content.origin.model_dump(), **came}}
    draft = actions.edit(alert=draft, version=draft.version, content=rules.read(values), by=town["entry"])
    alert = actions.submit(alert=draft, version=draft.version, by=town["entry"])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    return actions.approve(alert=alert, digest=alert.digest, by=town["leader"])


def press(act: Callable[[], object], name: str, barrier: threading.Barrier, told: Counter[str]) -> None:
    """Wait for the others, act, remember the answer."""
    try:
        barrier.wait()
        act()
        told[name] += 1
    except Refused as refused:
        told[f"{name}: {refused.code}"] += 1
    finally:
        for one in connections.all():
            one.close()


def signing(alert: Alert, step_up: StepUp, account: Account) -> Callable[[], object]:
    """Sign this one."""
    page = Alert.objects.select_related("organisation__area").get(pk=alert.pk)
    return lambda: actions.sign(alert=page, digest=page.digest, step_up=step_up, people=page.audience_count, by=account)


def main(rounds: int) -> None:
    """Every third round also a recall; counts who got through and what the orders say."""
    tables()
    town = make_town(6)
    signers = [
        accounts.enrol_for_exercise(
            organisation=town.organisation, name=f"签发{k}号员工", username=f"signs{k}", posts=("signer",)
        )
        for k in RELATIONS
    ]
    told, winners = Counter[str](), Counter[int]()
    for number in range(rounds):
        first = signed(town).alert
        acts = []
        for relation, account in zip(RELATIONS, signers, strict=True):
            alert = approved(town, first, relation)
            acts.append((signing(alert, proofs([account], alert.digest)[0], account), relation))
        if number % 3 == 0:
            page = Alert.objects.select_related("organisation__area").get(pk=first.pk)
            by = town["signer"]
            acts.append((lambda: actions.recall(alert=page, reason="误报", correct=False, by=by), "recall"))  # noqa: B023
        barrier = threading.Barrier(len(acts))
        threads = [threading.Thread(target=press, args=(act, name, barrier, told)) for act, name in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        won = Release.objects.filter(alert__follows=first, kind="release").count()
        won += Release.objects.filter(alert=first, kind="recall").count()
        winners[won] += 1
    print(
        json.dumps(
            {
                "engine": connection.vendor,
                "winners": {str(n): times for n, times in winners.items()},
                "superseded": Alert.objects.exclude(superseded_by=None).count(),
                "orders": Order.objects.filter(kind="supersede").count(),
                "journal_ok": journal.verify().ok,
                "told": dict(told),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
