"""The first letters of a name in pinyin (下仓镇 → xcz), in every reading that a name may have, up to a bound."""

from functools import lru_cache

from pypinyin import Style, pinyin

MOST_READINGS = 8
LONGEST = 40
# What half of all villages end in is read in one way only, or every village would have a dozen readings.
_ENDINGS = ("社区居民委员会", "村民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "委员会", "社区")


def readings(name: str) -> list[str]:
    """Initials in lower case, the usual reading first; letters and digits stand for themselves, everything else is left out."""
    ending = next((one for one in _ENDINGS if name.endswith(one) and name != one), "")
    found = [""]
    for character in name[: len(name) - len(ending)][:LONGEST]:
        letters = _letters(character)
        if letters:
            found = [one + letter for letter in letters for one in found][:MOST_READINGS]
    last = "".join(_letters(one)[:1] for one in ending)
    return list(dict.fromkeys(one + last for one in found))


@lru_cache(maxsize=32768)
def _letters(character: str) -> str:
    """The first letters of all readings of one character, the usual one first; distinct, as one text."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        found = pinyin(character, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    except IndexError:  # nothing known of it
        return ""
    letters = "".join(one[:1].lower() for one in found[0]) if found else ""
    return "".join(dict.fromkeys(one for one in letters if one.isascii() and one.isalpha()))
