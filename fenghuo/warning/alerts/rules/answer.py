"""What a leader's reply by SMS means. Only what says exactly 同意, with or without the code, is an approval: never a guess.

“同意吗？”, “同意，但……” and “我不太同意” are no approvals; somebody reads them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

CODE_DIGITS = 6
LONGEST_REASON = 500
QUOTES = str.maketrans("", "", "“”\"'‘’「」『』【】[]()<>《》")
GAP = r"[\s,，、:：]*"
YES = re.compile(rf"同\s*意{GAP}(?P<code>[0-9]{{{CODE_DIGITS}}})?[\s。.!！]*")
NO = re.compile(rf"不\s*同\s*意{GAP}(?P<code>[0-9]{{{CODE_DIGITS}}}(?![0-9]))?{GAP}(?P<reason>.*)", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """`says`: yes, no, unclear (speaks of 同意, but not so that anything may follow from it) or nothing (no answer at all)."""

    says: Literal["yes", "no", "unclear", "nothing"]
    code: str = ""
    reason: str = ""


def answer(text: str) -> Answer:
    """Full-width digits, blanks, quotation marks and brackets are understood; everything else must be as it was asked for."""
    plain = unicodedata.normalize("NFKC", text).translate(QUOTES).strip()
    if found := YES.fullmatch(plain):
        return Answer("yes", found["code"] or "")
    if found := NO.fullmatch(plain):
        return Answer("no", found["code"] or "", found["reason"].strip(" \n\t。.")[:LONGEST_REASON])
    return Answer("unclear" if "同意" in "".join(plain.split()) else "nothing")
