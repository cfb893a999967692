"""Run as a program in the data folder of a restored installation: what waits; given a printed code, the signer resumes."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
django.setup()

from fenghuo.delivery.ledger import queries as ledger  # noqa: E402
from fenghuo.ground.accounts import actions as accounts  # noqa: E402
from fenghuo.ground.accounts.models import Account  # noqa: E402
from fenghuo.warning.alerts import actions, queries  # noqa: E402

OPEN = ("unsent", "intended", "in_doubt")


def main(username: str, code: str) -> None:
    signer = Account.objects.get(username=username)
    organisation = signer.person.organisation
    listed = [row.address for one in ledger.pending() for row in ledger.export(one.broadcast) if row.state in OPEN]
    shown = queries.leaving(organisation)
    counted = [one.unsent + one.in_doubt for one in shown]
    if code:
        proof = accounts.step_up(account=signer, digest=queries.resume_digest(organisation), code=code)
        actions.resume(by=signer, step_up=proof)
    print(json.dumps({"listed": listed, "shown": counted, "expired": [one.expired for one in shown]}))


main(sys.argv[1], sys.argv[2])
