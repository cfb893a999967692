"""Children that die at a chosen line of our own code: what the line-kills (H1) have in common."""

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from django.db import connections

DONE, STUCK = 0, 3
Line = tuple[str, int]
Place = tuple[Line, int] | int  # the n-th passing of a line, or the n-th line of all


@dataclass(frozen=True)
class Modules:
    """Whose lines count: beginnings of paths, less those that end so, and the file of the planted faults."""

    ours: tuple[str, ...]
    not_ours: tuple[str, ...] = ()
    faulty: str = ""

    def hold(self, path: str) -> bool:
        """Whether this file's lines count."""
        return path == self.faulty or (path.startswith(self.ours) and not path.endswith(self.not_ours))


class Tracer:
    """Calls `at_line` for every line of those modules, in this thread; where `only` one matters, of its function."""

    def __init__(self, modules: Modules, at_line: Callable[[Line], None], only: Line | None = None) -> None:
        self._at_line = at_line
        self._modules = modules
        self._only = only
        self._mine: dict[CodeType, bool] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        mine = self._mine.get(code)
        if mine is None:
            mine = self._modules.hold(code.co_filename) and self._may_pass(code)
            self._mine[code] = mine
        return self._line if mine else None

    def _may_pass(self, code: CodeType) -> bool:
        if self._only is None:
            return True
        file, line = self._only
        return code.co_filename == file and any(number == line for _, _, number in code.co_lines())

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self._at_line((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def forked(work: Callable[[], int]) -> tuple[bool, int]:
    """(killed, exit status) of `work` in a child process."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        status = STUCK
        try:
            status = work()
        finally:
            os._exit(status)
    _, code = os.waitpid(child, 0)
    return os.WIFSIGNALED(code), os.waitstatus_to_exitcode(code)


def lines_of(modules: Modules, work: Callable[[], object], notes: Path, *, sound: bool = True) -> list[Line]:
    """Every line of those modules that one undisturbed run passes, in order; `notes` is a file to pass them by.

    Only what is not `sound` may fail on the way.
    """

    def listen() -> int:
        seen: list[Line] = []
        sys.settrace(Tracer(modules, seen.append))
        try:
            work()
        finally:
            sys.settrace(None)
            notes.write_text(json.dumps(seen), encoding="utf-8")
        return DONE

    if forked(listen) != (False, DONE) and sound:
        raise RuntimeError("the undisturbed run failed")
    return [(file, line) for file, line in json.loads(notes.read_text(encoding="utf-8"))]


def killed_at(modules: Modules, place: Place, work: Callable[[], object]) -> bool:
    """Run `work` in a child and kill it there (SIGKILL); False when it never came there."""

    def die() -> int:
        count = 0

        def at_line(line: Line) -> None:
            nonlocal count
            if isinstance(place, int) or line == place[0]:
                count += 1
                if count == (place if isinstance(place, int) else place[1]):
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.settrace(Tracer(modules, at_line, None if isinstance(place, int) else place[0]))
        work()
        return DONE

    return forked(die)[0]


def places_of(seen: list[Line], kills: str) -> list[Place]:
    """Where to kill: `all` lines as they ran, each distinct line once (`lines`), or so many spread over the run."""
    if kills == "lines":
        chance = random.Random(1)
        passes = Counter(seen)
        return [(line, chance.randint(1, n)) for line, n in passes.items()]
    if kills == "all":
        return list(range(1, len(seen) + 1))
    step = max(1, len(seen) // int(kills))
    return list(range(1, len(seen) + 1, step))
