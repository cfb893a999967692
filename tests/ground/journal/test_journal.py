"""The journal: appended with the act, refused to every hand that would change it, and found out when changed all the same."""

import json
import random
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from fenghuo.ground import clock
from fenghuo.ground.journal import actions, chain, queries, triggers
from fenghuo.ground.journal.models import JournalEntry

TABLE = triggers.TABLE
ACTOR = {"person": "01J", "name": "下仓村录入", "posts": ["entry"], "network": "10.1.0.0"}


def fill(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            actions.record(
                act=f"act{number % 7}",
                by=ACTOR,
                organisation="org",
                subject=f"s{number}",
                detail={"n": number, "文": "暴雨"},
            )


@pytest.mark.django_db
def test_an_entry_says_who_when_what_and_names_its_predecessor():
    fill(2)
    first, second = JournalEntry.objects.all()
    assert (first.seq, first.previous) == (1, chain.GENESIS)
    assert (second.seq, second.previous) == (2, first.hash)
    assert second.actor == ACTOR
    assert second.detail == {"n": 1, "文": "暴雨"}
    assert queries.verify() == queries.Verdict(True, 2, f"2:{second.hash}")
    assert queries.head() == f"2:{second.hash}"


@pytest.mark.django_db
def test_an_empty_journal_is_whole():
    assert queries.verify() == queries.Verdict(True, 0, "0:" + "0" * 64)


@pytest.mark.django_db
def test_the_system_is_an_actor_too():
    assert actions.record(act="sweep", by=None).actor == {"system": True}


@pytest.mark.django_db
def test_the_same_milestone_is_written_once():
    one = actions.record(act="all_accepted", by=None, once="b1/all_accepted", detail={"n": 1})
    two = actions.record(act="all_accepted", by=None, once="b1/all_accepted", detail={"n": 2})
    assert one.pk == two.pk
    assert JournalEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_journalled():
    with pytest.raises(TransactionManagementError):
        actions.record(act="draft", by=ACTOR)
    assert queries.verify().count == 0


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_entry():
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.record(act="draft", by=ACTOR)
        raise RuntimeError
    assert queries.verify().count == 0


@pytest.mark.django_db
@pytest.mark.parametrize("detail", [{"cost": 0.1}, {"rows": [{"x": float("nan")}]}, {1: "number as key"}])
def test_what_cannot_be_repeated_exactly_is_refused(detail):
    with pytest.raises(TypeError):
        actions.record(act="draft", by=ACTOR, detail=detail)


@pytest.mark.django_db
def test_a_clock_that_jumps_back_does_not_break_the_chain():
    fill(3)
    with clock.moved(timedelta(hours=-8)):
        fill(3)
    assert queries.verify().ok


@pytest.mark.django_db
def test_an_outsider_can_repeat_the_hashes_from_the_export():
    fill(5)
    previous = chain.GENESIS
    for line in queries.export():
        entry = json.loads(line)
        stated = entry.pop("hash")
        assert chain.hash_of(entry) == stated
        assert entry["previous"] == previous
        previous = stated
    assert f"5:{previous}" == queries.head()


COLUMNS = "seq, at, organisation, actor, act, subject, detail, once, previous, hash"
OTHER_ACT = COLUMNS.replace("act,", "'other',")  # touches neither "actor" nor any other column
REPLACE = {
    "sqlite": f"INSERT OR REPLACE INTO {TABLE} ({COLUMNS}) SELECT {OTHER_ACT} FROM {TABLE} WHERE seq = 2",
    "postgresql": f"INSERT INTO {TABLE} ({COLUMNS}) SELECT {OTHER_ACT} FROM {TABLE} WHERE seq = 2"
    " ON CONFLICT (seq) DO UPDATE SET act = EXCLUDED.act",
}
EMPTY = {"sqlite": f"DELETE FROM {TABLE}", "postgresql": f"TRUNCATE {TABLE}"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET act = 'nothing happened' WHERE seq = 2",
        f"DELETE FROM {TABLE} WHERE seq = 3",
        EMPTY,
        REPLACE,
    ],
    ids=["update", "delete", "empty", "replace"],
)
def test_the_database_refuses_to_change_or_forget(statement):
    fill(3)
    triggers.install(connection)
    with pytest.raises(DatabaseError, match="append-only"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement if isinstance(statement, str) else statement[connection.vendor])
    assert queries.verify() == queries.Verdict(True, 3, queries.head())
    fill(1)  # appending still works
    assert queries.verify().count == 4


SIZE = 60


