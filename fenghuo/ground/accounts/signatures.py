"""The signature 【…】 that ends every text of an organisation: its form, and that it is nobody else's (X14)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.profile.models import Profile
from fenghuo.ground.refusal import Refused, RefusedMany

LONGEST = 24
ALSO = "·（）"  # beside letters, digits and Chinese characters
# Square and angled brackets anywhere; round ones, which sentences use too, where a signature would stand.
_OPEN, _CLOSE = "【︻[［〔﹝〖「『〈《", "】︼]］〕﹞〗」』〉》"
_SIGNED = re.compile(
    f"[{re.escape(_OPEN)}][^{re.escape(_OPEN + _CLOSE)}]{{2,100}}[{re.escape(_CLOSE)}]"
    r"|^\s*[（(][^（()）]{2,100}[)）]|[（(][^（()）]{2,100}[)）](?=\s*$)"
)
# Without brackets only where nobody writes a place: behind —— after the last sentence, or as last words with 宣 or 启 behind them.
_BELOW = re.compile(
    r"(?:(?:^|[。！!？?；;\s])(?:——|--)\s*|(?P<said>(?:^|[。！!？?；;\n])\s*))(?P<name>[^。！!？?；;\n—–-]{2,100}?)\s*(?P<end>宣|启)?\s*[。.]?\s*\Z"
)
_OFFICE = re.compile(r"(?:人民政府|政府)$")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Body:
    """A body that texts may be signed by: what it is called, and what stands between the brackets of its signature."""

    name: str
    inside: str


@dataclass(frozen=True)
class Borrowed:
    """Somebody else's name as a text carries it: whose, how it is written, and after how many characters."""

    body: Body
    written: str
    position: int


def plain(text: str) -> str:
    """Two texts that a reader takes for the same one become equal: widths, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def bodies(*, but: Organisation | None, area_code: str = "") -> list[Body]:
    """Every other body that signs: the organisations of this installation and the governments whose profiles it holds.

    `but` is whom the others are others to; `area_code` its area where it is yet to be made.
    """
    area_code = but.area_id if but else area_code
    known = {one.name: one for one in _profiles()}
    found = [
        Body(one.name, _inside(_effective(one, known)))
        for one in Organisation.objects.exclude(pk=but.pk if but else "")
    ]
    found += [
        Body(profile.title, _inside(profile.sms.suffix.value))
        for profile in known.values()
        if profile.area != area_code
    ]
    own = {plain(but.name), plain(_inside(_effective(but, known)))} if but else set()
    return [one for one in found if own.isdisjoint((plain(one.name), plain(one.inside)))]


def borrowed(text: str, others: list[Body]) -> list[Borrowed]:
    """Where a text stands as if another body had signed it: its name in brackets of whatever shape, or written below the text."""
    theirs = {plain(said): one for one in others for said in (one.name, one.inside) if said}
    found = []
    for match in _SIGNED.finditer(text):
        body = theirs.get(plain(match[0].strip()[1:-1]))
        if body is not None:
            found.append(Borrowed(body, match[0].strip(), match.start()))
    below = _BELOW.search(text)
    if below is not None and (below["said"] is None or below["end"]):
        name = plain(below["name"])
        body = theirs.get(name) or theirs.get(_OFFICE.sub("", name))
        if body is not None:
            found.append(Borrowed(body, below["name"].strip(), below.start("name")))
    return found


def _effective(organisation: Organisation, known: dict[str, Profile]) -> str:
    profile = known.get(organisation.profile)
    theirs = profile.sms.suffix.value if profile and profile.area == organisation.area_id else ""
    return organisation.signature or theirs


def problem(signature: str, *, area_code: str, profile: Profile, but: Organisation | None = None) -> Refused | None:
    """Why an organisation of this area cannot be signed with this; None when it can. `but` is the organisation itself."""
    inside = _inside(signature)
    if not signature:
        if profile.area == area_code:
            return None
        return Refused(
            "signature_missing",
            _("The profile %(profile)s is the policy of another place, so its signature cannot be used: give one."),
            field="signature",
            params={"profile": profile.title},
        )
    if not (2 <= len(inside) <= LONGEST and all(_allowed(one) for one in inside)):
        reason = _("A signature is 【…】 with 2 to %(longest)s letters, digits or Chinese characters between.")
        return Refused("signature_form", reason, field="signature", params={"longest": LONGEST})
    if 2 * len(profile.sms.prefix.value + signature) > profile.sms.limit.value:
        return Refused("signature_long", _("It leaves too little room for words."), field="signature")
    holder = _holder(inside, area_code, profile, but)
    if holder is not None:
        reason = _("This is the signature of %(holder)s.")
        return Refused("signature_taken", reason, field="signature", kind="conflict", params={"holder": holder})
    return None


def _holder(inside: str, area_code: str, profile: Profile, but: Organisation | None) -> str | None:
    wanted = plain(inside)
    for one in bodies(but=but, area_code=area_code):
        if wanted in (plain(one.inside), plain(one.name)):
            return one.name
    for one_profile in _profiles():
        if wanted == plain(_inside(one_profile.sms.prefix.value)):
            return one_profile.title
    return None


def _profiles() -> Iterator[Profile]:
    """Profiles in force. A file that another government broke must not silence this one: it is logged, and refused where used."""
    for name in profiles.names():
        try:
            yield profiles.profile(name)
        except (Refused, RefusedMany) as wrong:
            log.warning("profile_not_usable", profile=name, why=str(wrong))


def _inside(signature: str) -> str:
    return signature[1:-1] if signature[:1] == "【" and signature[-1:] == "】" else ""


def _allowed(character: str) -> bool:
    stable = unicodedata.normalize("NFKC", character) == character
    return character in ALSO or (character.isalnum() and stable)
