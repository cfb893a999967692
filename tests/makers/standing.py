"""What all tests of one file begin with, made once for the file and taken away after it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connections, transaction


@contextmanager
def standing() -> Iterator[None]:
    """Whatever is written inside stays for the tests of this file: each of them is a transaction within this one.

    Not for files with `transaction=True`: those tests empty the tables that this keeps open.
    """
    with ExitStack() as open_ones:
        for alias in connections:
            open_ones.enter_context(transaction.atomic(using=alias))
        yield
        for alias in connections:
            transaction.set_rollback(True, using=alias)
