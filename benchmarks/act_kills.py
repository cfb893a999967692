"""H1 over what people do: submit, sign, recall, and the fold, killed at every line of theirs.

The databases are put back to the moment before the act, a child performs it and kills itself (SIGKILL) at the chosen line. Then
another looks at the disk: every promise of `acts` must hold there at once, and again after the act has been tried once more.

Started by `crash.py --of ACT`; prints one line of JSON.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connections

from benchmarks.act_faults import FAULTS
from benchmarks.acts import ACTS, Act
from benchmarks.line_trace import DONE, forked, killed_at, lines_of, places_of

FILES = ("main.db", "ledger.db")
MOST_TOLD = 5


@dataclass
class Score:
    """What all kills of one act came to."""

    act: str
    kills: int = 0
    distinct_lines: int = 0
    done: int = 0  # kills after which the act was done all the same
    said: int = 0  # kills after the person had been told so
    broken: int = 0
    seconds: float = 0.0
    first_failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every promise held at every kill."""
        return not self.broken and self.kills > 0


class Stage:
    """The databases at the moment before the act, copied back before each kill; in memory, where SIGKILL loses nothing either."""

    def __init__(self, act: Act, memory: Path) -> None:
        self.act = act
        self._memory = memory
        self._said = memory / "said"
        self._verdict = memory / "verdict.json"
        connections.close_all()
        for name in FILES:
            shutil.copyfile(settings.DATA / name, memory / f"template-{name}")
        for alias, name in zip(("default", "ledger"), FILES, strict=True):
            connections[alias].settings_dict["NAME"] = memory / name

    def fresh(self) -> None:
        """The moment before the act."""
        self._said.unlink(missing_ok=True)
        for name in FILES:
            for ending in ("-wal", "-shm"):
                (self._memory / (name + ending)).unlink(missing_ok=True)
            shutil.copyfile(self._memory / f"template-{name}", self._memory / name)

    def perform(self) -> None:
        """The act; its answer is a file, so that it outlives the one who gave it."""
        self.act.perform(self._said.touch)

    @property
    def said(self) -> bool:
        """Whether the answer was given."""
        return self._said.exists()

    def judged(self) -> tuple[list[str], bool]:
        """(broken promises, whether the act was done), by a process that has seen nothing but the disk."""
        said = self.said

        def look() -> int:
            wrong, done = self.act.broken(said), self.act.done()
            self.act.again()
            wrong += [f"tried again: {one}" for one in self.act.broken(True)]
            if not self.act.done():
                wrong.append("tried again: not done")
            self._verdict.write_text(json.dumps([wrong, done]), encoding="utf-8")
            return DONE

        if forked(look) != (False, DONE):
            return ["the act could not be tried again"], False
        wrong, done = json.loads(self._verdict.read_text(encoding="utf-8"))
        return wrong, done


def run(name: str, kills: str, fault: str) -> Score:
    """Kill and judge."""
    score, began, act = Score(name), time.monotonic(), ACTS[name]()
    act.prepare()
    spoil: Callable[[Act], None] = FAULTS[name][fault] if fault else lambda act: None
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fenghuo-acts-", dir=place) as memory:
        stage = Stage(act, Path(memory))
        stage.fresh()
        seen = lines_of(act.modules, partial(_spoilt, stage, spoil), Path(memory) / "lines.json")
        score.distinct_lines = len(set(seen))
        places = places_of(seen, kills)
        if fault:  # the fault's own lines first, then every line of all, until one shows it
            places = [(line, 1) for line in seen if line[0] == act.modules.faulty] + places + places_of(seen, "lines")
        for one in places:
            if fault and score.broken:
                break
            stage.fresh()
            if not killed_at(act.modules, one, partial(_spoilt, stage, spoil)):
                continue
            wrong, done = stage.judged()
            score.kills += 1
            score.done, score.said = score.done + done, score.said + stage.said
            score.broken += bool(wrong)
            if wrong and len(score.first_failures) < MOST_TOLD:
                score.first_failures.append(f"{one}: {'; '.join(wrong)}")
    score.seconds = round(time.monotonic() - began, 1)
    return score


def _spoilt(stage: Stage, spoil: Callable[[Act], None]) -> None:
    spoil(stage.act)
    stage.perform()


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.act_kills", description=__doc__.splitlines()[0])
    parser.add_argument("--of", choices=sorted(ACTS), required=True)
    parser.add_argument("--kills", default="lines", help="lines, all, or a number")
    parser.add_argument("--fault", default="")
    chosen = parser.parse_args(arguments)
    score = run(chosen.of, chosen.kills, chosen.fault)
    print(json.dumps({"good": score.good, "fault": chosen.fault, **asdict(score)}, ensure_ascii=False))
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
