"""Status words as numbers: blocks keep two bytes, the dictionary keeps what the gateway said, verbatim."""

from typing import Any

import numpy as np

from fenghuo.delivery.ledger import store

MOST = 60_000  # a number has two bytes; a gateway that invents a word per message must not use them up
OTHER = "(other)"
MANY = 64  # a word that so few share is a sign of a gateway that says many


class Words:
    """One sender's memory of the dictionary. A new word is durable before anything refers to it."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {text.encode("latin-1", "replace"): n for n, text in store.words().items()}

    def number(self, word: bytes) -> int:
        """The number of one word, made when new."""
        known = self._numbers.get(word)
        if known is None:
            text = word.decode("latin-1") if len(self._numbers) < MOST else OTHER
            with store.writing():
                known = self._numbers[word] = store.word_number(text.replace("\0", " "))
        return known

    def numbers(self, words: Any) -> Any:
        """Numbers (uint16) of an array of words; most often they are all the same."""
        everything = words.tobytes()
        if everything == everything[: words.dtype.itemsize] * len(words):
            return np.full(len(words), self.number(bytes(words[0])), dtype=np.uint16)
        numbers, rest = np.zeros(len(words), dtype=np.uint16), np.arange(len(words))
        while len(rest):  # gateways know a handful of words: a pass for each is cheaper than sorting texts
            kind = words[rest[0]]
            same = words[rest] == kind
            numbers[rest[same]] = self.number(bytes(kind))
            rest = rest[~same]
            if len(rest) and same.sum() * MANY < len(words):
                kinds, which = np.unique(words[rest], return_inverse=True)
                numbers[rest] = np.array([self.number(bytes(one)) for one in kinds], dtype=np.uint16)[which]
                break
        return numbers
