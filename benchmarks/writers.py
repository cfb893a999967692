"""B2: many who write at once through the web, while somebody else holds the database again and again; nobody may read "locked".

Every writer is a thread with a signed-in browser of its own before the whole application, and makes one group of contacts after the
other, each in a transaction with its line in the journal. Beside them the database is held for `HELD` seconds, again and again.
The folder is one that `fenghuo init` made.

    requests    that were answered
    written     groups that are there afterwards; as many as were answered by their page
    busy        of those, answers 503: it says in plain words that nothing was done and what to do
    locked      answers that say "locked" or name an exception, errors 500, and exceptions
    slowest_s   the longest answer

    FENGHUO_DATA=FOLDER python -m benchmarks.house FOLDER benchmarks.writers --writers 8 --seconds 60

Prints one line of JSON; exit status 1 when `locked` is not 0, or what was said to be made is not what was written.
"""

import argparse
import json
import os
import sqlite3
import sys
import threading
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections
from django.test import Client

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account
from fenghuo.ops import exercise
from fenghuo.ops.commands.demo import lay_out
from fenghuo.readiness.contacts.models import Group
from fenghuo.web.accounts.middleware import KEY

HELD, REST = 0.3, 0.3
MADE, BUSY, BROKEN = 302, 503, 500
NEVER = ("locked", "OperationalError", "DatabaseError", "Traceback")


@dataclass
class Score:
    """See the module."""

    writers: int
    seconds: float
    requests: int = 0
    made: int = 0
    written: int = 0
    busy: int = 0
    locked: int = 0
    slowest_s: float = 0.0
    load: float = 0.0
    said: str = ""


def browser(account: Account) -> Client:
    """As the sign-in page leaves a session behind."""
    client = Client(raise_request_exception=False, HTTP_HOST=urlsplit(settings.FENGHUO.public_url).netloc)
    client.force_login(account)
    session = client.session
    session[KEY] = accounts.open_session(account=account, proof=None, place="127.0.0.1", browser="harness").pk
    session.save()
    return client


def write(score: Score, lock: threading.Lock, client: Client, who: int, until: float) -> None:
    """One writer."""
    turn = 0
    while time.monotonic() < until:
        turn += 1
        began = time.monotonic()
        answer = client.post("/groups/", {"name": f"写入{who}之{turn}"})
        took, words = time.monotonic() - began, answer.content.decode(errors="replace")
        bad = [one for one in NEVER if one in words]
        with lock:
            score.requests += 1
            score.made += answer.status_code == MADE
            score.busy += answer.status_code == BUSY
            score.locked += bool(bad) or answer.status_code == BROKEN
            score.slowest_s = max(score.slowest_s, round(took, 2))
            score.said = score.said or (words[:300] if bad or answer.status_code == BROKEN else "")
    connections.close_all()


def hold(until: float) -> None:
    """Another process in the middle of a long write, as far as SQLite knows."""
    other = sqlite3.connect(settings.DATA / "main.db", isolation_level=None, timeout=5.0)
    while time.monotonic() < until:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(HELD)
        other.execute("ROLLBACK")
        time.sleep(REST)
    other.close()


def run(writers: int, seconds: float) -> Score:
    """All of them, for so long."""
    score, lock = Score(writers, seconds, load=round(os.getloadavg()[0], 1)), threading.Lock()
    keeper = exercise.people(lay_out(with_roster=False))["resource_keeper"]
    clients = [browser(keeper) for _ in range(writers)]
    before, until = Group.objects.count(), time.monotonic() + seconds
    threads = [threading.Thread(target=write, args=(score, lock, one, who, until)) for who, one in enumerate(clients)]
    threads.append(threading.Thread(target=hold, args=(until,)))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    score.written = Group.objects.count() - before
    return score


def main(arguments: list[str] | None = None) -> int:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.writers", description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args(arguments)
    score = run(chosen.writers, chosen.seconds)
    connections.close_all()
    good = not score.locked and score.made == score.written > 0
    print(json.dumps({"good": good, **asdict(score)}, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
