"""A host's sender that is not as it should be: `python -m tests.hosts.sending [--ahead SECONDS] [--fault no_fence]`.

Its wall clock may be wrong, which must not matter, and its fence may be missing, which the drill must notice.
"""

import argparse
import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
django.setup()

from fenghuo.delivery.ledger import database, store  # noqa: E402
from fenghuo.ground import clock  # noqa: E402
from fenghuo.ops.commands import sender  # noqa: E402


def without_fence(account: str, fence: int, milliseconds: int) -> bool:
    """Planted: whoever held the account once may write, and keep it, for ever."""
    sql = f"UPDATE delivery_account SET lease_until = {database.database_clock()} + %s WHERE name = %s"
    return bool(database.run(sql, (milliseconds, account)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ahead", type=float, default=0.0)
    parser.add_argument("--fault", choices=["", "no_fence"], default="")
    chosen = parser.parse_args()
    if chosen.fault:
        store.keep_lease = without_fence
    with clock.moved(timedelta(seconds=chosen.ahead)):
        sender.run(argparse.Namespace(leash=None))


if __name__ == "__main__":
    main()
