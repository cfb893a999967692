"""`fenghuo manage …`: Django's own commands, for whoever knows them."""

from argparse import Namespace

from django.core.management import execute_from_command_line


def run(args: Namespace) -> int:
    """Hand everything over to Django."""
    execute_from_command_line(["fenghuo manage", *args.arguments])
    return 0
