"""What is kept for good is small, and comes back as it was; what was written before is still read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenghuo.delivery.ledger import columns, compact


@given(st.integers(1, 3), st.integers(1, 300), st.integers(0, 2**32 - 1), st.sampled_from([1, 5, 2**32 - 1]))
def test_outcomes_come_back_whatever_they_are(segments, count, seed, spread):
    chance = np.random.default_rng(seed)
    states = chance.integers(0, 256, (segments, count)).astype(np.uint8)
    words = chance.integers(0, min(spread, 2**16), count).astype(np.uint16)
    at = chance.integers(0, spread, count).astype(np.uint32)
    blob = compact.pack_outcome(states, words, at)
    assert len(blob) <= (segments + 6) * count
    for found, given_ in zip(compact.unpack_outcome(blob, segments, count), (states, words, at), strict=True):
        assert (found == given_).all()


@given(st.integers(1, 500), st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 2**40]))
def test_answered_submits_come_back_whatever_they_are(count, seed, gap):
    chance = np.random.default_rng(seed)
    taken = np.zeros(count, dtype=columns.PDU)
    taken["block"], taken["start"] = np.arange(count) // 7, chance.integers(0, 1000, count)
    taken["count"], taken["segment"], taken["verdict"] = chance.integers(1, 100, count), chance.integers(0, 9, count), 1
    taken["result"], taken["word"] = chance.integers(0, 2**32, count), chance.integers(0, 2**16, count)
    taken["base"] = np.cumsum(chance.integers(1, gap + 1, count).astype(np.uint64)) * np.uint64(2**23 + 1)
    taken["at"] = chance.integers(0, 2**32, count)
    page = compact.pack_submits(taken)
    assert len(page) % columns.PDU.itemsize
    assert (compact.unpack_submits(page) == taken).all()
    assert (compact.unpack_submits(taken.tobytes()) == taken).all()


@pytest.mark.parametrize("segments", [1, 2])
def test_an_outcome_written_plainly_is_still_read(segments):
    states, words, at = np.full((segments, 5), 1, np.uint8), np.arange(5, dtype="<u2"), np.arange(5, dtype="<u4") + 9
    found = compact.unpack_outcome(states.tobytes() + words.tobytes() + at.tobytes(), segments, 5)
    assert [column.tolist() for column in found] == [states.tolist(), words.tolist(), at.tolist()]


def test_what_is_alike_takes_next_to_nothing():
    block = compact.pack_outcome(
        np.ones((1, 1000), np.uint8), np.ones(1000, np.uint16), np.full(1000, 1_795_000_000, np.uint32)
    )
    taken = np.zeros(10_000, dtype=columns.PDU)
    taken["count"], taken["verdict"], taken["start"] = 1, 1, np.arange(10_000) % 1000
    taken["base"] = np.arange(10_000) * 3 + 0x5D0C_3800_0000_0000
    assert len(block) < 200
    assert len(compact.pack_submits(taken)) < 10_000