EDITS: list[tuple[str, object]] = [
    ("act", "nothing"),
    ("at", "2020-01-01 00:00:00.000001"),
    ("organisation", "another"),
    ("actor", json.dumps(ACTOR | {"name": "另一人"})),
    ("subject", ""),
    ("detail", json.dumps({"n": -1, "文": "暴雨"})),
    ("detail", json.dumps({"n": 0.5, "文": "暴雨"})),
    ("detail", "[]"),
    ("once", "k"),
    ("previous", "f" * 64),
    ("seq", SIZE + 100),
]
# SQLite keeps whatever text it is given, so there more can be wrong with it.
TEXTS: list[tuple[str, object]] = [
    ("at", "yesterday"),
    ("at", "2020-13-45 00:00:00"),
    ("actor", json.dumps(ACTOR) + " "),
    ("actor", json.dumps(ACTOR, ensure_ascii=False)),
    ("actor", "not json"),
]


def _edit(cursor, chance):
    seq = chance.randint(1, SIZE)
    column, value = chance.choice(EDITS + TEXTS if connection.vendor == "sqlite" else EDITS)
    cursor.execute(f"UPDATE {TABLE} SET {column} = %s WHERE seq = %s", [value, seq])


def _new_hash(cursor, chance):
    seq = chance.randint(1, SIZE)
    cursor.execute(f"UPDATE {TABLE} SET hash = %s WHERE seq = %s", [f"{seq:064x}", seq])


def _forge(cursor, chance):
    """Someone who can compute hashes rewrites one entry with a right hash of its own."""
    seq = chance.randint(1, SIZE - 1)
    entry = JournalEntry.objects.get(seq=seq)
    fields = {name: getattr(entry, name) for name in queries._COLUMNS} | {"act": "forged"}
    cursor.execute(
        f"UPDATE {TABLE} SET act = 'forged', hash = %s WHERE seq = %s", [chain.hash_of(chain.fields_of(**fields)), seq]
    )


def _delete(cursor, chance):
    first = chance.randint(1, SIZE - 1)
    cursor.execute(
        f"DELETE FROM {TABLE} WHERE seq BETWEEN %s AND %s", [first, min(first + chance.randint(0, 3), SIZE - 1)]
    )


def _delete_and_close_up(cursor, chance):
    seq = chance.randint(1, SIZE - 1)
    cursor.execute(f"DELETE FROM {TABLE} WHERE seq = %s", [seq])
    for later in range(seq + 1, SIZE + 1):
        cursor.execute(f"UPDATE {TABLE} SET seq = %s WHERE seq = %s", [later - 1, later])


def _swap(cursor, chance):
    one, two = chance.sample(range(1, SIZE + 1), 2)
    for source, target in ((one, SIZE + 1), (two, one), (SIZE + 1, two)):
        cursor.execute(f"UPDATE {TABLE} SET seq = %s WHERE seq = %s", [target, source])


def _cut_the_tail(cursor, chance):
    cursor.execute(f"DELETE FROM {TABLE} WHERE seq > %s", [chance.randint(0, SIZE - 1)])


WAYS = [_edit, _edit, _edit, _new_hash, _forge, _delete, _delete_and_close_up, _swap, _cut_the_tail]


def _check_constraints(on):
    """On SQLite the intruder owns the file, and with it the checks."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA ignore_check_constraints = {'OFF' if on else 'ON'}")


@pytest.mark.django_db
def test_a_thousand_random_ways_to_tamper_are_all_found():
    chance = random.Random(20261122)
    fill(SIZE)
    head = queries.head()
    found = 0
    _check_constraints(False)
    for _ in range(1000):
        mark = transaction.savepoint()
        with connection.cursor() as cursor:
            chance.choice(WAYS)(cursor, chance)
        verdict = queries.verify(head=head)
        found += not verdict.ok
        assert verdict.ok or (verdict.first_broken_seq and verdict.reason)
        transaction.savepoint_rollback(mark)
    _check_constraints(True)
    assert found == 1000
    assert queries.verify(head=head).ok


@pytest.mark.django_db
def test_a_cut_tail_shows_only_against_a_head_kept_elsewhere():
    fill(SIZE)
    head = queries.head()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE seq > 50")
    assert queries.verify().ok
    verdict = queries.verify(head=head)
    assert (verdict.ok, verdict.first_broken_seq, verdict.reason) == (False, 51, "head_missing")


@pytest.mark.django_db
def test_a_journal_written_anew_shows_against_a_head_kept_elsewhere():
    fill(SIZE)
    head = queries.head()
    JournalEntry.objects.all().delete()
    fill(SIZE + 1)
    verdict = queries.verify(head=head)
    assert (verdict.ok, verdict.first_broken_seq, verdict.reason) == (False, SIZE, "head_differs")


@pytest.mark.django_db
@pytest.mark.parametrize("head", ["", "12", "x:" + "0" * 64, "3:abc", "3:" + "z" * 64, "9" * 5000 + ":" + "0" * 64])
def test_a_head_that_is_none_is_never_taken_for_proof(head):
    fill(3)
    assert queries.verify(head=head).reason == "head_unreadable"


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain():
    def write(number):
        try:
            for _ in range(10):
                with transaction.atomic():
                    actions.record(act=f"by{number}", by=ACTOR)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert queries.verify() == queries.Verdict(True, 60, queries.head())
