"""A text as a paper can show it: nothing lost, nothing invisible, nothing that runs over the edge of its column."""

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

# A part of a line is a text, or a list of short texts between which the line may break.
Part = str | list[str]
Lines = list[list[Part]]

LONGEST = 12  # clusters without a natural place to break; the narrowest column of a form holds more
PIECE, RTL_PIECE = 4, 8
MOST_PROBED = 256  # refusals of a group before the rest of it is taken to have no glyphs
MOST_KNOWN = 100_000

_BREAKS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
# What would turn the reading order of its neighbours round, unseen: on paper it is named.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
_NAMED = ("Cc", "Cs", "Co", "Cn")
_HANGING = ("Mn", "Me", "Mc", "Cf")
_JOINER = "\u200d"
_BREAK = "\u200b"
_SKINS = range(0x1F3FB, 0x1F400)


class Shown:
    """Texts of one paper. `can_print` says whether a group of characters has glyphs; `plain` names whatever is not plain."""

    def __init__(self, can_print: Callable[[str], bool], known: dict[str, bool], plain: bool = False) -> None:
        self._can_print = can_print
        self._known = known
        self._plain = plain

    def lines(self, text: str) -> Lines:
        """The text as lines of parts."""
        for found in _BREAKS:
            text = text.replace(found, "\n")
        text = text.replace("\t", "    ")
        self._learn(text)
        return [list(_parts([self._named(one) for one in clusters(line)])) for line in text.split("\n")] if text else []

    def _named(self, cluster: str) -> str:
        """The cluster itself, or the codes of what cannot be shown in it."""
        plain = not self._plain or (len(cluster) == 1 and ord(cluster) < 0x10000)
        if plain and all(map(_showable, cluster)) and self._known.get(cluster, True):
            return cluster
        if len(cluster) > 1:
            return "".join(one if self._alone(one) else _code(one) for one in cluster)
        return _code(cluster)

    def _alone(self, one: str) -> bool:
        return not _hangs(one) and _showable(one) and self._known.get(one, not self._plain and ord(one) < 0x10000)

    def _learn(self, text: str) -> None:
        found = set(clusters(text)) - self._known.keys() - {"\n"}
        found |= {character for one in found if len(one) > 1 for character in one} - self._known.keys()
        new = [one for one in found if all(map(_showable, one))]
        if new and len(self._known) < MOST_KNOWN:
            missing = set(self._without(new, [MOST_PROBED]))
            self._known.update({one: one not in missing for one in new})

    def _without(self, found: list[str], left: list[int]) -> Iterator[str]:
        """Those without a glyph, by halving; when there are very many, a whole group is taken to have none."""
        if self._can_print(" ".join(found)):
            return
        left[0] -= 1
        if len(found) == 1 or left[0] <= 0:
            yield from found
            return
        half = len(found) // 2
        yield from self._without(found[:half], left)
        yield from self._without(found[half:], left)


def clusters(text: str) -> Iterator[str]:
    """Characters with what hangs on them: accents, joiners, selectors; at most 16 to one."""
    cluster = ""
    for character in text:
        if cluster and (len(cluster) >= 16 or not (_hangs(character) or cluster[-1] == _JOINER)):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


@lru_cache(maxsize=16384)
def _showable(character: str) -> bool:
    return character not in _TURNING and unicodedata.category(character) not in _NAMED


@lru_cache(maxsize=16384)
def _hangs(character: str) -> bool:
    return unicodedata.category(character) in _HANGING or ord(character) in _SKINS


def _code(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _parts(found: list[str]) -> Iterator[Part]:
    """A line of clusters, cut where it has no place to break by itself."""
    plain, run = "", list[str]()
    for cluster in [*found, " "]:
        if run and _breaks(run[-1], cluster):
            if len(run) > LONGEST:
                pieces = _pieces(run)
                if isinstance(pieces, str):
                    plain += pieces
                else:
                    yield from ([plain] if plain else [])
                    yield pieces
                    plain = ""
            else:
                plain += "".join(run)
            run = []
        run.append(cluster)
    plain += "".join(run)[:-1]  # without the space that ended the last run
    if plain:
        yield plain


def _breaks(before: str, after: str) -> bool:
    """Whether a line surely may break between two clusters: beside a space, and between two ideographs."""
    return " " in (before, after) or (_ideograph(before[0]) and _ideograph(after[0]))


@lru_cache(maxsize=16384)
def _ideograph(character: str) -> bool:
    return unicodedata.category(character) == "Lo" and unicodedata.east_asian_width(character) == "W"


def _pieces(run: list[str]) -> Part:
    """A long run in pieces. Letters that run from right to left keep their order, so there an invisible break stands between."""
    turned = any(unicodedata.bidirectional(one[0]) in ("R", "AL") for one in run)
    size = RTL_PIECE if turned else PIECE
    pieces = ["".join(run[start : start + size]) for start in range(0, len(run), size)]
    return _BREAK.join(pieces) if turned else pieces
