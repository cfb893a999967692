"""The one further copy that leaves by itself, once a recipient has been in doubt for as long as the policy waits (FAULTS G3)."""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import rules
from fenghuo.delivery.ledger.actions import Sheet
from fenghuo.delivery.ledger.states import AGAIN, DOUBT_SHIFT, IN_DOUBT
from fenghuo.delivery.ledger.values import Claim, Job
from fenghuo.delivery.sender.desk.wall import Wall
from fenghuo.delivery.sender.timing import Timing


def due_again(job: Job, sheet: Sheet, *, timing: Timing, wall: Wall) -> list[Claim]:
    """Recipients once in doubt for as long as their policy waits."""
    if not sheet.n(IN_DOUBT):
        return []
    policy = rules.named(job.policy)
    segments, positions = _due(job, sheet, timing, wall)
    claims = []
    for segment in [None] if sheet.whole else np.unique(segments).tolist():
        mask = np.zeros(len(sheet), dtype=bool)
        mask[positions if segment is None else positions[segments == segment]] = True
        for slot, start, count in sheet.runs_of(mask):
            size = 1 if policy.singly else count
            claims += [
                Claim(job.number, slot, at, min(size, start + count - at), size, segment)
                for at in range(start, start + count, size)
            ]
    return claims


def wanted_again(job: Job, sheet: Sheet, *, timing: Timing, wall: Wall) -> Any:
    """Positions (bool) to whom a further copy is to leave now: by the policy, or because a person ordered it."""
    mask = np.zeros(len(sheet), dtype=bool)
    mask[sheet.cells(AGAIN)[1]] = True
    mask[_due(job, sheet, timing, wall)[1]] = True
    return mask


def _due(job: Job, sheet: Sheet, timing: Timing, wall: Wall) -> tuple[Any, Any]:
    """(segments, positions) of the cells whose policy has waited long enough and has not sent again yet."""
    policy = rules.named(job.policy)
    segments, positions = sheet.cells(IN_DOUBT)
    tries = sheet.state[segments, positions] >> DOUBT_SHIFT
    waited = wall.waited(sheet.at[positions].astype(np.int64))
    due = (tries <= rules.MOST_BY_ITSELF) & (waited >= timing.waits.get(policy.name, policy.wait))
    return segments[due], positions[due]
