"""How long a list of people takes from the upload to the last of them being kept, and to be taken back.

python -m benchmarks.contacts --recipients 100000 [--json] [--format xlsx|csv]

A data folder of its own, durable like every installation; the same calls as the page and the worker make. A figure is void unless
exactly the people of the list are in the contacts, and none after the undo.
"""

import argparse
import csv
import io
import json
import os
import resource
import sys
import tempfile
import time
from typing import Any

import django
from openpyxl import Workbook

HEADINGS = ["姓名", "村", "职务", "手机", "座机", "标签", "风险", "群组"]
TOWN = "120119111"


def people(count: int, villages: list[str]) -> list[list[Any]]:
    """A roster as a town keeps it: names of villages, a landline here and there, grid workers in a group."""
    return [
        [
            f"村民{one}",
            villages[one % len(villages)],
            "网格员" if one % 7 == 0 else "村民",
            f"10{one:09d}",
            "022-29840001" if one % 50 == 0 else "",
            "防汛" if one % 5 == 0 else "",
            one % 10,
            "网格员" if one % 7 == 0 else "",
        ]
        for one in range(count)
    ]


def packed(rows: list[list[Any]], shape: str) -> bytes:
    """The list as a file."""
    if shape == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([HEADINGS, *rows])
        return text.getvalue().encode("utf-8-sig")
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("通讯录")
    for row in [HEADINGS, *rows]:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def measure(count: int, shape: str) -> dict[str, Any]:
    """One run in a fresh data folder. Raises SystemExit when it is void."""
    # Only now, when the data folder is named, may Django and what stands on it be imported.
    from fenghuo.ground.accounts.models import Organisation  # noqa: PLC0415
    from fenghuo.ground.areas import actions as areas  # noqa: PLC0415
    from fenghuo.ground.areas import queries  # noqa: PLC0415
    from fenghuo.readiness.contacts import actions, states, tasks  # noqa: PLC0415
    from fenghuo.readiness.contacts.models import Contact, ContactNumber  # noqa: PLC0415

    areas.import_csv(path=queries.DEMO_CSV, by=None)
    town = Organisation.objects.create(area_id=TOWN, name="下仓镇", profile="xiacang")
    file = packed(people(count, _unambiguous(queries)), shape)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def until(state: str) -> float:
        begun = time.perf_counter()
        while parent.state != state:
            tasks.tick()
            parent.refresh_from_db(fields=["state"])
        return time.perf_counter() - begun

    begun = time.perf_counter()
    parent = actions.begin_import(organisation=town, name=f"people.{shape}", data=file, by=None)
    preview = time.perf_counter() - begun + until(states.PREVIEWED)
    actions.start_import(parent=parent, by=None)
    applied = until(states.DONE)
    if (Contact.objects.count(), ContactNumber.objects.count()) != (count, count):
        raise SystemExit("void: the contacts are not the list")
    actions.undo_import(parent=parent, by=None)
    undone = until(states.UNDONE)
    if Contact.objects.exists():
        raise SystemExit("void: somebody is left after the undo")
    return {
        "recipients": count,
        "format": shape,
        "file_mb": round(len(file) / 1024 / 1024, 1),
        "preview_seconds": round(preview, 2),
        "apply_seconds": round(applied, 2),
        "import_seconds": round(preview + applied, 2),
        "undo_seconds": round(undone, 2),
        "rss_before_mb": round(before / 1024, 1),
        "rss_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "reader_rss_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _unambiguous(queries: Any) -> list[str]:
    names = list(queries.subtree(TOWN).values_list("name", flat=True))
    return [one for one in names if names.count(one) == 1]


def main() -> int:
    """One run with the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.contacts", description=__doc__)
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--format", choices=["xlsx", "csv"], default="xlsx")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenghuo-contacts-") as folder:
        os.environ["FENGHUO_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", database="default", verbosity=0)
        found = measure(chosen.recipients, chosen.format)
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:18} {value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
