"""The drills themselves, in a process that stands at the end of all cables; `tests.hosts` starts it."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from tests.hosts import drill  # noqa: E402
from tests.hosts.house import House, three_hosts  # noqa: E402

AHEAD = {"a": 0, "b": -3600, "c": 3600}  # two clocks are an hour wrong: leases go by the database's


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hosts.playing")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faults", required=True)
    for name in ("recipients", "lease", "rate"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--planted", default="")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()

    def sender(name: str) -> list[str]:
        command = ["-m", "tests.hosts.sending", "--ahead", str(AHEAD[name])]
        return [*command, *(["--fault", chosen.planted] if chosen.planted else [])]

    with three_hosts(chosen.folder, recipients=200, sender=sender) as house:
        try:
            return play(house, chosen)
        except BaseException:
            print(house.logs(), file=sys.stderr)
            raise


def play(house: House, chosen: argparse.Namespace) -> int:
    through_web = house.instance.settled(house.instance.signed(headline="三台主机")["id"])
    names = list(drill.FAULTS) if chosen.faults == "all" else chosen.faults.split(",")
    outcomes = []
    for number, name in enumerate(names):
        found = drill.drill(house, name, recipients=chosen.recipients, lease=chosen.lease, number=number)
        outcomes.append(found)
        print(f"{'good' if found.good else 'BAD '} {found}", flush=True)
    good = all(one.good for one in outcomes) and through_web["delivered"] == through_web["count"]
    told: dict[str, Any] = {
        "good": good,
        "hosts": len(house.hosts),
        "through_web": through_web["delivered"],
        "slowest_take_over_s": max(one.take_over_s for one in outcomes),
        "lost": sum(one.lost for one in outcomes),
        "unlisted": sum(one.unlisted for one in outcomes),
        "outcomes": [one.as_dict() for one in outcomes],
    }
    if chosen.json:
        print(json.dumps(told), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
