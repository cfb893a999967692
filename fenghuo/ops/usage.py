"""The parser of the command line, which says in Chinese and English what was written wrongly; argparse itself knows English."""

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from fenghuo.ops.outcome import USAGE

# What argparse says, and the same in Chinese; the groups are the names and words that were typed or are wanted.
SAID = (
    (r"the following arguments are required: (.+)", "缺少 {0}"),
    (r"one of the arguments (.+) is required", "须给出其中之一：{0}"),
    (r"unrecognized arguments: (.+)", "没有这个选项或参数：{0}"),
    (r"argument (.+): invalid choice: (.+) \(choose from (.+)\)", "{0}：没有 {1}，可用：{2}"),
    (r"argument (.+): invalid int value: (.+)", "{0}：应为整数，而不是 {1}"),
    (
        r"argument (.+): invalid whole number from 1 to 10,000,000 value: (.+)",
        "{0}：应为 1 至 10,000,000 的整数，而不是 {1}",
    ),
    (r"argument (.+): invalid (.+) value: (.+)", "{0}：值不对：{2}"),
    (r"argument (.+): not allowed with argument (.+)", "{0} 不能与 {1} 同用"),
    (r"argument (.+): expected one argument", "{0}：后面须有一个值"),
    (r"argument (.+): expected at least one argument", "{0}：后面须有至少一个值"),
    (r"argument (.+): ignored explicit argument (.+)", "{0}：后面不能有值：{1}"),
    (r"ambiguous option: (.+) could match (.+)", "{0} 可指 {1}，请写全"),
)


class Shape(argparse.RawDescriptionHelpFormatter):
    """Keeps line breaks, and begins in both languages."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """As its parent, with our prefix."""
        super().add_usage(usage, actions, groups, "用法 usage: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """As its parent; verbs below a command are made by the same class."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"formatter_class": Shape, "add_help": False, **given})
        self._positionals.title, self._optionals.title = "参数 arguments", "选项 options"
        self.add_argument("-h", "--help", action="help", help="显示说明 · show this and exit")

    def error(self, message: str) -> NoReturn:
        """Say it, and where help is; exit status 2."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}：{explained(message)}\n")


def explained(message: str) -> str:
    """What argparse complains of, in both languages; what it says in words that we do not know stays as it is."""
    for pattern, chinese in SAID:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return f"{chinese.format(*found.groups())} / {message}"
    return f"命令写错 / {message}"
