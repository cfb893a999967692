"""States as data: a graph that is checked when it is imported and drawn into the documentation."""

from dataclasses import dataclass


class GraphError(Exception):
    """The graph itself is wrong; raised at import so that it can never be met at night."""


@dataclass(frozen=True)
class Transition:
    """`verb` moves a thing from any of `sources` to `target`."""

    verb: str
    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class Graph:
    """A life: its states in order, where it begins, and the verbs that move it."""

    name: str
    states: tuple[str, ...]
    initial: str
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        known = set(self.states)
        if len(known) != len(self.states):
            raise GraphError(f"{self.name}: a state is named twice")
        if self.initial not in known:
            raise GraphError(f"{self.name}: unknown initial state {self.initial}")
        verbs = [t.verb for t in self.transitions]
        if len(set(verbs)) != len(verbs):
            raise GraphError(f"{self.name}: a verb is defined twice")
        for transition in self.transitions:
            unknown = {transition.target, *transition.sources} - known
            if unknown:
                raise GraphError(f"{self.name}: {transition.verb} names unknown states {sorted(unknown)}")
        unreachable = known - self._reachable()
        if unreachable:
            raise GraphError(f"{self.name}: unreachable states {sorted(unreachable)}")

    def _reachable(self) -> set[str]:
        seen = {self.initial}
        grew = True
        while grew:
            step = {t.target for t in self.transitions if seen & set(t.sources)}
            grew = not step <= seen
            seen |= step
        return seen

    def transition(self, verb: str) -> Transition:
        """The transition of a verb; KeyError for a verb that does not exist."""
        for transition in self.transitions:
            if transition.verb == verb:
                return transition
        raise KeyError(verb)

    def allows(self, verb: str, state: str) -> bool:
        """Whether `verb` may start from `state`."""
        return state in self.transition(verb).sources

    def mermaid(self) -> str:
        """The graph as a Mermaid state diagram for the documentation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for transition in self.transitions:
            lines += [f"    {source} --> {transition.target}: {transition.verb}" for source in transition.sources]
        return "\n".join(lines) + "\n"
