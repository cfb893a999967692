"""What all tests of one file begin with, made once for the file and taken away after it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from django.db import connections, transaction
from pytest_django import DjangoDbBlocker

Made = TypeVar("Made")


@contextmanager
def standing(blocker: DjangoDbBlocker, make: Callable[[], Made]) -> Iterator[Made]:
    """What `make` writes stays for the tests of this file: each of them is a transaction within this one.

    For tests that change no object of what was made. Not for files with `transaction=True`: those tests empty the tables that
    this keeps open.
    """
    with ExitStack() as open_ones:
        with blocker.unblock():
            for alias in connections:
                open_ones.enter_context(transaction.atomic(using=alias))
            made = make()
        yield made
        with blocker.unblock():
            for alias in connections:
                transaction.set_rollback(True, using=alias)
            open_ones.close()
