"""The data folder that `pages.py` measures: a town of a million with positions, boundaries, groups and a released alert to all.

FENGHUO_DATA=FOLDER python -m benchmarks.pages_house --contacts N            lays it; prints what was made as JSON
FENGHUO_DATA=FOLDER python -m benchmarks.pages_house --figures               what one process needs, as JSON
FENGHUO_DATA=FOLDER python -m benchmarks.pages_house --queries FILE          questions asked of the databases per request
"""

import argparse
import json
import os
import statistics
import time
from array import array
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from fenghuo.delivery.ledger import actions as ledger  # noqa: E402
from fenghuo.ground import clock  # noqa: E402
from fenghuo.ground.accounts import actions as accounts  # noqa: E402
from fenghuo.ground.accounts.models import Account, Organisation  # noqa: E402
from fenghuo.ground.areas import actions as areas  # noqa: E402
from fenghuo.ground.ids import new_id  # noqa: E402
from fenghuo.ops import exercise  # noqa: E402
from fenghuo.ops.commands.demo import lay_out  # noqa: E402
from fenghuo.readiness.contacts import actions as contacts  # noqa: E402
from fenghuo.readiness.contacts import queries  # noqa: E402
from fenghuo.readiness.contacts.models import Contact, ContactNumber  # noqa: E402
from fenghuo.warning.alerts import actions, rules  # noqa: E402
from fenghuo.warning.alerts.models import Alert  # noqa: E402
from fenghuo.web.accounts.middleware import KEY  # noqa: E402
from tests.makers import boundaries as maker  # noqa: E402

BATCH = 20_000
POSITIONS = ("网格员", "村级信息员", "", "", "", "", "")
POSTS = ("entry", "reviewer", "signer", "duty_officer", "resource_keeper")
EVERYWHERE = maker.outline(117.3, 39.7, 117.7, 40.0)


def lay(many: int, earlier: int = 0) -> dict[str, Any]:
    """Everything, through the house's own actions but the people themselves, who go in by the thousand."""
    organisation = lay_out(with_roster=False)
    people = exercise.people(organisation)
    villages = [one.code for one in exercise.villages(organisation)]
    areas.import_boundaries(content=maker.villages(villages), name="cells", by=None)
    crowd(organisation, villages, many)
    for position in POSITIONS[:2]:
        group = contacts.create_group(organisation=organisation, name=position, by=None)
        contacts.add_rule(group=group, position=position, by=None)
    group = contacts.create_group(organisation=organisation, name="首村", by=None)
    contacts.add_rule(group=group, area=villages[0], by=None)
    for index in range(50):
        group = contacts.create_group(organisation=organisation, name=f"片区{index}", by=None)
        contacts.add_rule(group=group, area=villages[index % len(villages)], by=None)
    told_before(earlier)
    signed, waiting = alert(people, sign=True), alert(people, sign=False)
    return {
        "signed": signed.id,
        "waiting": waiting.id,
        "group": group.id,
        "cookies": {post: session(people[post]) for post in POSTS},
        "cookie": settings.SESSION_COOKIE_NAME,
        "village": villages[0],
        "outline": EVERYWHERE,
    }


def crowd(organisation: Organisation, villages: list[str], many: int) -> None:
    """Nine in ten have a position, somewhere in their village's cell; everyone has one number."""
    chance = np.random.default_rng(1)
    for start in range(0, many, BATCH):
        places = [divmod(one % len(villages), maker.ACROSS) for one in range(start, min(start + BATCH, many))]
        shift = chance.integers(0, 10_000, (len(places), 2)).tolist()
        rows = [
            Contact(
                organisation=organisation,
                area_id=villages[(start + index) % len(villages)],
                name=f"村民{(start + index) * 7_919 % many}",
                position=POSITIONS[index % len(POSITIONS)],
                risk=index % 3,
                latitude=39_800_000 + row * 10_000 + shift[index][0] if index % 10 else None,
                longitude=117_400_000 + column * 10_000 + shift[index][1] if index % 10 else None,
            )
            for index, (row, column) in enumerate(places)
        ]
        with transaction.atomic():
            made = Contact.objects.bulk_create(rows)
            ContactNumber.objects.bulk_create(
                ContactNumber(contact=one, organisation=organisation, address=exercise.FIRST_NUMBER + start + index)
                for index, one in enumerate(made)
            )


def told_before(recipients: int) -> None:
    """A ledger that is not new: audiences of a million each, as earlier alerts left them."""
    for start in range(0, recipients, 1_000_000):
        numbers = np.arange(start, min(start + 1_000_000, recipients), dtype=np.uint64)
        ledger.freeze(
            broadcast=new_id(),
            mode=settings.FENGHUO.mode,
            lane=4,
            text="预计今天夜间有雨。",
            correction="",
            src_id="12379",
            expires_at=clock.now() + timedelta(hours=1),
            policy="patient",
            contact_ids=array("Q", (numbers + np.uint64(1)).tobytes()),
            addresses=array("Q", (numbers + np.uint64(exercise.FIRST_NUMBER)).tobytes()),
        )


