"""A setting, command or option that nobody documented fails here."""

import argparse
import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fenghuo import __version__
from fenghuo.delivery.gateways.config import CmppGateway, Gateway, HttpGateway, SmppGateway
from fenghuo.delivery.gateways.config.http import Answer, Callback, Request
from fenghuo.ops import parser
from fenghuo.ops.config import TABLES, Config, variables
from fenghuo.warning.relay.values import FeedSource

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")


def rows(text: str) -> dict[str, str]:
    """The table rows that begin with a key in code marks."""
    return {found[1]: found[0] for found in re.finditer(r"^\| `(\w+)` \|.*$", text, re.MULTILINE)}


@pytest.mark.parametrize("name", [name for name in Config.model_fields if name not in TABLES])
def test_every_setting_is_documented_with_its_variable_and_meaning(name: str) -> None:
    row, info = rows(SETTINGS.split("## `[[gateway]]`")[0])[name], Config.model_fields[name]
    assert variables()[name] in row
    assert str(info.title) in row
    assert str(info.description) in row


# What an account says whatever it speaks, then the sections of what each protocol says beside or instead of it.
SPOKEN: dict[str, type[Gateway]] = {"": Gateway, "CMPP": CmppGateway, "SMPP": SmppGateway, "HTTP": HttpGateway}


def gateway_section(protocol: str) -> str:
    """What the page says of accounts, or of those of one protocol."""
    common, *own = SETTINGS.split("## `[[gateway]]`")[1].split("\n## ")[0].split("\n### ")
    return next(part for part in own if part.startswith(protocol)).split("\n#### ")[0] if protocol else common


def keys(protocol: str) -> dict[str, FieldInfo]:
    """The keys that a section must hold: those that are its own, or mean something of their own."""
    every, common = SPOKEN[protocol].model_fields, Gateway.model_fields
    if not protocol:
        return dict(every)
    own = {name: info for name, info in every.items() if name != "protocol"}
    return {
        name: info
        for name, info in own.items()
        if name not in common or (info.title, info.description) != (common[name].title, common[name].description)
    }


@pytest.mark.parametrize(("protocol", "name"), [(protocol, name) for protocol in SPOKEN for name in keys(protocol)])
def test_every_key_of_a_gateway_is_documented(protocol: str, name: str) -> None:
    row, info = rows(gateway_section(protocol))[name], keys(protocol)[name]
    assert str(info.title) in row
    assert str(info.description) in row


@pytest.mark.parametrize(("table", "kind"), [("request", Request), ("answer", Answer), ("callback", Callback)])
def test_every_key_of_a_table_inside_a_gateway_is_documented(table: str, kind: type[BaseModel]) -> None:
    section = rows(SETTINGS.split(f"\n#### `[gateway.{table}]`")[1].split("\n#")[0])
    assert set(section) == set(kind.model_fields)
    for name, info in kind.model_fields.items():
        assert str(info.title) in section[name]
        assert str(info.description) in section[name]


@pytest.mark.parametrize("name", FeedSource.model_fields)
def test_every_key_of_a_feed_is_documented(name: str) -> None:
    row, info = rows(SETTINGS.split("## `[[feed]]`")[1].split("\n## ")[0])[name], FeedSource.model_fields[name]
    assert str(info.title) in row
    assert str(info.description) in row


def test_no_setting_is_documented_that_does_not_exist() -> None:
    before, _ = SETTINGS.split("## `[[gateway]]`")
    assert set(rows(before)) == set(Config.model_fields) - set(TABLES)
    for protocol in SPOKEN:
        assert set(rows(gateway_section(protocol))) == set(keys(protocol))


def below(found: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands or verbs of a parser."""
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def options(found: argparse.ArgumentParser) -> set[str]:
    """The options a person may use."""
    shown = [one for one in found._actions if one.help != argparse.SUPPRESS and one.option_strings]
    return {one.option_strings[-1] for one in shown} - {"--help", "--data"}


def section(command: str) -> str:
    """What the page says about a command."""
    for part in COMMANDS.split("\n## ")[1:]:
        if re.search(rf"`fenghuo {command}\b", part.splitlines()[0]):
            return part
    return ""


@pytest.mark.parametrize("command", [one.name for one in parser.COMMANDS])
def test_every_command_with_its_verbs_and_options_is_documented(command: str) -> None:
    text, found = section(command), below(parser.build())[command]
    assert text, f"docs/reference/commands.md has no section on fenghuo {command}"
    missing = {one for one in options(found) if f"`{one}" not in text}
    for verb, inner in below(found).items():
        assert f"`{verb}" in text or f"{command} {verb}`" in text, verb
        missing |= {one for one in options(inner) if f"`{one}" not in text}
    assert missing == set()


def test_help_works_without_a_data_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser.build().parse_args(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert all(command.name in said for command in parser.COMMANDS)
    assert "退出码" in said


def test_the_version_is_one() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
