"""What the ledger knows, in plain words with the next step."""

from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext

from fenghuo.delivery.gateways import words
from fenghuo.delivery.ledger.queries import Progress

STATES = {
    "unsent": gettext_noop("Not sent yet"),
    "intended": gettext_noop("On its way to the carrier"),
    "accepted": gettext_noop("With the carrier, waiting for the receipt"),
    "delivered": gettext_noop("Delivered"),
    "failed": gettext_noop("Failed"),
    "in_doubt": gettext_noop("In doubt"),
    "stopped": gettext_noop("Stopped before it left"),
    "expired": gettext_noop("Not sent: the alert had expired"),
}
NEXT = {
    "unsent": gettext_noop("Leaves by itself in its turn."),
    "intended": gettext_noop("The carrier answers within seconds."),
    "accepted": gettext_noop("The carrier reports within 48 hours; nothing to do."),
    "delivered": "",
    "failed": gettext_noop("Call this person, or ask a neighbour to tell them."),
    "in_doubt": gettext_noop("Decided by the rule of the level, or by you on the page “In doubt”."),
    "stopped": gettext_noop("Never left; needs nothing."),
    "expired": gettext_noop("Call this person if it still matters."),
}
TONES = {
    "unsent": "",
    "intended": "move",
    "accepted": "move",
    "delivered": "good",
    "failed": "bad",
    "in_doubt": "warn",
    "stopped": "",
    "expired": "warn",
}
STEPS = {
    "resend": gettext_noop("Is sent once more by itself"),
    "late": gettext_noop(
        "Is sent once more as soon as its gateway answers again, or another that serves the number is well; "
        "who cannot wait is told in person"
    ),
    "person": gettext_noop("Waits for a person’s decision"),
}
# What carriers write into a report (CMPP 3.0, table 1), for people.
REPORTS = {
    "EXPIRED": gettext_noop("the carrier gave up after its own deadline: telephone off or out of reach"),
    "DELETED": gettext_noop("deleted by the carrier"),
    "UNDELIV": gettext_noop("could not be delivered: number out of service or telephone off"),
    "REJECTD": gettext_noop("rejected by the carrier: often a block list or a forbidden word"),
    "UNKNOWN": gettext_noop("the carrier does not know what became of it"),
}
LANES = {"release": gettext_noop("The alert"), "correct": gettext_noop("The correction")}
ANSWERED = ("accepted", "delivered", "failed")
GONE = ("intended", "in_doubt", *ANSWERED)
MOVING = ("unsent", "intended", "accepted", "in_doubt")


def state(code: str) -> dict[str, str]:
    """A recipient's state: code, words and tone."""
    return {"code": code, "text": gettext(STATES[code]), "tone": TONES[code]}


def next_step(code: str) -> str:
    """What happens next to a recipient in this state, or what the reader should do."""
    return gettext(NEXT[code]) if NEXT[code] else ""


def status(code: str, report: str) -> str:
    """The carrier's own word for a failure with what it usually means; nothing for what went well."""
    if code != "failed" or not report:
        return ""
    meaning = REPORTS.get(report)
    return f"{report} · {gettext(meaning)}" if meaning else report


def doubt_step(code: str) -> str:
    """What the rule of the level will do next with someone in doubt."""
    return gettext(STEPS[code]) if code in STEPS else code


def gateway_state(code: str) -> dict[str, str]:
    """A gateway's state: words and tone."""
    text, tone = words.STATES.get(code, (code, "warn"))
    return {"code": code, "text": gettext(text), "tone": tone}


def gateway_next(code: str) -> str:
    """What happens next by itself, and what a person should do."""
    return gettext(words.NEXT[code]) if words.NEXT.get(code) else ""


def gateway_error(code: str) -> str:
    """Why a gateway is not well, in words with the next step."""
    return words.error(code)


def lane(kind: str, progress: Progress, *, stopped: bool) -> dict[str, Any]:
    """One broadcast's progress for the page: a bar of what the carrier has, tiles per state, and one sentence.

    `handed`: whom the carrier has answered for; nobody counts before that. `gone`: whom a recall finds already on the way.
    """
    counts = {code: int(getattr(progress, code)) for code in STATES}
    stopped = stopped or progress.superseded
    return {
        "kind": kind,
        "title": gettext(LANES[kind]),
        "progress": progress,
        "handed": sum(counts[code] for code in ANSWERED),
        "gone": sum(counts[code] for code in GONE),
        "tiles": [
            state(code) | {"count": count}
            for code, count in counts.items()
            if count or code in ("delivered", "failed", "in_doubt")
        ],
        "sentence": _sentence(counts, stopped, progress),
        "moving": any(counts[code] for code in MOVING),
    }


def _sentence(counts: dict[str, int], stopped: bool, progress: Progress) -> str:
    said = _moving(counts, stopped, progress.paused)
    if not (stopped or progress.lift):
        return said
    return " ".join(one for one in (said, _dropped(counts["stopped"], progress)) if one)


def _dropped(dropped: int, progress: Progress) -> str:
    """To how many something was not sent, and why."""
    if progress.lift and not progress.recalled_at:
        return _lift_dropped(dropped)
    if progress.superseded and not dropped:
        return ""  # everybody had it already: nothing was stopped
    if progress.superseded:
        return ngettext(
            "A newer alert stopped it: %(count)s recipient was not sent this any more.",
            "A newer alert stopped it: %(count)s recipients were not sent this any more.",
            dropped,
        ) % {"count": dropped}
    return ngettext(
        "Stopped by the recall: %(count)s recipient was not sent this any more.",
        "Stopped by the recall: %(count)s recipients were not sent this any more.",
        dropped,
    ) % {"count": dropped}


def _lift_dropped(dropped: int) -> str:
    if not dropped:
        return ""
    return ngettext(
        "%(count)s recipient had never been sent the alert and is not told of its lift.",
        "%(count)s recipients had never been sent the alert and are not told of its lift.",
        dropped,
    ) % {"count": dropped}


def _moving(counts: dict[str, int], stopped: bool, paused: bool) -> str:
    if counts["unsent"] and paused and not stopped:
        return gettext("Sending is paused. Those not yet sent wait until it is resumed.")
    if counts["intended"] or (counts["unsent"] and not stopped):
        return gettext("Being sent. Nothing to do; this page moves by itself.")
    if counts["in_doubt"]:
        return gettext("Everyone who can be reached has been handed over; some are in doubt and are listed.")
    if counts["accepted"]:
        if counts["stopped"] or counts["expired"]:
            return gettext("Nothing more is sent; receipts of what was handed over are arriving.")
        return gettext("All handed to the carrier; receipts are arriving.")
    if counts["expired"]:
        return gettext("Finished. Some were never sent because the alert expired: they are listed and may need a call.")
    if counts["failed"]:
        return gettext("Finished. Some could not be reached: they are listed and need a call.")
    if counts["unsent"] or (counts["stopped"] and stopped):
        return ""
    return gettext("Finished. Everyone has been reached.")
