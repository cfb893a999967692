"""How a command ends: its exit status (listed in `fenghuo --help`), and the sentence that says what went wrong."""

import sys

DONE, REFUSED, USAGE, CONFIGURATION, CHECK_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 130


def complain(text: str) -> None:
    """A sentence on standard error."""
    print(text, file=sys.stderr, flush=True)
