"""The life of an alert in the documentation is the one in the code."""

from pathlib import Path

from fenghuo.warning.alerts import states
from fenghuo.warning.alerts.rules import STATES, VERBS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "life-of-an-alert.md"


def test_the_documentation_draws_the_graph():
    assert f"```mermaid\n{states.GRAPH.mermaid()}```" in PAGE.read_text(encoding="utf-8")


def test_every_state_and_verb_has_words_in_both_languages():
    assert set(STATES) == set(states.GRAPH.states)
    assert {one.verb for one in states.GRAPH.transitions} <= set(VERBS)
    for said in (*STATES.values(), *VERBS.values()):
        assert said.zh
        assert said.en