def alert(people: dict[str, Account], *, sign: bool) -> Alert:
    """To everybody: released, or waiting for its signature."""
    now = clock.now().replace(second=0, microsecond=0)
    words = "预计今天夜间我镇将出现50毫米以上降雨，低洼地带注意积水，请减少外出。"
    content = {
        "kind": "warning", "category": "natural", "level": 3, "event": "11B03", "headline": "暴雨黄色预警", "body": words,
        "caution": words, "measures": words, "issuer": "蓟州区气象台", "starts_at": now, "areas": ["120119111"],
        "expires_at": now + timedelta(hours=12), "audience": {"areas": ["120119111"]},
        "origin": {
            "issuer": "蓟州区气象台", "issued_at": now - timedelta(minutes=20), "how": "fax", "text": words,
            "received_at": now - timedelta(minutes=5), "reference": "1",
        },
    }  # fmt: skip
    made = actions.draft(content=rules.read(content), by=people["entry"])
    made = actions.submit(alert=made, version=made.version, by=people["entry"])
    actions.review(alert=made, digest=made.digest, by=people["reviewer"])
    made.refresh_from_db()
    actions.approve(alert=made, digest=made.digest, by=people["leader"])
    made.refresh_from_db()
    if sign:
        codes = accounts.print_codes(account=people["signer"])
        proof = accounts.step_up(account=people["signer"], digest=made.digest, code=codes[0])
        actions.sign(alert=made, digest=made.digest, step_up=proof, people=made.audience_count, by=people["signer"])
        made.refresh_from_db()
    return made


def session(account: Account) -> str:
    """A signed-in browser's cookie."""
    store = SessionStore()
    store[SESSION_KEY] = str(account.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = account.get_session_auth_hash()
    store[KEY] = accounts.open_session(account=account, proof=None, place="127.0.0.1", browser="benchmark").pk
    store.save()
    return str(store.session_key)


def figures() -> dict[str, Any]:
    """What one process needs: reading everybody, memory, choosing by outline, +a/−b, following one edit."""
    organisation = Organisation.objects.get()
    seconds, columns = timed(lambda: queries.living(organisation))
    audience = {"polygons": [EVERYWHERE]}

    def anew() -> tuple[int, int]:
        queries.living(organisation).memo.clear()
        return queries.count(organisation=organisation, audience=audience)

    chosen = queries.count(organisation=organisation, audience=audience)[0]
    frozen = queries.resolve(organisation=organisation, audience={"areas": ["120119111"]})
    one = Contact.objects.filter(organisation=organisation).order_by("id")[5]

    def edit() -> float:
        actions_of_one(one)
        return timed(lambda: queries.living(organisation))[0]

    def compare() -> tuple[int, int]:
        return queries.difference(
            organisation=organisation, audience={"areas": ["120119111"]}, addresses=frozen.addresses
        )

    return {
        "people": len(columns),
        "read_everybody_s": round(seconds, 2),
        "columns_mb": round(columns.nbytes / 1e6, 1),
        "outline_chose": chosen,
        "select_by_outline_ms": milliseconds([timed(anew)[0] for _ in range(9)]),
        "difference_ms": milliseconds([timed(compare)[0] for _ in range(9)]),
        "follow_one_edit_ms": milliseconds([edit() for _ in range(5)]),
    }


def actions_of_one(one: Contact) -> None:
    """An edit that changes nothing but the moment."""
    numbers = [str(number.address) for number in one.numbers.all()]
    contacts.edit_contact(contact=one, name=one.name, area=one.area_id, risk=one.risk, numbers=numbers, by=None)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def milliseconds(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 1)


def questions(requests: list[dict[str, Any]], laid: dict[str, Any]) -> dict[str, int]:
    """How many queries each request asks of both databases, once what a process keeps is kept."""
    asked = {}
    for one in requests:
        client = Client(SERVER_NAME="localhost")
        client.cookies[laid["cookie"]] = laid["cookies"][one["post"]]
        counts = [_questions(client, one) for _visit in range(2)]
        asked[one["name"]] = counts[-1]
    return asked


def _questions(client: Client, one: dict[str, Any]) -> int:
    with CaptureQueriesContext(connections["default"]) as main, CaptureQueriesContext(connections["ledger"]) as ledger:
        answer = client.post(one["path"], one["form"]) if one.get("form") else client.get(one["path"])
    if answer.status_code != 200:
        raise RuntimeError(f"{one['name']}: {answer.status_code}")
    return len(main) + len(ledger)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int)
    parser.add_argument("--recipients", type=int, default=0)
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("--queries", type=Path)
    args = parser.parse_args()
    if args.contacts:
        print(json.dumps(lay(args.contacts, args.recipients)))
    elif args.figures:
        print(json.dumps(figures()))
    else:
        given = json.loads(args.queries.read_text(encoding="utf-8"))
        print(json.dumps(questions(given["requests"], given["laid"])))


if __name__ == "__main__":
    main()
