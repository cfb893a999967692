"""Every numpy layout of the ledger: how recipients, outcomes, submits and events lie on disk. All little-endian, no padding.

Layouts are versioned by their table: a new layout is a new column, never a new meaning of old bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from struct import Struct
from struct import error as StructError
from typing import Any

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint64]
Records = npt.NDArray[np.void]

BLOCK = 1000  # recipients in a block
ADDRESS_BITS = 36  # an 11-digit number needs 34; a key is slot << 36 | address
MAX_ADDRESS = (1 << 36) - 1

# --- Events of the tape ---------------------------------------------------------------------------------------------
# A range is a submit's place: recipients [start, start + count) of a block, one segment (0-based).
_RANGE = [("block", "<u4"), ("start", "<u2"), ("count", "<u2"), ("segment", "u1")]

INTENT, RESPONSE, RECEIPT, DOUBT, WITHDRAW, CLOSE, SETTLE = 1, 2, 3, 4, 5, 6, 7

RANGE = np.dtype(_RANGE)
PDU = np.dtype([*_RANGE, ("verdict", "u1"), ("result", "<u4"), ("word", "<u2"), ("base", "<u8"), ("at", "<u4")])
# Neighbours that are reported alike, as most are, share one record.
RECEIVED = np.dtype([*_RANGE, ("code", "u1"), ("word", "<u2"), ("done", "<u4")])
CLOSED = np.dtype([("block", "<u4"), ("start", "<u2"), ("count", "<u2"), ("code", "u1")])
SETTLED = np.dtype([("block", "<u4"), ("index", "<u2"), ("segment", "u1"), ("code", "u1"), ("word", "<u2")])

LAYOUTS = {
    INTENT: RANGE,  # bytes may leave from now on
    RESPONSE: PDU,  # the gateway answered: verdict, its result, first message id
    RECEIPT: RECEIVED,  # a status report, already matched
    DOUBT: RANGE,  # the answer will not come
    WITHDRAW: RANGE,  # the bytes were never handed to the line
    CLOSE: CLOSED,  # recalled, expired or handed over before anything left
    SETTLE: SETTLED,  # a person decided
}
_HEAD = Struct("<BI")  # kind, how many records

# Verdicts on a submit, the gateway's own codes left behind.
TAKEN, RETRY, REFUSED = 1, 2, 3


def pack_events(events: Iterable[tuple[int, Records]]) -> bytes:
    """One group commit's events, in the order in which they happened."""
    return b"".join([part for kind, records in events for part in (_HEAD.pack(kind, len(records)), records.tobytes())])


def unpack_events(blob: bytes | memoryview) -> Iterator[tuple[int, Records]]:
    """The events of one entry, in order. ValueError when the blob is cut short."""
    at = 0
    while at < len(blob):
        kind, n = _head(blob, at)
        at += _HEAD.size
        layout = LAYOUTS[kind]
        yield kind, np.frombuffer(blob, dtype=layout, count=n, offset=at)
        at += layout.itemsize * n


def _head(blob: bytes | memoryview, at: int) -> tuple[int, int]:
    try:
        kind, n = _HEAD.unpack_from(blob, at)
    except StructError as wrong:
        raise ValueError(str(wrong)) from wrong
    return kind, n


# --- Blocks ---------------------------------------------------------------------------------------------------------
def pack_recipients(contact_ids: U8, addresses: U8) -> bytes:
    """Two columns: addresses in five bytes each, contact ids in four (eight when an id needs them)."""
    low = (addresses & 0xFFFFFFFF).astype("<u4").tobytes()
    high = (addresses >> np.uint64(32)).astype("u1").tobytes()
    wide = len(contact_ids) and int(contact_ids.max()) > 0xFFFFFFFF
    return low + high + contact_ids.astype("<u8" if wide else "<u4").tobytes()


def unpack_addresses(blob: bytes | memoryview, count: int) -> U8:
    """The address column, `count` uint64, ascending."""
    low = np.frombuffer(blob, dtype="<u4", count=count)
    high = np.frombuffer(blob, dtype="u1", count=count, offset=4 * count)
    return low.astype(np.uint64) | (high.astype(np.uint64) << np.uint64(32))


