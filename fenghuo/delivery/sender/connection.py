"""One connection from its login to its end: bytes in, a turn of the talk, bytes out, and now and then a look around."""

from collections.abc import Callable

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.link_test import LinkTest
from fenghuo.delivery.sender.pipe import Pipes
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.telling import Telling
from fenghuo.delivery.sender.timing import Timing
from fenghuo.ground import clock


class Connection:
    """See the module. `look` is done with every tick; `over` says that this side is on its way out."""

    def __init__(
        self,
        gateway: Gateway,
        timing: Timing,
        *,
        desk: Desk,
        talk: Talk,
        line: Line,
        pipes: Pipes,
        telling: Telling,
        link_test: LinkTest,
        look: Callable[[Desk, Talk], None],
        over: Callable[[], bool],
    ) -> None:
        self._gateway = gateway
        self._timing = timing
        self._desk = desk
        self._talk = talk
        self._line = line
        self._pipes = pipes
        self._telling = telling
        self._link_test = link_test
        self._look = look
        self._over = over
        self._kept_at: float | None = None

    def converse(self) -> None:
        """Until the line has ended, and good-bye is written."""
        line, talk, pipes = self._line, self._talk, self._pipes
        began = clock.monotonic()
        checked = turned = 0.0
        leaving: float | None = None
        while not talk.over:
            pipes.write(line)
            pipes.wait(self._patience(turned))
            now = clock.monotonic()
            heard = self._hear(now)
            if now - checked > self._timing.tick:
                checked = now
                talk.hear(line.tick(now))
                self._watch(now - began)
            if not talk.over:
                if leaving is not None:
                    self._desk.commit()
                elif not self._gathering(now - turned):
                    talk.turn()
                    turned = clock.monotonic()
            self._take_kept()
            self._telling.flying = talk.flight.recipients
            if not heard:
                self._idle()
            leaving = self._leave(leaving, now)
        pipes.write(line)

    def _hear(self, now: float) -> bool:
        """Whatever came on any connection, then which of them ended; whether anything came."""
        heard = False
        for number, data in self._pipes.take():
            heard = True
            self._talk.heard_at = now
            self._telling.health.heard_ms = self._desk.now_ms()
            self._talk.hear(self._line.receive(data, now, number))
        for number, left, error in self._pipes.lost():
            self._talk.hear(self._line.lost(number, left, error))
        return heard

    def _take_kept(self) -> None:
        """Receipts that were kept back, once they have waited for more; after a turn, so that the line works meanwhile."""
        if not self._line.keeps or self._talk.over:
            self._kept_at = None
            return
        now = clock.monotonic()
        if self._kept_at is None:
            self._kept_at = now
        elif now - self._kept_at >= self._timing.gather:
            self._talk.hear(self._line.kept())
            self._kept_at = None

    def _gathering(self, since: float) -> bool:
        """A commit costs the same for one answer as for thousands; while the line has plenty to do, more are awaited a moment."""
        talk = self._talk
        return talk.ready and since < self._timing.group and 2 * len(talk.flight) > self._gateway.places

    def _patience(self, turned: float) -> float:
        now, timing = clock.monotonic(), self._timing
        if self._desk.book.events and turned + timing.group > now:
            return turned + timing.group - now
        most = timing.tick if self._talk.full else min(timing.tick, max(0.0005, self._desk.wait()))
        return most if self._kept_at is None else max(0.0, min(most, self._kept_at + timing.gather - now))

    def _watch(self, age: float) -> None:
        """Things that need a look twenty times a second at most."""
        now = clock.monotonic()
        desk, talk = self._desk, self._talk
        desk.meter.look(now, talk.ready and desk.waits)
        self._link_test.look(desk, self._line, talk, now)
        desk.sharing.well(talk.well_at(now))
        if talk.trusted and talk.refused:
            self._telling.becomes("refused", f"submits_{talk.refused}", desk)
        elif talk.trusted:
            self._telling.becomes("bound", "", desk)
        elif not talk.ready and age > self._timing.connect:
            self._telling.becomes("silent", "no_answer", desk)
        self._look(desk, talk)

    def _idle(self) -> None:
        desk = self._desk
        if desk.unfolded and not desk.book.events and not len(self._talk.flight):
            desk.commit(idle=True)

    def _leave(self, leaving: float | None, now: float) -> float | None:
        """On the way out: nothing new leaves, answers are awaited for a moment, then good-bye."""
        if not self._over():
            return None
        if leaving is None:
            return now
        if not len(self._talk.flight) or now - leaving > self._timing.good_bye:
            self._line.close(now)
            self._talk.finish()
        return leaving
