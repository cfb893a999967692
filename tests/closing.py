"""Adds up pytest's reports and refuses a run that skipped, or ran nothing: `python tests/closing.py build/reports/*.xml`.

Used by .ci/run. Prints one line, `N passed, N failed, N skipped`, and names every skipped test with its reason.
Exit status 1 when a test failed, was skipped, or when no test ran.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def outcomes(report: Path) -> dict[str, list[str]]:
    """Test names by outcome (`passed`, `failed`, `skipped`) from one JUnit report; a skipped name carries its reason."""
    found: dict[str, list[str]] = {"passed": [], "failed": [], "skipped": []}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            found["failed"].append(name)
        elif skipped is not None:
            found["skipped"].append(f"{name}: {skipped.get('message')}")
        else:
            found["passed"].append(name)
    return found


def main(reports: list[str]) -> int:
    total: dict[str, list[str]] = {"passed": [], "failed": [], "skipped": []}
    for report in reports:
        for outcome, names in outcomes(Path(report)).items():
            total[outcome] += names
    for name in total["skipped"]:
        print(f"skipped: {name}")
    if not total["passed"]:
        print("No test ran.")
    print(f"{len(total['passed'])} passed, {len(total['failed'])} failed, {len(total['skipped'])} skipped")
    return 1 if total["failed"] or total["skipped"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
