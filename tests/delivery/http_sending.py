"""What `test_http_kills` starts in a house of its own: `freeze PORT`, `send PORT`, `look PORT BROADCAST`.

`look` waits until nothing more happens to anybody by itself, two minutes at most, and says how everybody stands then.
"""

import json
import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender import Timing, run
from tests.delivery.makers import TEXT, freeze

NUMBERS = [10012300000 + i for i in range(500)]
WINDOW, BATCH = 3, 8
LONGEST = 120.0


def settled(state: str, doubts: int) -> bool:
    """Accepted, or twice in doubt: two kills met the same recipient, and now a person decides (FAULTS G3)."""
    return state == "accepted" or (state == "in_doubt" and doubts > 1)


def until_settled(broadcast: str) -> list[tuple[int, str, int]]:
    """Every recipient's number, state and doubts."""
    deadline = time.monotonic() + LONGEST
    while True:
        rows = [(row.address, row.state, row.doubts) for row in queries.export(broadcast)]
        if all(settled(state, doubts) for _, state, doubts in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(0.2)


def account(port: str) -> HttpGateway:
    return HttpGateway(
        name="web", protocol="http", mode="exercise", host="127.0.0.1", port=int(port), source_addr="900001",
        secret_file=Path("secret"), rate=250, window=WINDOW, batch=BATCH,
    )  # fmt: skip


def main(verb: str, port: str, *rest: str) -> None:
    settings.FENGHUO.gateway.append(account(port))
    if verb == "send":
        timing = Timing(waits={"urgent": 1.0}, look_again=0.2)
        run(gateways=settings.FENGHUO.gateway, mode="exercise", data=Path(os.environ["FENGHUO_DATA"]), timing=timing)
    elif verb == "freeze":
        frozen = freeze(NUMBERS, text=TEXT * 3)
        with transaction.atomic(using="default"):
            actions.order(kind="release", broadcast=frozen.broadcast, by={"system": True})
        print(json.dumps({"broadcast": frozen.broadcast}))
    else:
        print(json.dumps({"rows": until_settled(rest[0])}))


if __name__ == "__main__":
    main(*sys.argv[1:])
