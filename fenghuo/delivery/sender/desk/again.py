"""The one further copy that leaves by itself, once a recipient has been in doubt for as long as the policy waits (FAULTS G3)."""

import numpy as np

from fenghuo.delivery.ledger import rules
from fenghuo.delivery.ledger.actions import Sheet
from fenghuo.delivery.ledger.states import DOUBT_SHIFT, IN_DOUBT
from fenghuo.delivery.ledger.values import Claim, Job
from fenghuo.delivery.sender.desk.wall import Wall
from fenghuo.delivery.sender.timing import Timing


def due_again(job: Job, sheet: Sheet, *, timing: Timing, wall: Wall) -> list[Claim]:
    """Recipients once in doubt for as long as their policy waits."""
    if not sheet.n(IN_DOUBT):
        return []
    policy = rules.named(job.policy)
    segments, positions = sheet.cells(IN_DOUBT)
    tries = sheet.state[segments, positions] >> DOUBT_SHIFT
    waited = wall.waited(sheet.at[positions].astype(np.int64))
    due = (tries <= rules.MOST_BY_ITSELF) & (waited >= timing.waits.get(policy.name, policy.wait))
    claims = []
    for segment in [None] if sheet.whole else np.unique(segments[due]).tolist():
        mask = np.zeros(len(sheet), dtype=bool)
        mask[positions[due if segment is None else due & (segments == segment)]] = True
        for slot, start, count in sheet.runs_of(mask):
            size = 1 if policy.singly else count
            claims += [
                Claim(job.number, slot, at, min(size, start + count - at), size, segment)
                for at in range(start, start + count, size)
            ]
    return claims
