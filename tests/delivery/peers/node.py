"""The npm package `smpp` as a gateway (`server.js`), in a process of its own."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / "vendor" / "node"


@dataclass
class Peer:
    """A running server."""

    port: int
    process: "subprocess.Popen[str]"

    def told(self) -> dict[str, Any]:
        """What it has recorded so far."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextmanager
def server(**options: Any) -> Iterator[Peer]:
    """It runs until the end of the block; `options` are those of `server.js`."""
    command = ["node", str(HERE / "server.js"), json.dumps({"password": "exercise", **options})]
    environment = {**os.environ, "NODE_PATH": str(PACKAGES)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout
            yield Peer(json.loads(process.stdout.readline())["port"], process)
        finally:
            process.kill()
