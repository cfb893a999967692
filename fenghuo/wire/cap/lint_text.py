"""Findings about any text a person will read or hear."""

import re
from collections.abc import Iterator

from fenghuo.wire.cap.errors import Problem, warning

# A tag or a character reference. "水位<5米" is not HTML: a tag begins with a Latin letter, a slash or an exclamation mark.
_HTML = re.compile(r"</?[A-Za-z][^<>]{0,200}>|<!--|&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
# Zero-width, bidirectional and control characters change what is read without being seen.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def text_problems(text: str | None, path: str) -> Iterator[Problem]:
    """`html` and `invisible_character`, at most one of each."""
    if text is None:
        return
    tag = _HTML.search(text)
    if tag:
        yield warning("html", path, f"文字中含有 HTML：{tag[0][:40]}", f"the text contains HTML: {tag[0][:40]}")
    hidden = _INVISIBLE.search(text)
    if hidden:
        code = f"U+{ord(hidden[0]):04X}"
        yield warning(
            "invisible_character", path, f"文字中含有看不见的字符 {code}", f"the text contains the invisible {code}"
        )
