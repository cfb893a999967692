"""What `test_process` starts: `freeze PORT`, `send PORT`, `wait PORT BROADCAST`."""

import json
import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction

from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender import run
from tests.delivery.makers import freeze, gateway


def main(verb: str, port: str, *rest: str) -> None:
    accounts = [gateway(name, port=int(port), source_addr="900001", batch=10) for name in ("one", "two")]
    settings.FENGHUO.gateway.extend(accounts)
    if verb == "send":
        run(gateways=accounts, mode="exercise", data=Path(os.environ["FENGHUO_DATA"]))
        return
    if verb == "freeze":
        frozen = freeze([10012300000 + i for i in range(2_500)])
        with transaction.atomic(using="default"):
            actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
        print(json.dumps({"broadcast": frozen.broadcast}))
        return
    delivered = 0
    for _ in range(400):
        delivered = queries.progress(rest)[rest[0]].delivered
        names = {milestone.name for milestone in queries.milestones(0)}
        if delivered == 2_500 and "all_final" in names:
            break
        time.sleep(0.05)
    print(json.dumps({"delivered": delivered, "states": [one.state for one in queries.gateways()]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
