"""From chunks of a byte stream, cut anywhere, to runs of whole frames."""

from fenghuo.wire.cmpp.layout import COMMANDS, DELIVER, HEADER, HEADER_SIZE, SUBMIT, Layout
from fenghuo.wire.stream import ProtocolError, Run, length_error, repeats


class Framer:
    """Feed it what the socket gave; it hands back runs and keeps the rest.

    A stream that cannot be CMPP any more sets `fault`: the frames before the fault are still handed back, because a response
    that arrived is a fact, and nothing after it is looked at. No more than one frame is ever held back, and a length that
    its command cannot have is refused before waiting for it, so no peer can make it hoard.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.fault: ProtocolError | None = None
        self._rest = bytearray()
        self._wanted = HEADER_SIZE

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Run]:
        """The whole frames in `data` and what was left of the chunks before it, as runs in the order of arrival."""
        if self.fault:
            return []
        if self._rest:
            if len(self._rest) + len(data) < self._wanted:
                self._rest += data
                return []
            data = b"".join((self._rest, data))
            self._rest.clear()
        runs, end = self._cut(data)
        if end < len(data) and not self.fault:
            self._rest += memoryview(data)[end:]
        return runs

    def _cut(self, data: bytes) -> tuple[list[Run], int]:
        runs: list[Run] = []
        bounds, submit_at, registered_at = (
            self.layout.bounds,
            self.layout.destinations_at - 1,
            self.layout.registered_at,
        )
        at, size = 0, len(data)
        self._wanted = HEADER_SIZE
        while size - at >= HEADER_SIZE:
            total, command, _ = HEADER.unpack_from(data, at)
            bound = bounds.get(command)
            if bound is None or not bound[0] <= total <= bound[1]:
                self.fault = self._why(total, command)
                break
            if size - at < total:
                self._wanted = total
                break
            extra: tuple[int, ...] = ()
            if command == DELIVER and registered_at + 1 < total:
                extra = (registered_at, registered_at + 1)
            elif command == SUBMIT:
                # Msg_Length lies behind the numbers; beyond the frame it is no shape at all and the decoder says so.
                length_at = submit_at + 1 + self.layout.terminal * data[at + submit_at] + self.layout.typed
                extra = (submit_at, length_at) if length_at < total else (submit_at,)
            frames = repeats(data, at, total, extra)
            end = at + frames * total
            runs.append(Run(command, total, frames, data[at:end]))
            at = end
        return runs, at

    def _why(self, total: int, command: int) -> ProtocolError:
        bound = self.layout.bounds.get(command)
        if bound is None:
            return ProtocolError("command", f"Command_Id {command:#x} is unknown", f"未知的命令字 {command:#x}", at=4)
        return length_error(COMMANDS[command], total, f"{bound[0]}–{bound[1]}")
