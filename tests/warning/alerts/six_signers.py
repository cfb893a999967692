"""Six people press sign at the same moment, over and over, each with a connection of their own, on a real database.

Run in a process of its own: `python tests/warning/alerts/six_signers.py ROUNDS`, with DJANGO_SETTINGS_MODULE, FENGHUO_DATA and,
for PostgreSQL, FENGHUO_DATABASE_URL set. Prints one line of JSON.
"""

import json
import sys
import threading
from collections import Counter
from datetime import timedelta

import django

django.setup()

# Models can be imported only after Django is set up.
from django.apps import apps  # noqa: E402
from django.db import connection, connections  # noqa: E402

from fenghuo.delivery.ledger.models import Order  # noqa: E402
from fenghuo.ground import clock  # noqa: E402
from fenghuo.ground.accounts import actions as accounts  # noqa: E402
from fenghuo.ground.accounts.models import Account, StepUp  # noqa: E402
from fenghuo.ground.ids import new_id  # noqa: E402
from fenghuo.ground.journal import queries as journal  # noqa: E402
from fenghuo.ground.keyring import actions as keyring  # noqa: E402
from fenghuo.ground.refusal import Refused  # noqa: E402
from fenghuo.warning.alerts import actions  # noqa: E402
from fenghuo.warning.alerts.models import Alert, Release  # noqa: E402
from tests.warning.alerts.makers import make_town, submitted  # noqa: E402

SIGNERS = 6


def tables() -> None:
    """As `migrate` makes them, whether or not the migrations are already written; and the key that releases are signed with."""
    for alias in ("default", "ledger"):
        if alias == "ledger" and connection.vendor == "postgresql":
            with connections["ledger"].cursor() as cursor:
                cursor.execute("CREATE SCHEMA IF NOT EXISTS fenghuo_ledger")
        with connections[alias].schema_editor() as editor:
            for model in apps.get_models():
                if getattr(model, "database", "default") == alias:
                    editor.create_model(model)
    keyring.make(organisation="下仓镇人民政府", installation="localhost")


def press(page: Alert, step_up: StepUp, account: Account, barrier: threading.Barrier, told: Counter[str]) -> None:
    """One signer: wait for the others, sign, remember the answer."""
    try:
        barrier.wait()
        actions.sign(alert=page, digest=page.digest, step_up=step_up, people=page.audience_count, by=account)
        told["signed"] += 1
    except Refused as refused:
        told[refused.code] += 1
        if refused.code == "already_signed" and not refused.params["name"]:
            told["without a name"] += 1
    finally:
        for one in connections.all():
            one.close()


def proofs(signers: list[Account], digest: str) -> list[StepUp]:
    """Second factors already shown for this digest; that showing one is needed is proved elsewhere."""
    now = clock.now()
    until = now + timedelta(seconds=120)
    return StepUp.objects.bulk_create(
        StepUp(
            account=one, digest=digest, nonce=new_id(), factor="totp", opened_at=now, verified_at=now, expires_at=until
        )
        for one in signers
    )


def main(rounds: int) -> None:
    """`rounds` times six signers; counts releases per alert and what everybody was told."""
    tables()
    town = make_town(6)
    signers = [
        accounts.enrol_for_exercise(
            organisation=town.organisation, name=f"签发{k}号员工", username=f"signs{k}", posts=("signer",)
        )
        for k in range(SIGNERS)
    ]
    told: Counter[str] = Counter()
    for _round in range(rounds):
        alert = submitted(town)
        alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
        alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
        barrier = threading.Barrier(SIGNERS)
        threads = []
        for account, step_up in zip(signers, proofs(signers, alert.digest), strict=True):
            page = Alert.objects.select_related("organisation__area").get(pk=alert.pk)
            args = (page, step_up, Account.objects.get(pk=account.pk), barrier, told)
            threads.append(threading.Thread(target=press, args=args))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    print(
        json.dumps(
            {
                "engine": connection.vendor,
                "rounds": rounds,
                "releases": Release.objects.count(),
                "alerts_released": Release.objects.values("alert").distinct().count(),
                "orders": Order.objects.count(),
                "used_proofs": StepUp.objects.exclude(used_at=None).count(),
                "journal_ok": journal.verify().ok,
                "told": dict(told),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