def address_keys(blobs: list[bytes], count: int, slot: int) -> U8:
    """slot << 36 | address of each recipient of several blocks of `count` recipients, the first of which is `slot`."""
    packed = np.frombuffer(b"".join([blob[: 5 * count] for blob in blobs]), dtype=np.uint8).reshape(
        len(blobs), 5 * count
    )
    keys = np.ascontiguousarray(packed[:, : 4 * count]).view("<u4").astype(np.uint64)
    keys |= packed[:, 4 * count :].astype(np.uint64) << np.uint64(32)
    keys |= np.arange(slot, slot + len(blobs), dtype=np.uint64)[:, None] << np.uint64(ADDRESS_BITS)
    return keys.reshape(-1)


def unpack_contacts(blob: bytes | memoryview, count: int) -> U8:
    """The contact column, `count` uint64, in the order of the addresses."""
    width = "<u8" if len(blob) == 13 * count else "<u4"
    return np.frombuffer(blob, dtype=width, count=count, offset=5 * count).astype(np.uint64)


def block_hash(contact_ids: U8, addresses: U8) -> bytes:
    """SHA-256 over the count and both columns as 64-bit little-endian: independent of how they are packed."""
    columns = (addresses.astype("<u8", copy=False), contact_ids.astype("<u8", copy=False))
    return hashlib.sha256(b"".join((len(addresses).to_bytes(4, "little"), *map(bytes, columns)))).digest()


# --- Outcomes: see also `compact` ------------------------------------------------------------------------------------
def pack_counts(shown: Any) -> bytes:
    """Recipients per state code, sixteen uint16, of a block's shown codes."""
    return np.bincount(shown, minlength=16).astype("<u2").tobytes()


def unpack_counts(blob: bytes | memoryview) -> Any:
    """What `pack_counts` wrote: sixteen uint16."""
    return np.frombuffer(blob, dtype="<u2", count=16)


# --- Truth of many: numpy's own `all` and `any` cost more than what they look at when that is a window of submits ----
def every(mask: Any) -> bool:
    """Whether a boolean array holds nothing but True."""
    return b"\0" not in mask.tobytes()


def some(mask: Any) -> bool:
    """Whether a boolean array holds any True."""
    return b"\1" in mask.tobytes()


# --- Arithmetic on ranges -------------------------------------------------------------------------------------------
def expand(starts: Any, counts: Any) -> Any:
    """All positions of several ranges, one after the other, as int64."""
    counts = counts.astype(np.int64)
    total = int(counts.sum())
    ends = np.cumsum(counts)
    return np.arange(total, dtype=np.int64) + np.repeat(starts.astype(np.int64) - (ends - counts), counts)


def neighbours(starts: Any, counts: Any) -> slice | None:
    """The one slice that ranges form when each begins where the one before it ends; None when they do not."""
    starts, counts = starts.astype(np.int64), counts.astype(np.int64)
    if every(starts[1:] == starts[:-1] + counts[:-1]):
        return slice(int(starts[0]), int(starts[-1] + counts[-1]))
    return None


def rising(positions: Any) -> slice | None:
    """The slice that positions form when each is the next after the one before it; None when they do not."""
    first, last = int(positions[0]), int(positions[-1])
    if last - first == len(positions) - 1 and every(positions[1:] > positions[:-1]):
        return slice(first, last + 1)
    return None


def distinct(numbers: Any) -> list[int]:
    """The different values of an integer array, ascending; most often there is one."""
    if len(numbers) == 0:
        return []
    first = int(numbers[0])
    if every(numbers == first):
        return [first]
    return [int(one) for one in np.unique(numbers)]


def stretches(breaks: Any) -> tuple[Any, Any]:
    """Where stretches begin and how long they are; `breaks` says of each value but the first whether it begins a new one."""
    at = np.flatnonzero(breaks)
    first = np.zeros(len(at) + 1, dtype=np.int64)
    first[1:] = at + 1
    lengths = np.empty_like(first)
    lengths[:-1] = first[1:] - first[:-1]
    lengths[-1] = len(breaks) + 1 - first[-1]
    return first, lengths


def runs(mask: Any) -> Any:
    """(start, length) of each run of True in a boolean vector, as an (r, 2) int64 array."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    return np.stack((edges[::2], edges[1::2] - edges[::2]), axis=1)
