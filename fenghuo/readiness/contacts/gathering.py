"""People on their way from the database into columns. The database itself joins each column of many rows into one text, one value
on each line: measured, a third of what a million rows cost, because no object is made for a value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

WHOLE = ("ids", "risks", "latitudes", "longitudes")
CODED = ("areas", "positions", "tags")
PEOPLE = (*WHOLE, *CODED, "names")
NUMBERS = ("owners", "addresses")
END = b"\n"
SORTED_BYTES = 24  # of a name: eight Chinese characters; namesakes beyond that stand by id


@dataclass(frozen=True)
class Coded:
    """A column of few different texts: the texts, and for each row which of them."""

    values: tuple[str, ...]
    places: Any


@dataclass(frozen=True)
class Names:
    """A column of names: all bytes with END behind each, where each END stands, and the first bytes as three numbers to sort by."""

    packed: Any
    ends: Any
    words: Any


@dataclass(frozen=True)
class People:
    """Some people as they were read, in any order; columns of equal length, and their numbers with the contact id of each."""

    ids: Any
    areas: Coded
    names: Names
    positions: Coded
    tags: Coded
    risks: Any
    latitudes: Any
    longitudes: Any
    owners: Any
    addresses: Any


def gather(people: Iterable[Mapping[str, str]], numbers: Iterable[Mapping[str, str]]) -> People:
    """From chunks whose columns are texts with one value on each line: PEOPLE and NUMBERS name them."""
    texts: dict[str, dict[str, int]] = {name: {} for name in CODED}
    found: dict[str, list[Any]] = {name: [] for name in (*PEOPLE, *NUMBERS)}
    for chunk in people:
        for name in WHOLE:
            found[name].append(_whole(chunk[name]))
        for name in CODED:
            found[name].append(_places(texts[name], chunk[name].split("\n")))
        found["names"].append(chunk["names"].casefold().encode("utf-8", "replace") + END)
    for chunk in numbers:
        for name in NUMBERS:
            found[name].append(_whole(chunk[name]))
    coded = {name: Coded(tuple(texts[name]), _joined(found[name], np.int32)) for name in CODED}
    whole = {name: _joined(found[name], np.int64) for name in (*WHOLE, *NUMBERS)}
    whole["risks"] = whole["risks"].astype(np.int16)
    whole |= {name: whole[name].astype(np.int32) for name in ("latitudes", "longitudes")}
    return People(names=_names(b"".join(found["names"])), **whole, **coded)


def _whole(text: str) -> Any:
    return np.fromstring(text, dtype=np.int64, sep="\n")


def _joined(parts: list[Any], kind: Any) -> Any:
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)


def _places(known: dict[str, int], values: list[str]) -> Any:
    for value in set(values).difference(known):
        known[value] = len(known)
    return np.fromiter(map(known.__getitem__, values), dtype=np.int32, count=len(values))


def plain_name(name: str) -> str:
    """A name as it is sorted and searched: without regard to case, on one line."""
    return name.casefold().replace("\n", " ")


def _names(packed: bytes) -> Names:
    letters = np.frombuffer(packed, dtype=np.uint8)
    ends = np.flatnonzero(letters == END[0]).astype(np.int32)
    starts = starts_of(ends)
    padded = np.concatenate((letters, np.zeros(SORTED_BYTES, dtype=np.uint8)))
    words = np.lib.stride_tricks.sliding_window_view(padded, SORTED_BYTES)[starts]
    words[np.arange(SORTED_BYTES) >= (ends - starts)[:, np.newaxis]] = 0  # the next name's letters
    return Names(letters, ends, words.view(">u8"))


def starts_of(ends: Any) -> Any:
    """Where each name begins."""
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return starts


def reordered(names: Names, order: Any) -> tuple[Any, Any]:
    """(packed, ends) of the same names in another order."""
    starts, lengths = starts_of(names.ends)[order], (names.ends - starts_of(names.ends) + 1)[order]
    ends = (np.cumsum(lengths, dtype=np.int64) - 1).astype(np.int32)
    if not len(order):
        return names.packed, ends
    shift = np.repeat(starts - starts_of(ends), lengths)
    return names.packed[shift + np.arange(len(shift), dtype=np.int32)], ends
