"""The life of one account: hold the lease, keep a session, begin again after whatever went wrong."""

import random
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import time as TimeOfDay

import structlog
from django.db import Error as DatabaseError
from django.db import connections

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.ledger import actions
from fenghuo.delivery.ledger.values import Used
from fenghuo.delivery.sender import secrecy
from fenghuo.delivery.sender.calls import Calls
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.health import Health, shown
from fenghuo.delivery.sender.holder import dead_holder, holder
from fenghuo.delivery.sender.night import Night
from fenghuo.delivery.sender.pipe import Pipes, Unreachable
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.timing import Timing
from fenghuo.delivery.sender.turn import Turn
from fenghuo.ground import clock
from fenghuo.ground.disk import actions as disk
from fenghuo.ground.disk import queries as disk_of

log = structlog.get_logger(__name__)
Connector = Callable[[float], Line]
LEASE_WAIT = 0.5
FORGET = 3600.0  # seconds between two clearings of old minutes


class Keeper:
    """See the module. `connector` makes a new line at a monotonic time; `run` ends soon after `stop` is set.

    `link_test` is the local time of the nightly test; None for none. `peers` are all accounts of this data folder's mode: whoever
    cannot send in time hands over to them.
    """

    def __init__(
        self,
        gateway: Gateway,
        connector: Connector,
        *,
        mode: str,
        accounts: Sequence[str],
        timing: Timing,
        stop: threading.Event,
        until: Callable[[Desk], bool] | None = None,
        peers: Sequence[Gateway] = (),
        link_test: TimeOfDay | None = None,
        desk: type[Desk] = Desk,
        talk: type[Talk] = Talk,
    ) -> None:
        self.gateway = gateway
        self.timing = timing
        self._connector = connector
        self._mode = mode
        self._accounts = accounts
        self._peers = peers
        self._stop = stop
        self._until = until or (lambda desk: False)
        self._desk = desk
        self._talk = talk
        self._health = Health()
        self._calls = Calls(gateway)
        self._turn = Turn(gateway.name, timing.backoff)
        self._night = Night(gateway.name, link_test)
        self._used_at = self._forgot_at = 0.0
        self._told_at = 0.0
        self._failures = 0
        self._probing = False
        self._flying = 0
        self.alive_at = clock.monotonic()  # this thread last got on with its work

    @property
    def _over(self) -> bool:
        return self._stop.is_set()

    def run(self) -> None:
        """Until `stop` is set: take the lease when it is free, and serve the account while it lasts."""
        while not self._over:
            self.alive_at = clock.monotonic()
            try:
                fence = self._take_lease()
                if fence is None:
                    self._stop.wait(LEASE_WAIT)
                    continue
                self._serve(fence)
            except actions.Fenced:
                log.warning("lease_lost", account=self.gateway.name)
            except DatabaseError as wrong:
                if disk_of.failed():
                    raise  # the first fault of the disk ends the process: a new one reads what is really there
                if disk.is_full(wrong):
                    disk.spend_reserve()
                # What was not committed is not known to have happened: the book is read again from disk.
                log.error("ledger_failed", account=self.gateway.name, error=str(wrong))
                connections.close_all()
                self._pause(1.0)

    def _take_lease(self) -> int | None:
        lease_ms = round(self.timing.lease * 1000)
        name = self.gateway.name
        return actions.take_lease(
            name, self.gateway.protocol, holder=holder(), dead=dead_holder(name), lease_ms=lease_ms
        )

    def _serve(self, fence: int) -> None:
        desk = self._desk(
            self.gateway, mode=self._mode, accounts=self._accounts, timing=self.timing, fence=fence, peers=self._peers
        )
        while not self._over:
            self._connect(desk)
            if not self._over:
                if self._turn.over(self._failures):
                    self._give_way(fence)
                    return
                self._rest(desk)
        self._health.becomes("down", "stopped", desk.now_ms())
        self._tell(desk, None)
        actions.drop_lease(self.gateway.name, fence=fence)

    def _give_way(self, fence: int) -> None:
        log.warning("gave_way", account=self.gateway.name, code=self._health.error)
        actions.drop_lease(self.gateway.name, fence=fence)
        self._pause(self._turn.stand_back(self._failures))

    # --- one connection --------------------------------------------------------------------------------------------------
    def _connect(self, desk: Desk) -> None:
        if self._health.state != "refused":
            self._health.becomes("connecting", self._health.error, desk.now_ms())
        self._tell(desk, None)
        now = clock.monotonic()
        try:
            line = self._connector(now)
            pipes = self._open(line)
        except secrecy.Unfit as wrong:
            self._unfit(desk, wrong)
            return
        except Unreachable as wrong:
            self._turn.cut_off = wrong.code == "connect_timeout"
            self._failed(desk, "refused" if wrong.code.startswith("tls_") else "down", wrong.code)
            return
        now = clock.monotonic()
        talk = self._talk(desk, line, probing=self._probing, write=pipes.write)
        if self._night.due(now):
            self._night.ask("login", now)
        line.login(clock.now().astimezone().strftime("%m%d%H%M%S"), now)
        try:
            self._converse(desk, talk, line, pipes)
        finally:
            pipes.close()
        self._turn.cut_off = pipes.cut_off
        self._flying = 0
        self._end(desk, talk)

    def _open(self, line: Line) -> Pipes:
        gateway, timing, tls = self.gateway, self.timing, secrecy.tls(self.gateway)
        return Pipes.open(gateway.host, gateway.port, timing.connect, count=line.pipes, tls=tls, unheard=timing.unheard)

    def _unfit(self, desk: Desk, wrong: secrecy.Unfit) -> None:
        """A person must mend a file of the account. It is looked at anew with every attempt: nothing need be restarted."""
        if self._health.error != wrong.code:
            log.error("account_refused", account=self.gateway.name, code=wrong.code, path=str(wrong.path or ""))
        self._failed(desk, "refused", wrong.code)

    def _failed(self, desk: Desk, state: str, code: str) -> None:
        self._health.becomes(state, code, desk.now_ms())
        self._failures += 1
        self._tested(desk, code)

    def _converse(self, desk: Desk, talk: Talk, line: Line, pipes: Pipes) -> None:
        began = clock.monotonic()
        checked = turned = 0.0
        leaving: float | None = None
        while not talk.over:
            pipes.write(line)
            pipes.wait(self._patience(desk, talk, turned))
            now = clock.monotonic()
            heard = self._hear(desk, talk, line, pipes, now)
            if now - checked > self.timing.tick:
                checked = now
                talk.hear(line.tick(now))
                self._watch(desk, line, talk, now - began)
            if not talk.over:
                if leaving is not None:
                    desk.commit()
                elif not self._gathering(talk, now - turned):
                    talk.turn()
                    turned = clock.monotonic()
            self._flying = talk.flight.recipients
            if not heard:
                self._idle(desk, talk)
            leaving = self._leave(line, talk, leaving, now)
        pipes.write(line)

    def _hear(self, desk: Desk, talk: Talk, line: Line, pipes: Pipes, now: float) -> bool:
        """Whatever came on any connection, then which of them ended; whether anything came."""
        heard = False
        for number, data in pipes.take():
            heard = True
            talk.heard_at = now
            self._health.heard_ms = desk.now_ms()
            talk.hear(line.receive(data, now, number))
        for number, left, error in pipes.lost():
            talk.hear(line.lost(number, left, error))
        return heard

    def _gathering(self, talk: Talk, since: float) -> bool:
        """A commit costs the same for one answer as for thousands; while the line has plenty to do, more are awaited a moment."""
        return talk.ready and since < self.timing.group and 2 * len(talk.flight) > self.gateway.places

    def _patience(self, desk: Desk, talk: Talk, turned: float) -> float:
        gathered = turned + self.timing.group - clock.monotonic()
        if desk.book.events and gathered > 0:
            return gathered
        if talk.full:
            return self.timing.tick
        return min(self.timing.tick, max(0.0005, desk.wait()))

    def _watch(self, desk: Desk, line: Line, talk: Talk, age: float) -> None:
        """Things that need a look twenty times a second at most."""
        now = self.alive_at = clock.monotonic()
        desk.meter.look(now, talk.ready and desk.waits)
        if self._night.due(now):
            self._test(desk, line, talk, now)
        desk.sharing.well(talk.well_at(now))
        if talk.ready:
            self._health.becomes("bound", "", desk.now_ms())
        elif age > self.timing.connect:
            self._health.becomes("silent", "no_answer", desk.now_ms())
        self._calls.take(desk, flying=len(talk.flight) > 0)
        desk.look_around(len(talk.flight))
        self._tell(desk, talk)
        if self._until(desk):
            self._stop.set()

    def _test(self, desk: Desk, line: Line, talk: Talk, now: float) -> None:
        """A night's test is due and there is a line: its login is the test where it is new, else a heartbeat."""
        if not self._night.asking and talk.ready:
            talk.alive = False
            self._night.ask("heartbeat", now)
            line.beat(now)
        elif talk.alive if self._night.asking == "heartbeat" else talk.ready:
            self._tested(desk)
        elif self._night.late(now):
            self._tested(desk, "no_answer")

    def _tested(self, desk: Desk, error: str = "") -> None:
        """A connection came about, or did not: the night's test, if one is due, has found something."""
        now = clock.monotonic()
        if not self._night.due(now):
            return
        found = self._night.found(now, error)
        log.info("link_tested", account=self.gateway.name, kind=found.kind, ok=found.ok, ms=found.ms, error=found.error)
        lease_ms = round(self.timing.lease * 1000)
        if not actions.keep_link_test(self.gateway.name, fence=desk.fence, lease_ms=lease_ms, found=found):
            raise actions.Fenced(self.gateway.name)

    def _idle(self, desk: Desk, talk: Talk) -> None:
        if desk.unfolded and not desk.book.events and not len(talk.flight):
            desk.commit(idle=True)

    def _leave(self, line: Line, talk: Talk, leaving: float | None, now: float) -> float | None:
        """On the way out: nothing new leaves, answers are awaited for a moment, then good-bye."""
        if not self._over:
            return None
        if leaving is None:
            return now
        if not len(talk.flight) or now - leaving > self.timing.good_bye:
            line.close(now)
            talk.finish()
        return leaving

    def _end(self, desk: Desk, talk: Talk) -> None:
        ended = talk.ended
        assert ended is not None
        desk.meter.look(clock.monotonic(), False)
        if self._night.asking and ended.code != "stopped":
            self._tested(desk, ended.code)
        mute = talk.close()
        self._probing = mute or talk.probing
        if talk.ready and not mute:
            self._failures = 0
        self._failures += 1
        code = "login_closed" if ended.code == "lost" and not talk.ready else ended.code
        if code.startswith("login_") or ended.permanent or (code == "protocol" and not talk.ready):
            self._health.becomes("refused", code, desk.now_ms())
        elif ended.code == "silence":
            self._turn.cut_off = True
            self._health.becomes("silent", "no_answer", desk.now_ms())
        else:
            self._health.becomes("connecting", ended.code, desk.now_ms())
        log.info("line_ended", account=self.gateway.name, code=ended.code, permanent=ended.permanent)

    # --- without a connection --------------------------------------------------------------------------------------------
    def _rest(self, desk: Desk) -> None:
        """Between two connections: orders are obeyed, doubts listed, the desk told. Jitter keeps many senders apart."""
        steps = self.timing.backoff
        longest = steps[min(max(self._failures, 1), len(steps)) - 1]
        until = clock.monotonic() + longest * random.uniform(0.5, 1.0)
        while (now := clock.monotonic()) < until and not self._over:
            self.alive_at = now
            desk.read_orders()
            self._calls.take(desk, flying=False)
            desk.look_around(0)
            desk.commit()
            if desk.unfolded:
                desk.commit(idle=True)
            self._tell(desk, None)
            if self._until(desk):
                self._stop.set()
            if self._night.due(clock.monotonic()):
                return  # a login is tried at once: that is the test
            self._pause(self.timing.tick)

    def _pause(self, seconds: float) -> None:
        until = clock.monotonic() + seconds
        while clock.monotonic() < until and not self._over:
            self._stop.wait(min(self.timing.tick, seconds))

    def _tell(self, desk: Desk, talk: Talk | None) -> None:
        """Write the account's state for the desk: at once when it changes, else every few seconds."""
        now = clock.monotonic()
        throttled = desk.pace.throttled_at
        state = shown(
            self._health.state,
            paused=desk.book.everything_paused,
            probing=desk.sharing.away(now) or (self._probing and (talk is None or talk.probing)),
            unheard=now - talk.heard_at if talk else 0.0,
            silent=self.timing.silent,
            throttled_ago=None if throttled is None else now - throttled,
        )
        told = (state, self._health.error)
        if told == self._health.told and now - self._told_at < self.timing.health:
            return
        self._health.told, self._told_at = told, now
        if not actions.report_health(
            self.gateway.name,
            fence=desk.fence,
            lease_ms=round(self.timing.lease * 1000),
            state=state,
            since=self._health.since_ms,
            error=self._health.error,
            in_flight=self._flying,
            heard_at=self._health.heard_ms,
            used=self._used(desk, now, talk),
            host=socket.gethostname(),
            unwell_ms=desk.sharing.unwell_ms(now),
        ):
            raise actions.Fenced(self.gateway.name)
        desk.lease_until = now + self.timing.lease
        if now - self._forgot_at > FORGET:
            self._forgot_at = now
            actions.forget_usage()

    def _used(self, desk: Desk, now: float, talk: Talk | None) -> Used | None:
        """What was done since, every few seconds and at the end of a connection: a report between them says nothing of it."""
        if talk is not None and now - self._used_at < self.timing.health:
            return None
        self._used_at = now
        return desk.meter.take()
