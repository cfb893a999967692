"""The sender that `process_kills` starts when the real one does not do: with a shorter wait in doubt, or wrong on purpose.

python -m benchmarks.house FOLDER benchmarks.crash_sender --wait SECONDS --fault NAME --leash FD
"""

import argparse
import os
import threading
from typing import Any

from django.conf import settings

from benchmarks.crash_faults import FAULTS
from fenghuo.delivery.sender.keeper import Keeper
from fenghuo.delivery.sender.process import connector
from fenghuo.delivery.sender.timing import Timing


def main() -> None:
    """Serve the folder's one account until killed."""
    parser = argparse.ArgumentParser(prog="benchmarks.crash_sender")
    parser.add_argument("--wait", type=float, default=30.0)
    parser.add_argument("--fault", default="", choices=["", *FAULTS])
    parser.add_argument("--leash", type=int, required=True)
    chosen = parser.parse_args()
    timing = Timing(waits={"urgent": chosen.wait, "patient": chosen.wait})
    (gateway,) = settings.FENGHUO.gateway
    wrong: dict[str, Any] = dict(FAULTS.get(chosen.fault, {}))
    keeper = Keeper(
        gateway,
        connector(gateway, mode=settings.FENGHUO.mode, data=settings.DATA, timing=timing),
        mode=settings.FENGHUO.mode,
        accounts=[gateway.name],
        timing=timing,
        stop=threading.Event(),
        **wrong,
    )
    threading.Thread(target=keeper.run, daemon=True).start()
    os.read(chosen.leash, 1)  # ends when whoever kills senders has ended


if __name__ == "__main__":
    main()
