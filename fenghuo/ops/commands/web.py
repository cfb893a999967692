"""`fenghuo web`: pages and API."""

from argparse import Namespace

from django.conf import settings
from django.db import connections

from fenghuo.ops import handles, installation, keys, static
from fenghuo.ops.processes import leash
from fenghuo.ops.processes.web import Server


def run(args: Namespace) -> int:
    """Serve until SIGTERM; never returns normally, gunicorn exits the process."""
    leash.hold(args.leash)
    spare = handles.secure("web", handles.for_web(settings.FENGHUO))
    installation.whole()
    installation.check(wait=args.leash is not None)
    keys.ensure()
    static.collect()
    # The serving process is forked from this one: a database connection must not be shared by both.
    connections.close_all()
    bind = f"fd://{args.fd}" if args.fd is not None else args.bind or settings.FENGHUO.bind
    Server(bind, connections=settings.FENGHUO.web_threads + max(1, spare)).run()
    return 0
