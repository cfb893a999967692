"""H1 over what people do: submit, sign, recall, and the fold, killed at every line of theirs.

The databases are put back to the moment before the act, a child performs it and kills itself (SIGKILL) at the chosen line. Then
another looks at the disk: every promise of `acts` must hold there at once, and again after the act has been tried once more.

Started by `crash.py --of ACT`; prints one line of JSON.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from benchmarks.act_faults import EVERY, FAULTS, Spoil
from benchmarks.acts import ACTS, Act
from benchmarks.line_trace import DONE, forked, killed_at, lines_of, places_of
from benchmarks.memory import place

FILES = {"default": "main.db", "ledger": "ledger.db"}
MOST_TOLD = 5


@dataclass
class Score:
    """What all kills of one act came to."""

    act: str
    fault: str = ""
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
        self.notes = memory / "lines.json"
        for alias, name in FILES.items():
            shutil.copyfile(settings.DATA / name, memory / name)
            connections[alias].settings_dict["NAME"] = memory / name
        act.prepare()
        if wrong := act.broken(False):  # and whoever looks later has everything loaded
            raise RuntimeError(f"broken before the act: {wrong}")
        connections.close_all()
        for name in FILES.values():
            shutil.copyfile(memory / name, memory / f"template-{name}")
        self.fresh()
        self.lines = lines_of(act.modules, self.perform, self.notes)

    def fresh(self) -> None:
        """The moment before the act."""
        self._said.unlink(missing_ok=True)
        for name in FILES.values():
            for ending in ("-wal", "-shm"):
                (self._memory / (name + ending)).unlink(missing_ok=True)
            shutil.copyfile(self._memory / f"template-{name}", self._memory / name)
        self.act.renew()
        connections.close_all()

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


@contextmanager
def stage_of(name: str, people: int) -> Iterator[Stage]:
    """One act on copies of the folder's databases, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fenghuo-acts-", dir=place()) as memory:
        act = ACTS[name]()
        act.count = people or act.count
        yield Stage(act, Path(memory))
        connections.close_all()


def kill(stage: Stage, name: str, kills: str, fault: str = "") -> Score:
    """Kill and judge; with a fault only until it shows."""
    score, began, act = Score(name, fault), time.monotonic(), stage.act
    spoil: Spoil = EVERY[name][fault] if fault else _sound
    seen, places = stage.lines, places_of(stage.lines, kills)
    if fault:  # the fault's own lines first, then every line of all, until one shows it; what is done last shows most
        stage.fresh()
        seen = lines_of(act.modules, partial(_spoilt, stage, spoil), stage.notes, sound=False)
        own = dict.fromkeys((line, 1) for line in reversed(seen) if line[0] == act.modules.faulty)
        places = [*own, *places, *reversed(places_of(seen, "lines"))]
    score.distinct_lines = len(set(seen))
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


def _spoilt(stage: Stage, spoil: Spoil) -> None:
    spoil(stage.act)
    stage.perform()


def _sound(act: Act) -> None:
    """Nothing is wrong with it."""


def run(names: list[str], kills: str, faults: str, people: int) -> dict[str, Any]:
    """Each act killed as it is, then with the faults asked for (`all` of them, one by name, or none); what came of it."""
    sound, planted = list[Score](), list[Score]()
    for name in names:
        with stage_of(name, people) as stage:
            sound += [kill(stage, name, kills)] if faults in ("", "all") else []
            wanted = EVERY[name] if faults == "all" else [faults] if faults else []
            planted += [kill(stage, name, kills, fault) for fault in wanted]
    return {
        "good": all(one.good for one in sound),
        "kills": sum(one.kills for one in sound),
        "broken": sum(one.broken for one in sound),
        "planted_faults": len(planted),
        "planted_faults_caught": sum(not one.good for one in planted),
        "acts": [asdict(one) for one in sound + planted],
    }


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON; exit status 1 when a promise was broken, or a planted fault was not caught."""
    parser = argparse.ArgumentParser(prog="benchmarks.act_kills", description=__doc__.splitlines()[0])
    parser.add_argument("--of", choices=[*ACTS, "acts"], required=True)
    parser.add_argument("--kills", default="lines", help="lines, all, or a number")
    parser.add_argument("--fault", default="", help="one by name, or all")
    parser.add_argument("--people", type=int, default=0, help="recipients of the alert; default 40")
    chosen = parser.parse_args(arguments)
    found = run(list(FAULTS) if chosen.of == "acts" else [chosen.of], chosen.kills, chosen.fault, chosen.people)
    print(json.dumps(found, ensure_ascii=False))
    return 0 if found["good"] and found["planted_faults"] == found["planted_faults_caught"] else 1


if __name__ == "__main__":
    sys.exit(main())
