"""`fenghuo`: read the command line, find the data folder, start Django where it is needed, say in a sentence what went wrong."""

import importlib
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from fenghuo.ops import handles, parser
from fenghuo.ops.config import SECRET_FILE, ConfigError, data_folder, unknown_variables
from fenghuo.ops.outcome import INTERRUPTED, complain


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status (listed in `fenghuo --help`)."""
    args = parser.build().parse_args(argv)
    try:
        return _run(args)
    except ConfigError as error:
        complain(str(error))
        return error.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): not an error, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _run(args: Namespace) -> int:
    command: parser.Command = args.command
    handles.secure()
    os.umask(0o077)  # whatever this process writes, only its own user reads
    if args.data:
        os.environ["FENGHUO_DATA"] = str(Path(args.data).resolve())
    for name in unknown_variables() if getattr(args, "leash", None) is None else []:  # `up` has said so already
        complain(f"{name}：没有这个设置，已忽略 / no such setting, ignored")
    prepared = [command.prepare(args)] if command.prepare else []
    if command.needs_django and not (data_folder() / SECRET_FILE).exists():
        raise ConfigError(f"{data_folder()}：不是数据目录，请先运行 / is not a data folder; first run: fenghuo init")
    # By name and only now: a command's module reads tables, and tables need the settings of the folder just chosen.
    if not command.needs_django:
        return int(importlib.import_module(command.path).run(args))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
    return int(importlib.import_module("fenghuo.ops.dispatch").run(command.path, args, *prepared))
