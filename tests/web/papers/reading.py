"""What a PDF says, and whether anything runs over its edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pypdfium2

from fenghuo.delivery.ledger import columns, compact, store
from fenghuo.delivery.ledger.models import Block, Broadcast
from fenghuo.delivery.ledger.states import CODES, UNSENT
from fenghuo.warning.alerts.models import Alert

MARGIN = 10.0  # points that no text may come nearer to the edge


@dataclass(frozen=True)
class Read:
    """A PDF: its pages' sizes in points and all its text, with and without spaces and line ends."""

    sizes: list[tuple[int, int]]
    pages: list[str]

    @property
    def pressed(self) -> str:
        """Everything, without any space: how Chinese is compared whatever the line breaks."""
        return "".join("".join(self.pages).split())


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def read(pdf: bytes) -> Read:
    """Text and sizes; fails when a text comes too near the edge of its page."""
    sizes, pages = [], []
    with opened(pdf) as document:
        for page in document:
            width, height = page.get_size()
            sizes.append((round(width), round(height)))
            text = page.get_textpage()
            for index in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(index)
                inside = left >= MARGIN and right <= width - MARGIN and bottom >= MARGIN and top <= height - MARGIN
                assert inside, f"{text.get_text_bounded(left, bottom, right, top)!r} at {left, bottom, right, top}"
            pages.append(text.get_text_range())
            text.close()
            page.close()
    return Read(sizes, pages)


def settled(alert: Alert, states: list[str]) -> None:
    """The sender has folded these states into the alert's blocks, in the order of its recipients; the rest is unsent."""
    number = Broadcast.objects.values_list("number", flat=True).get(id=alert.broadcast)
    left = [CODES[one] for one in states]
    blocks = Block.objects.filter(broadcast_id=number).order_by("account")
    for account in blocks.values_list("account", flat=True).distinct():
        for block in store.load_blocks(number, account):
            own, left = left[: block.count], left[block.count :]
            codes = np.array([[*own, *[UNSENT] * (block.count - len(own))]], dtype=np.uint8)
            nothing = np.zeros(block.count)
            outcome = compact.pack_outcome(codes, nothing, nothing)
            store.write_outcomes([(block.id, columns.pack_counts(codes[0]), outcome)])
