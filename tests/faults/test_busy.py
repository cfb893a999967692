"""B2: somebody else holds the database. A request waits a little, then says so; nothing is half done and nobody reads "locked"."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from fenghuo.ground.journal import actions, queries
from fenghuo.ground.journal.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ledger"])


@contextmanager
def held() -> Iterator[None]:
    """Another process in the middle of a long write."""
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 100")  # five seconds in the field
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
        connection.close()


def test_a_page_answers_503_with_what_to_do_and_works_again_afterwards() -> None:
    client = Client(raise_request_exception=False)
    form = {"username": "xiacang.01", "password": "何处无此人"}
    with held():
        answer = client.post("/sign-in/", form)
        assert answer.status_code == 503
        words = answer.content.decode()
        assert "locked" not in words
        assert "OperationalError" not in words
    assert client.post("/sign-in/", form).status_code in (200, 422)


def test_eight_who_write_at_once_all_get_through_in_one_chain() -> None:
    failed: list[DatabaseError] = []

    def write(who: int) -> None:
        try:
            for turn in range(12):
                with transaction.atomic():
                    actions.record(act="test.write", by=None, detail={"who": who, "turn": turn})
        except DatabaseError as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert JournalEntry.objects.filter(act="test.write").count() == 8 * 12
    assert queries.verify().ok
