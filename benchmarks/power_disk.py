"""A disk that remembers: what a process did to its database files, seen by strace, and the images that a power cut would leave.

`recorded` runs work in a child whose writes, truncates, syncs and unlinks are written down in the order in which they came
to the kernel, whatever library makes them. `images` builds what a disk may hold after the power went at any moment: what was synced
stands; of what was written since, each sector of 512 bytes is there or not, in any order.
"""

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.line_trace import DONE, STUCK

SECTOR = 512
MARKS = "marks"  # a file in the same folder: what is written to it is no data but a mark
CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink"
# 123 pwrite64(5</folder/main.db-wal>, "\x37…", 4096, 56) = 4096, with -xx; another thread may come between its two halves.
WHOLE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
ENDED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")
QUOTED = re.compile(r'"([^"]*)"')
ATTACHED = 20.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a file: `write`, `truncate` (to `at`), `sync`, `delete`; or a `mark` of ours, in `file`."""

    kind: str
    file: str
    at: int = 0
    data: bytes = b""


def recorded(folder: Path, work: Callable[[Callable[[str], None]], None]) -> list[Step]:
    """Run `work(mark)` in a child and return everything that happened to the files of `folder`. RuntimeError when it failed."""
    trace, (listen, go) = folder.parent / "trace", os.pipe()
    child = os.fork()
    if child == 0:
        status = STUCK
        try:
            os.read(listen, 1)
            marking = os.open(folder / MARKS, os.O_WRONLY | os.O_CREAT, 0o600)
            work(lambda name: _mark(marking, name))
            status = DONE
        finally:
            os._exit(status)
    command = [
        "strace",
        "-f",
        "-y",
        "-xx",
        "-s",
        "10000000",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(trace),
        "-p",
        str(child),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
        _wait_for_tracer(child)
        os.write(go, b"!")
        _, code = os.waitpid(child, 0)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(30)
    if code:
        raise RuntimeError("the recorded run failed")
    return list(steps_of(trace, folder))


def _mark(marking: int, name: str) -> None:
    """Something outside the disk happens now: somebody is told that a commit is safe."""
    os.pwrite(marking, name.encode(), 0)


def _wait_for_tracer(child: int) -> None:
    deadline = time.monotonic() + ATTACHED
    while "TracerPid:\t0" in Path(f"/proc/{child}/status").read_text(encoding="ascii"):
        if time.monotonic() > deadline:
            raise RuntimeError("strace could not attach: is it installed (package strace), and may this user trace?")
        time.sleep(0.01)


def steps_of(trace: Path, folder: Path) -> Iterator[Step]:
    """What strace wrote down, as steps: each when it was done, a sync covering only what was there when it began."""
    begun: dict[str, str] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if found := BEGUN.match(line):
                begun[found[1]] = found[3]
                continue
            found = WHOLE.match(line) or ENDED.match(line)
            if not found or int(found[4]) < 0:
                continue
            words = begun.pop(found[1], "") + found[3] if "resumed" in line else found[3]
            step = _step(found[2], words, folder)
            if step:
                yield step


def _step(call: str, words: str, folder: Path) -> Step | None:
    if call == "unlink":
        path = _bytes(QUOTED.findall(words)[0]).decode()
    else:
        path = _bytes(words[words.index("<") + 1 : words.index(">")]).decode()
    if Path(path).parent != folder:
        return None
    name = Path(path).name
    match call:
        case "unlink":
            return Step("delete", name)
        case "ftruncate":
            return Step("truncate", name, int(words.rpartition(",")[2]))
        case "pwrite64":
            data = _bytes(QUOTED.findall(words)[0])
            if name == MARKS:
                return Step("mark", data.decode())
            return Step("write", name, int(words.rpartition(",")[2]), data)
    return Step("sync", name)


def _bytes(shown: str) -> bytes:
    """Text as strace -xx shows it, or plain."""
    return bytes.fromhex(shown.replace("\\x", "")) if shown.startswith("\\x") else shown.encode()


class Platter:
    """One file as the disk has it: what stands, and what was written since its last sync."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.pending: list[Step] = []

    def do(self, step: Step) -> None:
        """What SQLite asked for."""
        if step.kind != "sync":
            self.pending.append(step)
            return
        for one in self.pending:
            _apply(self.content, one)
        self.pending.clear()

    def after(self, chance: random.Random) -> bytes:
        """What is found when the power comes back."""
        found = bytearray(self.content)
        pieces = [piece for step in self.pending for piece in _sectors(step)]
        chance.shuffle(pieces)
        for piece in pieces[: chance.randint(0, len(pieces))]:
            _apply(found, piece)
        return bytes(found)


def _sectors(step: Step) -> Iterable[Step]:
    """A write in the pieces in which a disk does it; a truncate whole."""
    if step.kind != "write":
        return [step]
    pieces, at = [], step.at
    while at < step.at + len(step.data):
        end = min((at // SECTOR + 1) * SECTOR, step.at + len(step.data))
        pieces.append(Step("write", step.file, at, step.data[at - step.at : end - step.at]))
        at = end
    return pieces


def _apply(content: bytearray, step: Step) -> None:
    if step.kind == "truncate":
        del content[step.at :]
        content.extend(bytes(max(0, step.at - len(content))))
        return
    content.extend(bytes(max(0, step.at - len(content))))
    content[step.at : step.at + len(step.data)] = step.data


def images(
    before: dict[str, bytes], steps: list[Step], cuts: Iterable[int], chance: random.Random
) -> Iterable[tuple[int, dict[str, bytes]]]:
    """(moment, files) after a power cut at each of those moments, in their order; `before` is the disk when recording began.

    A file that was deleted may be found again; one that was made is found even where nothing of it was synced (SQLite syncs the
    folder of a journal; a lost empty file only makes it easier).
    """
    platters = {name: Platter(content) for name, content in before.items()}
    done = 0
    for cut in cuts:
        for step in steps[done:cut]:
            if step.kind == "delete":
                platters.pop(step.file, None)
            elif step.kind != "mark":
                platters.setdefault(step.file, Platter()).do(step)
        done = cut
        yield cut, {name: platter.after(chance) for name, platter in platters.items()}


def marks(steps: list[Step], until: int, wanted: Callable[[str], bool] = lambda name: True) -> list[str]:
    """The marks set before a moment."""
    return [step.file for step in steps[:until] if step.kind == "mark" and wanted(step.file)]
