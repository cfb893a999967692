"""Whether a warning from above may be relayed by an organisation: the mode, the time, the place, the signature."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop as _

from fenghuo.ground.areas import queries as areas
from fenghuo.ground.keyring.values import Trusted
from fenghuo.ground.refusal import Refused, Said
from fenghuo.warning.alerts.rules import FIRST_YEAR, LAST_YEAR
from fenghuo.warning.relay.values import Told
from fenghuo.wire.cap.signature import Verdict

LENGTHS = (12, 9, 6, 4, 2)
# A signature that was made and does not hold is worse than none: somebody tampered, or their certificate has ended.
BROKEN = ("altered", "expired", "not_yet", "weak", "several", "misplaced", "reference", "malformed")
CLOCKS_DIFFER = timedelta(minutes=15)
SENT = {"exercise": "Exercise", "live": "Actual"}


def judge(told: Told, *, home: str, now: datetime) -> Refused | None:
    """Why an organisation (`home`: its area code) may not relay this; None when it may."""
    for one in (_kind(told), _mode(told), misdated(told, now), _expired(told, now), _place(told, home)):
        if one is not None:
            return one
    return None


def judge_signature(
    verdict: Verdict, told: Told, *, home: str, trusted: Trusted | None, only_trusted: bool
) -> Refused | None:
    """Why the signature forbids relaying to `home`. Unsigned or from a stranger is shown, and refused where `only_trusted`.

    A warning without codes is taken to mean the organisation's own area, so its signer must be one who may speak for that.
    """
    if verdict.code in BROKEN or (only_trusted and not verdict.trusted):
        reason = _("The signature does not hold: %(why)s.")
        return Refused(f"signature_{verdict.code}", reason, params={"why": Said(verdict.zh, verdict.en)})
    beyond = [
        code for code in map(division, told.areas or (home,)) if trusted is not None and not trusted.speaks_for(code)
    ]
    if trusted is not None and beyond:
        reason = _("%(signer)s may not speak for %(areas)s: its certificate is trusted for %(own)s.")
        params = {"signer": trusted.name, "areas": _named(beyond), "own": _named(trusted.areas)}
        return Refused("signer_beyond", reason, params=params)
    return None


def misdated(told: Told, now: datetime) -> Refused | None:
    """A warning from the future, or of another century, was not written by a clock that is right."""
    if told.sent is not None and told.sent > now + CLOCKS_DIFFER:
        reason = _("This warning says that it was sent at %(at)s, which lies in the future.")
        return Refused("arrival_future", reason, params={"at": told.sent.astimezone().strftime("%Y-%m-%d %H:%M")})
    times = [one for one in (told.sent, told.starts_at, told.expires_at) if one is not None]
    strange = next((one for one in times if not FIRST_YEAR < one.year < LAST_YEAR), None)
    if strange is None:
        return None
    reason = _("This warning names the year %(year)s, which cannot be meant.")
    return Refused("arrival_time", reason, params={"year": str(strange.year)})


def division(code: str) -> str:
    """A division code without the zeros it was padded with: 120119000000 is 120119."""
    if not (code.isascii() and code.isdigit()):
        return code
    code = code[:12]
    for length in LENGTHS:
        if (
            len(code) >= length
            and not code[length:].strip("0")
            and (length == 2 or code[:length][_start(length) :].strip("0"))
        ):
            return code[:length]
    return code


def common(told: Told, home: str) -> list[str]:
    """Where the warning's areas and the organisation's meet: division codes, the organisation's own where nothing is coded."""
    codes = [division(code) for code in told.areas]
    if any(areas.inside(home, code) for code in codes):
        return [home]
    return list(dict.fromkeys(code for code in codes if areas.inside(code, home))) if codes else [home]


def _start(length: int) -> int:
    return {12: 9, 9: 6, 6: 4, 4: 2}[length]


def _kind(told: Told) -> Refused | None:
    if told.msg_type not in ("Alert", "Update", "Cancel"):
        reason = _("This is no warning but a message of the kind %(kind)s.")
        return Refused("arrival_kind", reason, params={"kind": told.msg_type})
    return None


def _mode(told: Told) -> Refused | None:
    """Exercise and live never mix (W14)."""
    if told.status in ("", "Test", SENT[settings.FENGHUO.mode]):
        return None
    if told.status == "Exercise":
        reason = _("This is an exercise warning; this installation is live. It must not be relayed.")
    elif told.status == "Actual":
        reason = _("This is a real warning; this installation is for exercises. Relay it in the live installation.")
    else:
        reason = _("A message with the status %(status)s is not for the public.")
    return Refused(f"status_{told.status.lower()}", reason, params={"status": told.status})


def _expired(told: Told, now: datetime) -> Refused | None:
    if told.expires_at is None or told.expires_at > now:
        return None
    return Refused("arrival_expired", _("This warning ended at %(at)s, before it arrived."),
                   params={"at": told.expires_at.astimezone().strftime("%Y-%m-%d %H:%M")})  # fmt: skip


def _place(told: Told, home: str) -> Refused | None:
    if common(told, home):
        return None
    reason = _("This warning is for %(areas)s, which lies outside %(home)s.")
    return Refused(
        "arrival_outside", reason, params={"areas": _named(map(division, told.areas)), "home": _named([home])}
    )


def _named(codes: Iterable[str]) -> str:
    listed = list(dict.fromkeys(codes))[:10]
    names = areas.paths(listed)
    return "、".join(f"{names[code]}（{code}）" if names[code] else code for code in listed)
