"""`python -m simulators.http_gateway`: a simulated HTTP SMS gateway on the loopback."""

import argparse
import sys
from pathlib import Path

from simulators import leash
from simulators.http_gateway.plan import Plan
from simulators.http_gateway.serving import serve


def main(arguments: list[str] | None = None) -> int:
    """Serves until interrupted; prints its ports as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m simulators.http_gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: the system chooses")
    parser.add_argument("--control", type=int, default=0, help="port of the control door on the loopback")
    parser.add_argument("--plan", default="{}", help="the plan as JSON, or @FILE")
    parser.add_argument("--leashed", action="store_true", help="end when standard input ends")
    chosen = parser.parse_args(arguments)
    try:
        written = Path(chosen.plan[1:]).read_text("utf-8") if chosen.plan.startswith("@") else chosen.plan
        plan = Plan.load(written)
    except (ValueError, OSError) as wrong:
        print(f"plan: {wrong}", file=sys.stderr)
        return 2
    if chosen.leashed:
        leash.hold()
    serve(plan, host=chosen.host, port=chosen.port, control=chosen.control)
    return 0


if __name__ == "__main__":
    sys.exit(main())
