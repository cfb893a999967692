"""What is asked for on the command line of a benchmark."""

import argparse


def many(text: str) -> int:
    """A number of which there must be at least one."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)
