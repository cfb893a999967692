"""What a text may not hold, and where (FAULTS X14): what the eye does not see and the phone or the carrier obeys."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# The brackets of a carrier's signature, and the shapes that a carrier may fold into them.
SIGNATURE_BRACKETS: Final = frozenset("【】︻︼")
EXERCISE_BEGIN: Final = "（演练）"
EXERCISE_END: Final = "（演练结束）"

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINES: Final = frozenset("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
# Invisible though Unicode does not class them as format characters: joiners, fillers, variation selectors.
_INVISIBLE: Final = (
    frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
    | frozenset(map(chr, range(0x180B, 0x1810)))
    | frozenset(map(chr, range(0xFE00, 0xFE10)))
    | frozenset(map(chr, range(0xE0000, 0xE1000)))
)

_SAID: Final[dict[str, tuple[str, str]]] = {
    "empty": ("the SMS text is empty", "短信内容为空"),
    "too_long": ("the text is too long", "内容过长"),
    "brackets": ("only the signature may carry 【】", "正文不得含有【】，该符号只用于签名"),
    "line_break": ("line breaks are not allowed", "不得含有换行或分行符"),
    "control": ("control characters are not allowed", "不得含有控制字符"),
    "bidi": ("characters that turn the reading direction are not allowed", "不得含有改变书写方向的字符"),
    "invisible": ("invisible characters are not allowed", "不得含有不可见字符"),
    "surrogate": ("half a character (an unpaired surrogate)", "含有不完整的字符（不成对的代理码）"),
    "not_a_character": ("not a character that every phone shows", "含有手机无法显示的码位（非字符或私用区）"),
    "not_nfc": ("a character written in parts; write it as one (NFC)", "含有拆分书写的字符，应使用合成形式（NFC）"),
    "exercise_mark": ("the exercise mark is added by the system, not typed", "演练标记由系统添加，不得手工输入"),
    "prefix": ("the prefix is not one 【signature】", "前缀不是一个【签名】"),
    "suffix": ("the suffix is neither plain words nor one 【signature】", "后缀既不是普通文字，也不是一个【签名】"),
    "reference": ("the reference of a long message is wrong", "长短信参考号有误"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of fault in one part of a text.

    `code` is stable; `part` is prefix, body, suffix or text; `positions` are the indexes of the offending characters in that
    part, from 0, in code points (none where the whole is at fault); `found` names the first as U+XXXX.
    """

    code: str
    part: str
    reason_en: str
    reason_zh: str
    positions: tuple[int, ...] = ()
    found: str = ""


class TextError(ValueError):
    """A text that must not be sent, with every reason."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.reason_en} / {problem.reason_zh}" for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, code: str, en: str, zh: str) -> "TextError":
        """One problem of the whole text."""
        return cls((describe(code, "text", en=en, zh=zh),))


def describe(
    code: str, part: str, positions: tuple[int, ...] = (), found: str = "", *, en: str = "", zh: str = ""
) -> Problem:
    """The problem with its reasons in both languages; `en` and `zh` add the particulars."""
    reason_en, reason_zh = _SAID[code]
    if positions:
        en = en or f"character {positions[0] + 1}" + (f" ({found})" if found else "")
        zh = zh or f"第 {positions[0] + 1} 个字" + (f"，{found}" if found else "")
    if en:
        reason_en, reason_zh = f"{reason_en}: {en}", f"{reason_zh}：{zh}"
    return Problem(code, part, reason_en, reason_zh, positions, found)


def forbidden(text: str, part: str, *, brackets: bool = True) -> Iterator[Problem]:
    """Every kind of character in `text` that no part of an SMS may hold; with `brackets` 【】 too."""
    places: dict[str, list[int]] = {}
    for position, character in enumerate(text):
        code = _fault(character, brackets)
        if code:
            places.setdefault(code, []).append(position)
    for code, found in places.items():
        yield describe(code, part, tuple(found), f"U+{ord(text[found[0]]):04X}")
    split_at = _first_unfused(text)
    if split_at is not None:
        yield describe("not_nfc", part, (split_at,), f"U+{ord(text[split_at]):04X}")


def _fault(character: str, brackets: bool) -> str:
    if brackets and character in SIGNATURE_BRACKETS:
        return "brackets"
    if character in _LINES:
        return "line_break"
    if character in _BIDI:
        return "bidi"
    if character in _INVISIBLE:
        return "invisible"
    return _CATEGORIES.get(unicodedata.category(character), "") or _noncharacter(character)


_CATEGORIES: Final = {"Cc": "control", "Cf": "invisible", "Cs": "surrogate", "Co": "not_a_character"}


def _noncharacter(character: str) -> str:
    # The permanent noncharacters only: what is merely unassigned today may be a new character tomorrow.
    point = ord(character)
    return "not_a_character" if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF else ""


def _first_unfused(text: str) -> int | None:
    """Where `text` first differs from its composed form (NFC)."""
    if unicodedata.is_normalized("NFC", text):
        return None
    fused = unicodedata.normalize("NFC", text)
    return next(
        (k for k, (a, b) in enumerate(zip(text, fused, strict=False)) if a != b), min(len(fused), len(text) - 1)
    )


def normalise(text: str) -> str:
    """`text` in its composed form (NFC). Offer it to whoever typed; never apply it to what was signed."""
    return unicodedata.normalize("NFC", text)
