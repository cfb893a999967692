"""How many files and connections a process may have open at once: enough before it starts, or a sentence and nothing started.

A process that runs out of them in the middle of its work fails wherever it happens to be: at a database, a style sheet, a caller.
"""

import resource
from contextlib import suppress

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.ops.config import Config, ConfigError

LEAST = 64  # of any command: what Python and the libraries open, both databases, a few files at work
SPARE = 1000  # beyond what is needed, where the system allows it: people's connections
OF_A_THREAD = 8  # of web: two databases with two files each, the caller, what is read or uploaded
OF_AN_ACCOUNT = 8  # of the sender: the same databases, the wait, a secret or a certificate
CONNECTIONS = 2  # of an account of CMPP or SMPP: no more than these


def for_web(config: Config) -> int:
    """What `web` needs, whoever calls."""
    return LEAST + OF_A_THREAD * config.web_threads


def for_sender(config: Config) -> int:
    """What `sender` needs for all its accounts."""
    lines = (one.window if isinstance(one, HttpGateway) else CONNECTIONS for one in config.gateway)
    return LEAST + sum(OF_AN_ACCOUNT + connections for connections in lines)


def secure(process: str = "fenghuo", needed: int = LEAST) -> int:
    """Raise this process's own limit as far as is useful and allowed; how many there are beyond those `needed`.

    Raises ConfigError where there are fewer. Processes started from here on have the same limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed + SPARE
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # where a container forbids it, what there is must do
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    if soft == resource.RLIM_INFINITY:
        return SPARE
    if soft < needed:
        raise ConfigError(
            f"每个进程最多同时打开 {soft} 个文件和连接，{process} 需要 {needed} 个，没有启动。请用 ulimit -n 或 systemd 的 "
            f"LimitNOFILE= 调高 / a process may have {soft} files and connections open at once and {process} needs {needed}: "
            "nothing was started. Raise the limit with ulimit -n, or LimitNOFILE= in systemd"
        )
    return soft - needed
