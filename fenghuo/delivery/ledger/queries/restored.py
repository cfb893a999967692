"""Whether this installation came back from a backup and has not been let go since."""

from fenghuo.delivery.ledger.models import Order


def kept_out() -> bool:
    """Whether nobody has resumed anything of what the last restore paused; `default` alone is asked.

    The installation that was backed up may still be running. A gateway gives a status report to any connection of the account, so
    until a signer has looked at what waits and resumed, no account here logs in.
    """
    restore, resumed = "", set[str]()
    brake = Order.objects.filter(kind__in=("pause", "resume"), broadcast="").order_by("-seq")
    for order in brake:
        if order.kind == "resume":
            resumed.add(order.organisation)
            continue
        told = str(order.detail.get("restored") or "")
        if not told:
            continue
        if restore and told != restore:
            break  # an earlier one
        if order.organisation in resumed:
            return False
        restore = told
    return bool(restore)
