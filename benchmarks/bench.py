"""Every goal, measured: a table, JSON, and with --write the figures, the table and the plot of the documentation.

make bench                                         a few minutes
.venv/bin/python -m benchmarks.bench --size big    ten million recipients, a million contacts, a rehearsal of a million
.venv/bin/python -m benchmarks.bench --write       into docs/reference; what this run left out keeps its earlier figure and date
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import children, kannel, line_rate, receipts
from benchmarks.drawing import drawn, table
from benchmarks.fan_out import Case, Measured, compare, durable, json_of, median, rivals
from benchmarks.goals import GOALS, Raw
from fenghuo.ground import clock

DOCS = children.ROOT / "docs" / "reference"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PAGES = ("desk", "compose", "recipients")  # those of the goal, by their names up to a comma
ALL = [*line_rate.RATES]
# size: recipients of cmpp_multi, of the single cases, rounds, kannel, tasks, growth, receipts, seconds at each rate
SIZES: dict[str, dict[str, Any]] = {
    "small": {"multi": 5_000, "single": 1_000, "rounds": 1, "kannel": 100, "tasks": 20, "growth": (2_000,),
              "receipts": (5_000,), "seconds": 1.0, "rates": [300]},
    "full": {"multi": 1_000_000, "single": 100_000, "rounds": 3, "kannel": 3_000, "tasks": 1_000,
             "growth": (10_000, 1_000_000), "receipts": (1_000_000,), "seconds": 10.0, "rates": ALL, "rehearsal": 100_000},
    "big": {"multi": 1_000_000, "single": 100_000, "rounds": 3, "kannel": 3_000, "tasks": 1_000,
            "growth": (10_000, 1_000_000, 10_000_000), "receipts": (1_000_000, 10_000_000), "seconds": 20.0, "rates": ALL,
            "rehearsal": 1_000_000, "pages": 1_000_000},
}  # fmt: skip


def grown(sizes: tuple[int, ...], rounds: int) -> Raw:
    """The same path at several sizes, interleaved."""
    runs: dict[int, list[Measured]] = {size: [] for size in sizes}
    for number in range(rounds):
        for size in sizes:
            if number == 0 or size < 10_000_000:
                runs[size].append(durable(Case("cmpp3", 99, 100, size)))
    return {
        str(size): {
            "us_per_recipient": round(median(found) / size * 1e6, 3),
            "peak_rss_mb": max(one["peak_rss_mb"] for one in found),
            "bytes_per_recipient": max(one["bytes_per_recipient"] for one in found),
            "order_to_first_pdu_ms": median(found, "order_to_first_pdu_ms"),
        }
        for size, found in runs.items()
    }


def rehearsed(recipients: int) -> Raw:
    """The whole main job through the real processes; it compares every recipient itself."""
    return json_of([sys.executable, "-m", "fenghuo", "rehearse", "--recipients", str(recipients), "--json"])


def paged(contacts: int) -> Raw:
    """The slowest of the goal's pages, and all of them."""
    found = json_of(
        [
            sys.executable,
            "-m",
            "benchmarks.pages",
            "--contacts",
            str(contacts),
            "--recipients",
            str(10 * contacts),
            "--json",
        ]
    )
    chosen = {name: one["p95_ms"] for name, one in found["pages"].items() if name.partition(",")[0] in PAGES}
    return {"p95_ms": max(chosen.values(), default=None), "pages": found["pages"]}


def steps(size: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """What is measured, in order."""
    single, batch = size["single"], 99
    cases = {
        "cmpp_multi": Case("cmpp3", batch, 100, size["multi"]),
        "cmpp_single": Case("cmpp3", 1, 100, single),
        "smpp_single": Case("smpp", 1, 100, single),
    }
    others = rivals(size["kannel"], 10 * size["kannel"], size["tasks"])
    found: dict[str, Callable[[], Any]] = {
        "fan_out": lambda: compare(cases, others, size["rounds"]),
        "growth": lambda: grown(size["growth"], size["rounds"]),
        "receipts": lambda: {str(n): receipts.measured(n, 50, receipts.GROUP) for n in size["receipts"]},
        "line_rate": lambda: line_rate.compare(size["rates"], size["seconds"]),
    }
    if "rehearsal" in size:
        found["rehearsal"] = lambda: rehearsed(size["rehearsal"])
    if "pages" in size:
        found["pages"] = lambda: paged(size["pages"])
    return found


def measured(size: dict[str, Any], only: set[str]) -> Raw:
    """All steps, or some; progress goes to stderr."""
    raw: Raw = {}
    for name, step in steps(size).items():
        if not only or name in only:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            raw[name] = step()
    return raw


def judged(raw: Raw, load: float) -> list[dict[str, Any]]:
    """A row for every goal; `value` is None where this run did not measure it."""
    day = f"{clock.now():%Y-%m-%d}"
    rows = []
    for goal in GOALS:
        value = goal.read(raw)
        rows.append(
            {
                "name": goal.name,
                "says": goal.says,
                "ask": goal.ask,
                "at_most": goal.most,
                "unit": goal.unit,
                "value": value,
            }
            | ({"reached": goal.reached(value), "day": day, "load": load} if value is not None else {})
        )
    return rows


def merged(rows: list[dict[str, Any]], earlier: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What this run did not measure keeps its earlier figure, with its own day."""
    kept = {row["name"]: row for row in earlier if row.get("value") is not None}
    return [kept[row["name"]] if row["value"] is None and row["name"] in kept else row for row in rows]


def written(figures: dict[str, Any], folder: Path) -> None:
    """figures.json, figures.svg and the table within figures.md; writing twice changes nothing."""
    file = folder / "figures.json"
    earlier = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
    figures["rows"] = merged(figures["rows"], earlier)
    file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "figures.svg").write_text(drawn(figures["rows"]), encoding="utf-8")
    page = folder / "figures.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{table(figures['rows'])}\n{END}{after}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 when a run was void; a goal that is missed is a figure, not an error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="full")
    parser.add_argument(
        "--only", default="", help="steps, separated by commas: fan_out growth receipts line_rate rehearsal pages"
    )
    parser.add_argument("--json", action="store_true", help="everything that was measured, as one line, last")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--folder", type=Path, default=DOCS, help="where --write writes")
    chosen = parser.parse_args(arguments)
    if kannel.missing():
        print(kannel.missing(), file=sys.stderr)
    load = round(os.getloadavg()[0], 1)
    try:
        raw = measured(SIZES[chosen.size], set(filter(None, chosen.only.split(","))))
    except (RuntimeError, kannel.Void) as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": load}
    figures: dict[str, Any] = {"machine": machine, "rows": judged(raw, load)}
    if chosen.write:
        written(figures, chosen.folder)
    print(table(figures["rows"]))
    if chosen.json:
        print(json.dumps({**figures, "raw": raw}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
