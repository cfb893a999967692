"""The desk's pages at a million contacts and a million recipients: p50 and p95 through the real web process, queries per page.

    python -m benchmarks.pages --contacts 1000000 --json [--folder FOLDER]

`--folder` keeps the folder, and measures one that is there. Requests follow each other on one connection, as one person's would.
A figure is void, and the exit status 1, when an answer is not a 200.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fenghuo.ops.preparation import free_port
from fenghuo.ops.processes.health import answers

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60


def requests(laid: dict[str, Any], many: int) -> list[dict[str, Any]]:
    """What is measured: a name, whose desk, the address, and the form where one is sent."""
    pages = max(1, many // 50)
    form = {
        "kind": "warning",
        "category": "natural",
        "level": "3",
        "headline": "暴雨",
        "body": "降雨",
        "areas": "120119111",
    }
    by_area = form | {"audience_areas": "120119111"}
    by_outline = form | {"audience_polygons": laid["outline"]}
    listed = [
        ("desk", "entry", "/", None),
        ("compose", "entry", "/alerts/new/", None),
        ("check while typing", "entry", "/alerts/check/", by_area),
        ("audience by area", "entry", "/alerts/audience/", by_area),
        ("audience by outline", "entry", "/alerts/audience/", by_outline),
        ("review", "reviewer", f"/alerts/{laid['waiting']}/review/", None),
        ("sign-off", "signer", f"/alerts/{laid['waiting']}/sign/", None),
        ("progress", "duty_officer", f"/alerts/{laid['signed']}/progress/", None),
        ("recipients", "duty_officer", f"/alerts/{laid['signed']}/recipients/", None),
        ("recipients, last page", "duty_officer", f"/alerts/{laid['signed']}/recipients/?page={pages}", None),
        ("recipients, by state", "duty_officer", f"/alerts/{laid['signed']}/recipients/?state=unsent&page=7", None),
        ("in doubt", "duty_officer", "/in-doubt/", None),
        ("gateways", "duty_officer", "/gateways/", None),
        ("unmatched receipts", "duty_officer", "/unmatched/", None),
        ("contacts", "resource_keeper", "/contacts/", None),
        ("contacts, last page", "resource_keeper", f"/contacts/?page={pages}", None),
        ("contacts, search", "resource_keeper", "/contacts/?" + urlencode({"text": "民12"}), None),
        ("contacts, group", "resource_keeper", f"/contacts/?group={laid['group']}", None),
        ("groups", "resource_keeper", "/groups/", None),
        ("group", "resource_keeper", f"/groups/{laid['group']}/", None),
    ]
    return [{"name": name, "post": post, "path": path, "form": sent} for name, post, path, sent in listed]


def measured(port: int, laid: dict[str, Any], one: dict[str, Any], rounds: int) -> dict[str, float]:
    """Milliseconds of one request, over and over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"{laid['cookie']}={laid['cookies'][one['post']]}", "Host": f"localhost:{port}"}
    body = None
    if one["form"]:
        token = "a" * 32
        headers |= {
            "Cookie": f"{headers['Cookie']}; fenghuo_csrf={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"http://localhost:{port}/",
        }
        body = urlencode(one["form"])
    took = []
    for _round in range(rounds + 1):
        started = time.perf_counter()
        connection.request("POST" if body else "GET", one["path"], body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{one['name']}: {answer.status}")
    later = sorted(took[1:])
    at = min(len(later) - 1, round(0.95 * len(later)))
    return {"first_ms": round(took[0], 1), "p50_ms": round(later[len(later) // 2], 1), "p95_ms": round(later[at], 1)}


@contextmanager
def web(folder: Path, port: int) -> Iterator[None]:
    """The web process on a folder."""
    leash, held = os.pipe()
    command = [sys.executable, "-m", "fenghuo", "web", "--bind", f"127.0.0.1:{port}", "--leash", str(leash)]
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(folder),
            pass_fds=(leash,),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(port, "127.0.0.1"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"web did not start; see {folder / 'web.log'}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)
        os.close(leash)
        os.close(held)


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "FENGHUO_DATA": str(folder)}


def house(folder: Path, *arguments: str) -> Any:
    """What `pages_house` printed."""
    command = [sys.executable, "-m", "benchmarks.pages_house", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def run(folder: Path, many: int, rounds: int, earlier: int = 0) -> dict[str, Any]:
    """Lay the folder where it is empty, then measure."""
    kept = folder / "laid.json"
    if not kept.exists():
        subprocess.run(
            [sys.executable, "-m", "fenghuo", "init", "--data", str(folder)], cwd=ROOT, check=True, capture_output=True
        )
        kept.write_text(
            json.dumps(house(folder, "--contacts", str(many), "--recipients", str(earlier))), encoding="utf-8"
        )
    laid = json.loads(kept.read_text(encoding="utf-8"))
    wanted = requests(laid, many)
    asked = folder / "requests.json"
    asked.write_text(json.dumps({"requests": wanted, "laid": laid}), encoding="utf-8")
    queries = house(folder, "--queries", str(asked))
    load = os.getloadavg()[0]
    port = free_port("127.0.0.1")
    with web(folder, port):
        pages = {one["name"]: measured(port, laid, one, rounds) | {"queries": queries[one["name"]]} for one in wanted}
    return {
        "contacts": many,
        "earlier_recipients": earlier,
        "load_before": round(load, 1),
        "pages": pages,
        "process": house(folder, "--figures"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--recipients", type=int, default=0, help="in the ledger besides, of earlier alerts")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenghuo-pages-") as made:
        found = run(args.folder or Path(made), args.contacts, args.rounds, args.recipients)
    for name, one in found["pages"].items():
        print(f"{name:24} p50 {one['p50_ms']:7} ms   p95 {one['p95_ms']:7} ms   {one['queries']:3} queries")
    for name, value in found["process"].items():
        print(f"{name:24} {value}")
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
