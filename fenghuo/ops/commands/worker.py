"""`fenghuo worker`: the background sweeps."""

from argparse import Namespace

from fenghuo.ops import installation
from fenghuo.ops.processes import leash
from fenghuo.ops.processes.worker import Worker


def run(args: Namespace) -> int:
    """Tick until SIGTERM."""
    leash.hold(args.leash)
    installation.whole()
    installation.check(wait=args.leash is not None)
    Worker().run()
    return 0
