"""The page of states says what the code does: drawn from the same graphs, with every state and verb explained."""

import re
from pathlib import Path

import pytest

from fenghuo.delivery.ledger import states as recipient
from fenghuo.ground.lifecycle.graph import Graph
from fenghuo.readiness.contacts import states as contacts
from fenghuo.warning.alerts import states as alert
from fenghuo.warning.templates import states as template

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "states.md").read_text(encoding="utf-8")
DRAWN = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)


GRAPHS = (recipient.GRAPH, contacts.IMPORT, contacts.EXPORT, template.GRAPH)


def rows(heading: str, below: str = "") -> dict[str, str]:
    """The rows of the first table with that heading below `below`, by their first cell without code marks."""
    page = PAGE.split(below, 1)[1] if below else PAGE
    table = page.split(heading, 1)[1].split("\n\n", 1)[0]
    return {line.split("|")[1].strip().strip("`"): line for line in table.splitlines() if line.startswith("|")}


def test_the_graphs_are_those_that_run() -> None:
    assert [one.mermaid() for one in GRAPHS] == DRAWN, "draw it anew: print(delivery.ledger.states.GRAPH.mermaid())"


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


@pytest.mark.parametrize(
    ("title", "graph"),
    [
        ("## An import of contacts", contacts.IMPORT),
        ("## An export of contacts", contacts.EXPORT),
        ("## A version of a template", template.GRAPH),
    ],
)
def test_states_and_verbs_of_lists_and_templates_are_explained(title: str, graph: Graph) -> None:
    assert set(rows("| state | 中文 | means |\n", title)) - {"---"} == set(graph.states)
    explained = {verb.strip() for cell in rows("| verb | when |\n", title) for verb in cell.split(",")} - {"---"}
    assert explained == {one.verb for one in graph.transitions}
