"""The page of states says what the code does: drawn from the same graphs, with every state and verb explained."""

import re
from pathlib import Path

import pytest

from fenghuo.delivery.ledger import states as recipient
from fenghuo.warning.alerts import states as alert

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "states.md").read_text(encoding="utf-8")
DRAWN = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)


def rows(heading: str) -> dict[str, str]:
    """The rows of the table under that heading, by their first cell without code marks."""
    table = PAGE.split(heading, 1)[1].split("\n\n", 1)[0]
    return {line.split("|")[1].strip().strip("`"): line for line in table.splitlines() if line.startswith("|")}


def test_the_recipients_graph_is_the_one_that_runs() -> None:
    assert [recipient.GRAPH.mermaid()] == DRAWN, "draw it anew: print(delivery.ledger.states.GRAPH.mermaid())"


def test_every_state_is_explained_and_final_where_it_is_final() -> None:
    table = rows("| state | 中文 | final | means |\n")
    final = {recipient.NAMES[code] for code in recipient.FINAL}
    assert set(table) - {"---"} == set(recipient.SHOWN)
    assert {state for state, row in table.items() if "| yes |" in row} == final


def test_every_verb_is_explained() -> None:
    explained = {verb.strip() for cell in rows("| verb | when |\n") for verb in cell.split(",")} - {"---"}
    assert explained == {one.verb for one in recipient.GRAPH.transitions}


@pytest.mark.parametrize("state", alert.GRAPH.states)
def test_the_alerts_states_are_named(state: str) -> None:
    assert f"`{state}`" in PAGE.split("## A recipient")[0]
