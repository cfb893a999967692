"""The ground truth: every number of every SUBMIT that was accepted, kept as it came and read only when asked for."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from fenghuo.wire.cmpp import Layout, Run, Submit, decode, numbers, packed, scatter
from simulators.smsc.fate import DELIVERED, Fate

UCS2: Final = 8  # Msg_Fmt
# Msg_Id, number, final status word (empty: no final report will come), segment, segments, connection, model, accepted at
ROW: Final = struct.Struct(">Q32s8sBBHId")


class Row(NamedTuple):
    """One number of one accepted SUBMIT. `stat` is what its final report says, empty where that report is lost.

    `at` is seconds since the epoch; `content` is Msg_Content, UDH included; `line` numbers the connections from 1.
    """

    msg_id: int
    number: str
    stat: str
    segment: int
    segments: int
    content: bytes
    src_id: str
    at: float
    line: int
    headed: bool  # content begins with a UDH
    msg_fmt: int

    @property
    def text(self) -> str:
        """What the phone shows of this segment; other formats than UCS-2 as Latin-1."""
        return shown(self.content, self.headed, "utf-16-be" if self.msg_fmt == UCS2 else "latin-1")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Accepted SUBMITs that differ in nothing but their numbers: `block` holds these packed, `ids` 8 bytes for each."""

    at: float
    line: int
    layout: Layout
    model: int
    fate: Fate
    block: bytes
    ids: bytes

    @property
    def count(self) -> int:
        """How many numbers."""
        return len(self.ids) // 8

    def numbers(self) -> list[bytes]:
        """The numbers without their padding."""
        width, block = self.layout.terminal, self.block
        return [block[at : at + width].rstrip(b"\0") for at in range(0, len(block), width)]

    def final_words(self) -> list[str] | None:
        """What the final report of each says ("" where it is lost), or None where every one says DELIVRD."""
        plan = self.fate.plan
        if not (plan.failing or plan.failing_ratio or plan.lose_reports):
            return None
        own = self.numbers()
        words = self.fate.words(own) or [DELIVERED] * len(own)
        for index in self.fate.chosen("lose", plan.lose_reports, own, numbers(self.ids, "Q")):
            words[index] = ""
        return words


class Record:
    """Append-only. Cheap to write (a few slices per frame), decoded lazily."""

    def __init__(self) -> None:
        self.models: list[Submit] = []
        self.chunks: list[Chunk] = []
        self.recipients = 0
        self._known: dict[tuple[int, bytes, bytes], int] = {}

    def groups(self, run: Run, layout: Layout, destinations: int) -> Iterator[tuple[int, Run]]:
        """The parts of a run whose frames share one content and envelope, each with the index of its model."""
        data, stride = run.data, run.stride
        head = slice(12, layout.destinations_at - 1)
        tail_at, start = layout.destinations_at + destinations * layout.terminal, 0
        opening, ending = data[head], data[tail_at:stride]
        for at in range(stride, len(data), stride):
            if data[at + 12 : at + head.stop] != opening or data[at + tail_at : at + stride] != ending:
                yield self._model(layout, opening, ending, run, start), run.part(start, at // stride)
                start = at // stride
                opening, ending = data[at + 12 : at + head.stop], data[at + tail_at : at + stride]
        yield self._model(layout, opening, ending, run, start), run.part(start, run.frames) if start else run

    def _model(self, layout: Layout, opening: bytes, ending: bytes, run: Run, index: int) -> int:
        key = (layout.version, opening, ending)
        found = self._known.get(key)
        if found is None:
            submit = decode(run.frame(index), layout)
            assert isinstance(submit, Submit)
            found = self._known[key] = len(self.models)
            self.models.append(submit)
        return found

    def accept(
        self,
        run: Run,
        layout: Layout,
        destinations: int,
        model: int,
        ids: tuple[int, ...],
        *,
        fate: Fate,
        at: float,
        line: int,
    ) -> Chunk:
        """Writes down a run of one model; `ids` has one for each number."""
        width, data = destinations * layout.terminal, run.data
        block = b"".join([data[k : k + width] for k in range(layout.destinations_at, len(data), run.stride)])
        chunk = Chunk(at, line, layout, model, fate, block, packed(ids, "Q"))
        self.chunks.append(chunk)
        self.recipients += chunk.count
        return chunk

    def rows(self) -> Iterator[Row]:
        """Every number, in order of acceptance."""
        for chunk in list(self.chunks):
            model, words = self.models[chunk.model], chunk.final_words()
            content = (model.pk_number, model.pk_total, model.content)
            fixed = (*content, model.src_id, chunk.at, chunk.line, bool(model.tp_udhi), model.msg_fmt)
            for index, (msg_id, number) in enumerate(zip(numbers(chunk.ids, "Q"), chunk.numbers(), strict=True)):
                yield Row(msg_id, number.decode("latin-1"), words[index] if words else DELIVERED, *fixed)

    def packed_rows(self) -> Iterator[bytes]:
        """The same as blocks of `ROW` records (64 bytes each), for whoever lays an array type over them."""
        for chunk in list(self.chunks):
            model = self.models[chunk.model]
            fixed = (model.pk_number, model.pk_total, chunk.line & 0xFFFF, chunk.model, chunk.at)
            block = bytearray(ROW.pack(0, b"", DELIVERED.encode(), *fixed) * chunk.count)
            scatter(block, ROW.size, 0, chunk.ids, 8)
            scatter(block, ROW.size, 8, chunk.block, chunk.layout.terminal)
            words = chunk.final_words()
            if words:
                scatter(block, ROW.size, 40, b"".join(word.encode("latin-1").ljust(8, b"\0") for word in words), 8)
            yield bytes(block)

    def repeated(self) -> int:
        """How many acceptances were of a text that the number already had: what somebody would read twice."""
        seen: set[tuple[str, int, bytes]] = set()
        for chunk in list(self.chunks):
            model = self.models[chunk.model]
            said = shown(model.content, bool(model.tp_udhi))
            seen.update([(said, model.pk_number, number) for number in chunk.numbers()])
        return self.recipients - len(seen)


def shown(content: bytes, headed: bool, coding: str = "utf-16-be") -> str:
    """Msg_Content as a phone shows it: without its UDH."""
    body = content[1 + content[0] :] if headed and content else content
    return body.decode(coding, "replace")
