"""What a password may not be (XC 7, ASVS 6.2): short, common, made of what everybody here knows, or of the town's old pattern."""

import re
from bisect import bisect
from functools import cache
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts.models import Organisation, Person
from fenghuo.ground.refusal import Refused

MINIMUM = 12
MAXIMUM = 128  # longer only costs the server time
REMAINDER = 8  # letters and digits that must be left when everything guessable is taken away
DISTINCT = 6

# What guessers try first at a warning platform: entry 录入 lr and sign-off 签发 qf of the old shared accounts, and its words.
_WORDS = frozenset(
    word
    for line in (
        "lr qf sh fb yj yjgl yjb zfb luru qianfa shenhe fabu yujing yingji zaihai baoxing fenghuo 12379 123456",
        "admin administrator root user guest test demo password passwd passw0rd pass word mima qwerty asdf zxcv",
        "woaini china tianjin abc abcd",
    )
    for word in line.split()
)
_ACCOUNTS = ("lr", "qf")
_SEPARATORS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[a-z]{3,}|\d{3,}")

# The first character, in GB 2312's order of pronunciation, of each initial letter.
_INITIALS = "abcdefghjklmnopqrstwxyz"
_FIRSTS = [character.encode("gb2312") for character in "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"]
_LAST = "座".encode("gb2312")  # behind it characters stand in the order of their radicals


def problems(
    password: str, *, person: Person | None = None, username: str = "", organisation: Organisation | None = None
) -> list[Refused]:
    """Every reason why a password is refused; empty when it may be used."""
    if len(password) < MINIMUM:
        return [
            _refused(
                "password_short",
                _("At least %(minimum)s characters; a sentence is easiest to remember."),
                minimum=MINIMUM,
            )
        ]
    if len(password) > MAXIMUM:
        return [_refused("password_long", _("At most %(maximum)s characters."), maximum=MAXIMUM)]
    found = []
    if _is_common(password):
        found.append(_refused("password_common", _("This password is on the lists that guessers try first.")))
    if _is_old_pattern(password.lower()):
        found.append(
            _refused(
                "password_pattern",
                _(
                    "Initials of the place, lr or qf, and digits: this is the old shared password, which everyone can guess."
                ),
            )
        )
    left = _without(password.lower(), _context(person, username, organisation))
    if len(left) < REMAINDER or len(set(left)) < DISTINCT:
        found.append(
            _refused(
                "password_guessable",
                _(
                    "Too little is left without the names, numbers, sequences and words that others know of this place and person."
                    " Use several words that have nothing to do with them."
                ),
            )
        )
    return found


def initials(text: str) -> str:
    """The pinyin initials of a Chinese name: 下仓镇 → xcz. Characters beyond GB 2312's first level are left out."""
    return "".join(filter(None, map(_initial, text)))


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    return _INITIALS[bisect(_FIRSTS, code) - 1] if len(code) == 2 and _FIRSTS[0] <= code <= _LAST else ""


def _refused(code: str, reason: str, **params: int) -> Refused:
    return Refused(code, reason, field="password", params=params)


def _is_old_pattern(password: str) -> bool:
    """Initials of a place, the old account's name and digits: JZ_xczlr123456 and its kin, the pieces in any order."""
    letters, digits = re.findall(r"[a-z]+", password), re.findall(r"\d{3,}", password)
    named = any(run.startswith(_ACCOUNTS) or run.endswith(_ACCOUNTS) for run in letters)
    return named and bool(digits) and len(letters) <= 3 and max(map(len, letters)) <= 20


@cache
def _common() -> CommonPasswordValidator:
    """The list, unpacked once in a process: that takes longer than all the rest."""
    return CommonPasswordValidator()


def _is_common(password: str) -> bool:
    """On Django's list of 20,000, as typed or without what people put before and after a word."""
    letters = _SEPARATORS.sub("", password.lower())
    for form in {password.lower(), letters, letters.strip("0123456789"), letters.rstrip("0123456789")}:
        try:
            _common().validate(form)
        except ValidationError:
            return True
    return False


def _context(person: Person | None, username: str, organisation: Organisation | None) -> set[str]:
    organisation = organisation or (person.organisation if person else None)
    texts = [username]
    if person is not None:
        texts += [person.name, person.phone]
    if organisation is not None:
        texts += [organisation.name, organisation.profile, organisation.area.name, organisation.area_id]
    words = set(_WORDS)
    for text in filter(None, texts):
        words |= {text.lower(), initials(text), *_WORD.findall(text.lower())}
        if text.isdecimal():
            words |= {text[-4:], text[-6:], text[-8:]}
    # An initial of two letters is inside too many honest words; the pattern above knows what to make of those.
    return {word for word in words if len(word) >= 2 and (len(word) > 2 or word in _WORDS)}


def _without(text: str, words: set[str]) -> str:
    """The letters and digits left when known words, years and sequences are taken away, longest first."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, " ")
    text = re.sub(r"(?:19|20)\d\d(?:[01]\d(?:[0-3]\d)?)?", " ", text)
    return "".join(one for one in _unsequenced(text) if one.isalnum())


def _unsequenced(text: str) -> str:
    """Runs of three and more that repeat, rise or fall (aaa, 123, cba) shrink to their first character."""
    kept, steps = text[:1], [ord(b) - ord(a) for a, b in pairwise(text)]
    for number, step in enumerate(steps):
        inside = step in (-1, 0, 1) and step in steps[max(0, number - 1) : number] + steps[number + 1 : number + 2]
        if not inside:
            kept += text[number + 1]
    return kept
