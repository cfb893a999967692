"""What happens by itself to a recipient in doubt, per policy (FAULTS G3). The text is never changed: it is signed."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Policy:
    """`wait` seconds after the doubt began, one further copy goes out; `singly`: one number to a submit."""

    name: str
    wait: float
    singly: bool


# A second copy of a red warning harms nobody and silence may. For the rest, a receipt for the same number may still come and
# settle the doubt, so they wait for it.
URGENT: Final = Policy("urgent", 30.0, False)
PATIENT: Final = Policy("patient", 600.0, True)
MOST_BY_ITSELF: Final = 1  # the second doubt goes to a person

_NAMED: Final = {policy.name: policy for policy in (URGENT, PATIENT)}


def named(name: str) -> Policy:
    """The policy of that name; an unknown name waits, because silence can be asked about and a double copy cannot be undone."""
    return _NAMED.get(name, PATIENT)


def next_step(policy: Policy, *, tries: int, since: int, ordered: bool, over: bool) -> tuple[str, int | None]:
    """("resend", when) or ("person", None); `tries` doubts so far, `since` in seconds, `over`: recalled or expired."""
    if over:
        return "person", None
    if ordered:
        return "resend", since
    if tries > MOST_BY_ITSELF:
        return "person", None
    return "resend", since + round(policy.wait)
