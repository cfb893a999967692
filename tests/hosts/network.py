"""Three machines on one: each host has its own network, its own processes, a cable to the database and one to the gateway.

This process stands where the cables end: database and gateway listen on its loopback, at addresses that only the hosts' cables
lead to. Needs root, or rather the rights to make network namespaces and to move a cable into one.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATABASE, GATEWAY = "10.77.0.1", "10.77.0.2"
ENDS = {"database": DATABASE, "gateway": GATEWAY}
UNSHARED = ["unshare", "--net", "--pid", "--uts", "--mount-proc", "--fork", "--kill-child"]


class NoNetworks(Exception):
    """This machine does not let us make a network; the text says what it refused."""


def ip(*words: str, within: Sequence[str] = ()) -> None:
    """One `ip` command, perhaps within a host's network. Raises NoNetworks with what it said."""
    done = subprocess.run([*within, "ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetworks(f"ip {' '.join(words)}: {done.stderr.strip()}")


@dataclass
class Host:
    """A machine. `init` keeps its namespaces; when that is killed, everything that runs on it is dead at once."""

    name: str
    number: int
    data: Path
    init: "subprocess.Popen[bytes]"
    pid: int = 0
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where web is reached from outside."""
        return f"10.77.1.{self.number}"

    def within(self) -> list[str]:
        """The words before a command that make it run on this machine."""
        return ["nsenter", f"--target={self.pid}", "--net", "--pid", "--uts", "--mount", f"--wd={ROOT}"]

    def start(self, name: str, command: Sequence[str] = ()) -> None:
        """Start `fenghuo NAME` here, or another Python command under that name."""
        words = [sys.executable, *(command or ["-m", "fenghuo", name])]
        with (self.data / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*self.within(), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**_clean(), "FENGHUO_DATA": str(self.data)},
            )

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process of this machine, the one that nsenter started and whatever it started."""
        for pid in _below(self.running[name].pid):
            os.kill(pid, number)

    def cut(self, *ends: str) -> None:
        """Pull the cable to the database, or the gateway, or both."""
        for end in ends:
            ip("link", "set", self.cable(end), "down")

    def mend(self) -> None:
        """Every cable back in, every way open."""
        for end, there in ENDS.items():
            ip("link", "set", self.cable(end), "up")
            for away in (self._route(end), ["route", "del", "blackhole", f"{self._own(end)}/32"]):
                subprocess.run(["ip", *away], capture_output=True, check=False)
            gone = ["ip", "route", "del", "blackhole", f"{there}/32"]
            subprocess.run([*self.within(), *gone], capture_output=True, check=False)

    def deafen(self, end: str) -> None:
        """What `end` says no longer arrives here; what is said here still arrives there."""
        ip("route", "replace", "blackhole", f"{self._own(end)}/32")

    def mute(self, end: str) -> None:
        """What is said here no longer arrives at `end`; what `end` says still arrives here."""
        ip("route", "add", "blackhole", f"{ENDS[end]}/32", "metric", "1", within=self.within())

    def cable(self, end: str) -> str:
        """The outer end of a cable."""
        return f"{end[0]}{self.name}"

    def _own(self, end: str) -> str:
        return f"10.77.{1 if end == 'database' else 2}.{self.number}"

    def _route(self, end: str) -> list[str]:
        return ["route", "replace", f"{self._own(end)}/32", "dev", self.cable(end)]

    def plug_in(self) -> None:
        """Both cables, with an address and a way at either end."""
        ip("link", "set", "lo", "up", within=self.within())
        for end, there in ENDS.items():
            inner = f"{end[0]}0"
            ip("link", "add", self.cable(end), "type", "veth", "peer", "name", inner, "netns", str(self.pid))
            ip("link", "set", self.cable(end), "up")
            ip("addr", "add", f"{self._own(end)}/32", "dev", inner, within=self.within())
            ip("link", "set", inner, "up", within=self.within())
            ip("route", "add", f"{there}/32", "dev", inner, "src", self._own(end), "metric", "10", within=self.within())
            ip(*self._route(end))

    def kill(self) -> None:
        """The power fails: every process of this machine is gone, and nobody says good-bye."""
        os.kill(self.pid, signal.SIGKILL)
        for process in self.running.values():
            process.wait()
        self.init.wait()
        self.running.clear()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}


def _below(pid: int) -> list[int]:
    """A process's descendants, without itself."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [found for child in children for found in (int(child), *_below(int(child)))]


@contextmanager
def outside() -> Iterator[None]:
    """The place where all cables end; this process must have a network of its own by now (see __main__)."""
    ip("link", "set", "lo", "up")
    for address in ENDS.values():
        ip("addr", "add", f"{address}/32", "dev", "lo")
    yield


def host(name: str, number: int, data: Path) -> Host:
    """A machine that is on and connected, with nothing running."""
    init = subprocess.Popen([*UNSHARED, "sleep", "infinity"], stdin=subprocess.DEVNULL)
    made = Host(name, number, data, init)
    while not (below := _below(init.pid)):
        if init.poll() is not None:
            raise NoNetworks("unshare --net --pid was refused")
    made.pid = below[0]
    made.plug_in()
    subprocess.run([*made.within(), "hostname", f"host-{name}"], capture_output=True, check=False)
    return made


def possible() -> str:
    """Why this machine cannot do it; empty where it can."""
    probe = "ip link set lo up && ip link add p0 type veth peer name p1"
    try:
        done = subprocess.run([*UNSHARED, "sh", "-c", probe], capture_output=True, text=True, check=False, timeout=20)
    except OSError as wrong:
        return json.dumps(str(wrong))
    return "" if done.returncode == 0 else done.stderr.strip() or f"exit status {done.returncode}"
