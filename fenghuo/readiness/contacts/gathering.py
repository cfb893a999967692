"""People on their way from the database into columns: rows come in by the thousand and leave nothing behind but arrays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

CHUNK = 20_000
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


def gather(rows: Iterable[tuple[Any, ...]], numbers: Iterable[tuple[int, int]]) -> People:
    """`rows`: (id, area, name, position, tags, risk, latitude, longitude); `numbers`: (contact id, address)."""
    texts: list[dict[str, int]] = [{}, {}, {}]
    plain: list[list[Any]] = [[] for _column in range(4)]
    coded: list[list[Any]] = [[], [], []]
    packed: list[bytes] = []
    for ids, areas, names, positions, tags, *rest in _chunks(rows):
        for column, values in zip(plain, (ids, *rest), strict=True):
            column.append(np.array(values, dtype=np.int64))
        for column, known, values in zip(coded, texts, (areas, positions, tags), strict=True):
            column.append(_places(known, values))
        packed.append(pack(names))
    owners: list[Any] = []
    addresses: list[Any] = []
    for contacts, theirs in _chunks(numbers):
        owners.append(np.array(contacts, dtype=np.int64))
        addresses.append(np.array(theirs, dtype=np.int64))
    ids, risks, latitudes, longitudes = (_joined(one, np.int64) for one in plain)
    areas, positions, tags = (
        Coded(tuple(known), _joined(column, np.int32)) for known, column in zip(texts, coded, strict=True)
    )
    return People(
        ids, areas, _names(b"".join(packed)), positions, tags, risks.astype(np.int16), latitudes.astype(np.int32),
        longitudes.astype(np.int32), _joined(owners, np.int64), _joined(addresses, np.int64),
    )  # fmt: skip


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Columns of the next rows, some thousand at a time."""
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield zip(*chunk, strict=True)


def _joined(parts: list[Any], kind: Any) -> Any:
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)


def _places(known: dict[str, int], values: tuple[str, ...]) -> Any:
    for value in set(values).difference(known):
        known[value] = len(known)
    return np.fromiter(map(known.__getitem__, values), dtype=np.int32, count=len(values))


def plain_name(name: str) -> str:
    """A name as it is sorted and searched: without regard to case, on one line."""
    return name.casefold().replace("\n", " ")


def pack(names: tuple[str, ...]) -> bytes:
    """Names as they are kept, END behind each."""
    text = "\n".join(names).casefold()
    if text.count("\n") != len(names) - 1:  # a name with a line in it: no action keeps one
        text = "\n".join(plain_name(one) for one in names)
    return text.encode("utf-8", "replace") + END


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
