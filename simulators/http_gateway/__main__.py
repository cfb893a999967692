"""`python -m simulators.http_gateway`: a simulated HTTP SMS gateway on the loopback."""

import sys

from simulators import alone
from simulators.http_gateway.plan import Plan
from simulators.http_gateway.serving import serve


def main(arguments: list[str] | None = None) -> int:
    """Serves until interrupted; prints its ports as one line of JSON."""
    return alone.main("simulators.http_gateway", str(__doc__), Plan.load, serve, arguments)


if __name__ == "__main__":
    sys.exit(main())
