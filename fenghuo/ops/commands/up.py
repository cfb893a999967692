"""`fenghuo up`: web, worker and sender, supervised."""

import os
from argparse import Namespace
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections

from fenghuo.ops import handles, installation, keys
from fenghuo.ops.preparation import claim
from fenghuo.ops.processes import leash
from fenghuo.ops.processes.health import answers
from fenghuo.ops.processes.listen import listen
from fenghuo.ops.processes.supervisor import Child, Supervisor


def run(args: Namespace) -> int:
    """Supervise until SIGTERM or Ctrl-C; prints the address once the pages answer."""
    leash.hold(args.leash)
    handles.secure("web", handles.for_web(settings.FENGHUO))  # here, so that it is said once and nothing was started
    handles.secure("sender", handles.for_sender(settings.FENGHUO))
    installation.check()
    keys.ensure()
    connections.close_all()
    with claim(settings.DATA), listen(args.bind or settings.FENGHUO.bind) as server:
        port = server.getsockname()[1]
        address = public_address(port, asked=bool(args.bind))

        def ready() -> bool:
            if not answers(port, server.getsockname()[0]):
                return False
            print(f"烽火已启动 / Fenghuo is up: {address}", flush=True)
            return True

        return Supervisor(children(server.fileno()), ready=ready).run()


def public_address(port: int, *, asked: bool) -> str:
    """The address for people: the one of the settings, unless the port was chosen only now. Children inherit it."""
    address = str(settings.FENGHUO.public_url)
    chosen_now = asked or settings.FENGHUO.bind.endswith(":0")
    parts = urlsplit(address)
    # https stays as it is set: a proxy stands in front, and cookies marked Secure must stay so.
    ours = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if chosen_now and ours and "FENGHUO_PUBLIC_URL" not in os.environ:
        address = f"http://{parts.hostname}:{port}"
        os.environ["FENGHUO_PUBLIC_URL"] = address
    return address


def children(listening: int) -> list[Child]:
    """The three processes of an installation; `listening` is the open socket that web serves."""
    return [
        Child("web", ["web", "--fd", str(listening)], fds=(listening,)),
        Child("worker", ["worker"]),
        Child("sender", ["sender"]),
    ]
