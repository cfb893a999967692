"""`python -m simulators.smsc`: a simulated SMS centre on the loopback."""

import sys

from simulators import alone
from simulators.smsc.plan import Plan
from simulators.smsc.serving import serve


def main(arguments: list[str] | None = None) -> int:
    """Serves until interrupted; prints its ports as one line of JSON."""
    return alone.main("simulators.smsc", str(__doc__), Plan.load, serve, arguments)


if __name__ == "__main__":
    sys.exit(main())
