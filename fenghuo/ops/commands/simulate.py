"""`fenghuo simulate cmpp`, `smpp` and `http`: a gateway on the loopback, with the delays and faults of its plan."""

import json
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fenghuo.ops.config import ConfigError, UsageError
from fenghuo.ops.outcome import DONE
from fenghuo.ops.processes import leash
from simulators import http_gateway
from simulators.smsc import Plan, serve


def run(args: Namespace) -> int:
    """Serve until interrupted; the first line printed is JSON with the ports."""
    leash.hold(args.leash)
    try:
        begin = _http(args) if args.kind == "http" else _centre(args)
    except json.JSONDecodeError as wrong:
        raise UsageError(f"--plan：不是有效的 JSON / is not JSON: {wrong}") from None
    except UnicodeDecodeError:
        raise UsageError("--plan、--secret-file：不是 UTF-8 文本 / a file is not text in UTF-8") from None
    except (ValueError, TypeError) as wrong:
        raise UsageError(f"--plan：{wrong}") from None
    try:
        begin(host=args.host, port=args.port, control=args.control)
    except (OSError, OverflowError) as error:
        raise ConfigError(f"--port：无法监听 / cannot listen: {error}") from None
    return DONE


def _centre(args: Namespace) -> Callable[..., None]:
    settings, account = _settings(args, "sp_id")
    accounts = {"accounts": [account]} if account else {}
    return partial(serve, Plan.of({**settings, **accounts, "protocol": args.kind}))


def _http(args: Namespace) -> Callable[..., None]:
    if args.window is not None:
        raise UsageError("--window：HTTP 网关没有窗口 / an HTTP gateway has none")
    settings, account = _settings(args, "account")
    return partial(http_gateway.serve, http_gateway.Plan.of({**settings, **account}))


def _settings(args: Namespace, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plan's own settings, and the account that the options describe; `name` is what the plan calls its name."""
    try:
        written = Path(args.plan[1:]).read_text("utf-8") if args.plan.startswith("@") else args.plan
        settings = json.loads(written)
        secret = Path(args.secret_file).read_text("utf-8").strip() if args.secret_file else None
    except OSError as error:
        raise ConfigError(f"{error.filename}：无法读取 / cannot be read: {error.strerror}") from None
    if not isinstance(settings, dict):
        raise ValueError("应为 JSON 对象 / a plan is a JSON object")
    given = {name: args.source_addr, "secret": secret, "rate": args.rate, "window": args.window}
    return settings, {key: value for key, value in given.items() if value is not None}
