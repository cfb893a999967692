"""What the ledger knows, in plain words with the next step."""

from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext

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
GATEWAY = {
    "bound": (gettext_noop("Connected"), "good"),
    "connecting": (gettext_noop("Connecting"), "warn"),
    "refused": (gettext_noop("Login refused"), "bad"),
    "throttled": (gettext_noop("Slowed down by the carrier"), "warn"),
    "silent": (gettext_noop("Connected but silent"), "bad"),
    "down": (gettext_noop("Down"), "bad"),
    "paused": (gettext_noop("Paused"), "warn"),
}
GATEWAY_NEXT = {
    "bound": "",
    "connecting": gettext_noop("Connects again by itself, at most half a minute from now."),
    "refused": gettext_noop("Nothing leaves by it until a person has put right what is wrong."),
    "throttled": gettext_noop("Sending goes on more slowly and picks up by itself."),
    "silent": gettext_noop("Fenghuo connects anew by itself; call the carrier if it stays so."),
    "down": gettext_noop("Nothing leaves by it. Fenghuo tries again by itself; check the line, then call the carrier."),
    "paused": gettext_noop("A person paused the sending; a signer resumes it on the duty desk."),
}
ERRORS = {
    "no_sender": gettext_noop("No sender is running on any machine."),
    "connect_refused": gettext_noop("Nobody answers at the gateway’s address."),
    "connect_failed": gettext_noop("This machine cannot open a connection: see the log of the sender."),
    "connect_timeout": gettext_noop("Nothing answers at the gateway’s address: check host, port and firewall."),
    "connect_unknown": gettext_noop("The gateway’s name is not known to the DNS: check host and name server."),
    "no_answer": gettext_noop("The gateway does not answer."),
    "silence": gettext_noop("The gateway does not answer."),
    "lost": gettext_noop("The line was lost; connecting again."),
    "version": gettext_noop(
        "The gateway speaks another version of CMPP: set protocol to cmpp2 or cmpp3 as the carrier says."
    ),
    "login_4": gettext_noop(
        "The gateway does not speak this version of CMPP: set protocol to cmpp2 or cmpp3 as the carrier says."
    ),
    "login_password": gettext_noop(
        "The gateway refused the login: wrong password. Compare the secret file with the carrier."
    ),
    "login_system_id": gettext_noop("The gateway refused the login: it does not know this system_id."),
    "login_system_type": gettext_noop("The gateway refused the login: system_type is not what it expects."),
    "login_bind_failed": gettext_noop(
        "The gateway refused the login without saying why: ask the carrier about account, address and kind of bind."
    ),
    "login_bind_state": gettext_noop(
        "The gateway does not allow this kind of bind: set bind to trx or tx_rx as the carrier says."
    ),
    "login_already_bound": gettext_noop(
        "The gateway says that this account is logged in already: another sender, or an old connection that it has not given up."
    ),
    "login_unfit": gettext_noop(
        "The secret is not one that SMPP can carry: a password has at most 64 plain characters. Nothing was sent to the gateway."
    ),
    "protocol": gettext_noop("The gateway answered wrongly: call the carrier."),
    "unproven": gettext_noop("The gateway could not prove who it is: call the carrier."),
    "mode": gettext_noop("The gateway belongs to the other mode."),
    "secret_missing": gettext_noop("The secret file cannot be read: put the shared secret there, mode 0600."),
    "secret_rights": gettext_noop(
        "Others may read the secret file: run chmod 600 on it. Then the account connects by itself."
    ),
    "secret_empty": gettext_noop("The secret file is empty: put the shared secret there."),
    "secret_long": gettext_noop("The secret file is too large to be a shared secret: put the right one there."),
    "tls_ca_file": gettext_noop("The file of trusted certificates cannot be read or holds none."),
    "tls_untrusted": gettext_noop(
        "The gateway’s certificate is not one that we trust: check tls_ca_file with the carrier."
    ),
    "tls_name": gettext_noop("The gateway’s certificate bears another name: check tls_server_name with the carrier."),
    "tls_expired": gettext_noop("The gateway’s certificate has expired: call the carrier."),
    "tls_not_yet": gettext_noop(
        "The gateway’s certificate is not valid yet: check this machine’s clock, then call the carrier."
    ),
    "tls_not_spoken": gettext_noop("The gateway does not speak TLS at this port: check port and tls with the carrier."),
    "tls_failed": gettext_noop("No TLS connection came about: the gateway offers no version or cipher that we accept."),
    "tls_timeout": gettext_noop("The gateway did not finish the TLS handshake: check port and tls with the carrier."),
    "login_closed": gettext_noop(
        "The gateway ends the connection instead of answering the login: is our address on its list, and does it want TLS?"
    ),
    "login_401": gettext_noop(
        "The gateway does not accept our signature: check account, secret and this machine’s clock."
    ),
    "not_http": gettext_noop("What answers does not speak HTTP: check host, port, protocol and tls."),
    "http_404": gettext_noop("The gateway has nothing at this address: check the path of the request."),
    "lease": gettext_noop("Another machine has taken this account over."),
    "settings": gettext_noop(
        "Its table in fenghuo.toml is wrong: the page of the gateway accounts names line and reason."
    ),
}
HTTP = gettext_noop("The gateway answers with HTTP status %(code)s: call the carrier.")
LOGIN = gettext_noop("The gateway refused the login (%(code)s): check account and secret with the carrier.")
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
    text, tone = GATEWAY.get(code, (code, "warn"))
    return {"code": code, "text": gettext(text), "tone": tone}


def gateway_next(code: str) -> str:
    """What happens next by itself, and what a person should do."""
    return gettext(GATEWAY_NEXT[code]) if GATEWAY_NEXT.get(code) else ""


def gateway_error(code: str) -> str:
    """Why a gateway is not well, in words with the next step."""
    if code.startswith("login_") and code not in ERRORS:
        return gettext(LOGIN) % {"code": code.removeprefix("login_")}
    if code.startswith("http_") and code not in ERRORS:
        return gettext(HTTP) % {"code": code.removeprefix("http_")}
    return gettext(ERRORS[code]) if code in ERRORS else code


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
