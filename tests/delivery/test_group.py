"""The group commit: all of it or nothing, and a connection that can be used again."""

import pytest
from django.db import connections, transaction

from fenghuo.delivery.ledger import store
from fenghuo.delivery.ledger.models import LEDGER, Word

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


class Stopped(Exception):
    """Something went wrong within a group commit."""


def words():
    return set(Word.objects.values_list("text", flat=True))


def with_an_error():
    with store.group():
        store.word_number("B")
        raise Stopped


@pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
def test_what_is_written_in_a_group_is_there_for_others_when_it_ends():
    with store.group():
        store.word_number("A")
        assert not connections[LEDGER].in_atomic_block
    connections[LEDGER].close()
    assert words() == {"A"}


@pytest.mark.django_db(databases=["default", "ledger"], transaction=True)
def test_an_error_within_a_group_leaves_nothing_and_the_next_one_works():
    with pytest.raises(Stopped):
        with_an_error()
    assert words() == set()
    with store.group():
        store.word_number("C")
    assert words() == {"C"}


def test_within_another_transaction_a_group_is_a_part_of_it():
    with transaction.atomic(using=LEDGER):
        store.word_number("A")
        with pytest.raises(Stopped):
            with_an_error()
        assert words() == {"A"}
