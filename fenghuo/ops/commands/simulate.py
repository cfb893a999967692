"""`fenghuo simulate cmpp` and `smpp`: an SMS centre on the loopback, with the delays and faults of its plan."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from fenghuo.ops.cli import DONE
from fenghuo.ops.config import ConfigError
from fenghuo.ops.processes import leash
from simulators.smsc import Plan, serve


def run(args: Namespace) -> int:
    """Serve until interrupted; the first line printed is JSON with the ports."""
    leash.hold(args.leash)
    try:
        plan = Plan.of({**_settings(args), "protocol": args.kind})
    except (ValueError, TypeError) as wrong:
        raise ConfigError(f"--plan：{wrong}") from None
    try:
        serve(plan, host=args.host, port=args.port, control=args.control)
    except (OSError, OverflowError) as error:
        raise ConfigError(f"--port：无法监听 / cannot listen: {error}") from None
    return DONE


def _settings(args: Namespace) -> dict[str, Any]:
    """The plan's own settings, with the account that the options describe."""
    try:
        written = Path(args.plan[1:]).read_text("utf-8") if args.plan.startswith("@") else args.plan
        settings = json.loads(written)
        secret = Path(args.secret_file).read_text("utf-8").strip() if args.secret_file else None
    except OSError as error:
        raise ConfigError(f"{error.filename}：无法读取 / cannot be read: {error.strerror}") from None
    if not isinstance(settings, dict):
        raise ValueError("a plan is a JSON object")
    given = {"sp_id": args.source_addr, "secret": secret, "rate": args.rate, "window": args.window}
    account = {name: value for name, value in given.items() if value is not None}
    return {**settings, "accounts": [account]} if account else settings
