"""The bare loop in SMPP: see `bare_loop`."""

import time
from collections.abc import Sequence

from benchmarks.bare_loop import BODY, SECRET, BareClient, Figure, driven, segments
from fenghuo.wire import smpp
from fenghuo.wire.smpp.layout import BIND_RESPS, BIND_TRANSCEIVER, DELIVER_SM, STATUS_AT, SUBMIT_SM_RESP, VERSION
from fenghuo.wire.stream import Run

DIGITS = 11


class SmppClient(BareClient):
    """SMPP 3.4: one number to a submit_sm."""

    def __init__(self, templates: Sequence[smpp.SubmitTemplate], block: bytes, window: int) -> None:
        super().__init__(templates, block, 1, window, DIGITS, smpp.Framer())

    def _login(self) -> bytes:
        return smpp.encode(smpp.Bind(1, BIND_TRANSCEIVER, "900001", SECRET.decode(), "", VERSION))

    def _heard(self, run: Run) -> bytes:
        if run.command == DELIVER_SM:
            self._receipts -= run.frames
            return smpp.encode_resps(run)
        if run.command == SUBMIT_SM_RESP:
            self._answered(run.frames, run.column(STATUS_AT, 4).strip(b"\0"))
        elif run.command in BIND_RESPS:
            self._began = time.perf_counter()
        return b""

    def _frames(self, sequence: int, block: bytes) -> bytes:
        return smpp.encode_segments(self._templates, sequence, block, DIGITS)


def run(port: int, block: bytes, window: int) -> Figure:
    """As `bare_loop.run`."""
    templates = smpp.compile_submits(smpp.Envelope("12379", destination_ton=0), segments(BODY))
    seconds = driven(port, lambda: SmppClient(templates, block, window))
    recipients = len(block) // DIGITS
    return Figure(recipients, 1, window, round(seconds, 4), round(recipients / seconds))


def numbers(count: int) -> bytes:
    """`count` different numbers that no carrier assigns (100…), packed."""
    return b"".join(b"100%08d" % k for k in range(count))
