"""`fenghuo doctor`: is this installation sound?"""

import json
import sys
from argparse import Namespace

from fenghuo.ops import checks
from fenghuo.ops.outcome import CHECK_FAILED, DONE

WORDS = {"green": "正常 ok   ", "yellow": "注意 look ", "red": "有误 WRONG"}
PAINT = {"green": "32", "yellow": "33", "red": "31"}


def run(args: Namespace) -> int:
    """One line per check; exit status 4 when any is red."""
    findings = list(checks.everything())
    for one in findings:
        both = dict.fromkeys((one.zh, one.en))
        print(f"{_painted(one.colour)}  {' · '.join(both)}")
    wrong = [one.name for one in findings if one.colour == "red"]
    if args.json:
        print(
            json.dumps(
                {"ok": not wrong, "red": wrong, "checks": [one.as_dict() for one in findings]}, ensure_ascii=False
            )
        )
    return CHECK_FAILED if wrong else DONE


def _painted(colour: str) -> str:
    """Colour only where a person looks: a file or a pipe gets the words alone."""
    return f"\x1b[{PAINT[colour]}m{WORDS[colour]}\x1b[0m" if sys.stdout.isatty() else WORDS[colour]
