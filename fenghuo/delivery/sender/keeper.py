"""The life of one account: hold the lease, keep a session, begin again after whatever went wrong."""

import threading
from collections.abc import Callable, Sequence
from datetime import time as TimeOfDay

import structlog
from django.db import Error as DatabaseError
from django.db import connections

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.gateways.line import Line
from fenghuo.delivery.ledger import actions, queries
from fenghuo.delivery.sender import secrecy
from fenghuo.delivery.sender.calls import Calls
from fenghuo.delivery.sender.connection import Connection
from fenghuo.delivery.sender.desk import Desk
from fenghuo.delivery.sender.desk.holder import dead_holder, holder
from fenghuo.delivery.sender.failures import Failures
from fenghuo.delivery.sender.link_test import LinkTest
from fenghuo.delivery.sender.pipe import Pipes, Unreachable
from fenghuo.delivery.sender.talk import Talk
from fenghuo.delivery.sender.talk.brake import Brake
from fenghuo.delivery.sender.talk.trust import Trust
from fenghuo.delivery.sender.telling import Telling
from fenghuo.delivery.sender.timing import Timing
from fenghuo.delivery.sender.turn import Turn
from fenghuo.ground import clock
from fenghuo.ground.disk import actions as disk
from fenghuo.ground.disk import queries as disk_of

log = structlog.get_logger(__name__)
Connector = Callable[[float], Line]
LEASE_WAIT = 0.5


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
        self._telling = Telling(gateway, timing)
        self._calls = Calls(gateway)
        self._turn = Turn(gateway.name, timing.backoff)
        self._link_test = LinkTest(gateway.name, link_test, timing)
        self._trust = Trust(brake=Brake(gateway.protocol))
        self._failures = Failures(gateway.name)
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
            if queries.kept_out():
                self._stay_out(desk)
                continue
            self._connect(desk)
            if not self._over:
                if self._turn.over(self._trust.failures):
                    self._give_way(fence)
                    return
                self._rest(desk)
        self._telling.becomes("down", "stopped", desk)
        self._telling.tell(desk, None)
        actions.drop_lease(self.gateway.name, fence=fence)

    def _give_way(self, fence: int) -> None:
        self._failures.say("gave_way", code=self._telling.health.error)
        actions.drop_lease(self.gateway.name, fence=fence)
        self._pause(self._turn.stand_back(self._trust.failures))

    # --- one connection --------------------------------------------------------------------------------------------------
    def _connect(self, desk: Desk) -> None:
        if not self._trust.failures:
            self._telling.becomes("connecting", "", desk)
        self._telling.tell(desk, None)
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
        talk = self._talk(desk, line, trust=self._trust, write=pipes.write)
        self._link_test.login(now)
        line.login(clock.now().astimezone().strftime("%m%d%H%M%S"), now)
        try:
            self._converse(desk, talk, line, pipes)
        finally:
            pipes.close()
        self._turn.cut_off = pipes.cut_off
        self._telling.flying = 0
        self._end(desk, talk)

    def _converse(self, desk: Desk, talk: Talk, line: Line, pipes: Pipes) -> None:
        Connection(
            self.gateway,
            self.timing,
            desk=desk,
            talk=talk,
            line=line,
            pipes=pipes,
            telling=self._telling,
            link_test=self._link_test,
            look=self._look,
            over=self._stop.is_set,
        ).converse()

    def _open(self, line: Line) -> Pipes:
        gateway, timing, tls = self.gateway, self.timing, secrecy.tls(self.gateway)
        return Pipes.open(gateway.host, gateway.port, timing.connect, count=line.pipes, tls=tls, unheard=timing.unheard)

    def _unfit(self, desk: Desk, wrong: secrecy.Unfit) -> None:
        """A person must mend a file of the account. It is looked at anew with every attempt: nothing need be restarted."""
        self._failures.say("account_refused", code=wrong.code, path=str(wrong.path or ""))
        self._failed(desk, "refused", wrong.code)

    def _failed(self, desk: Desk, state: str, code: str) -> None:
        self._telling.becomes(state, code, desk)
        self._trust.failures += 1
        self._link_test.found(desk, code)

    def _end(self, desk: Desk, talk: Talk) -> None:
        ended = talk.ended
        assert ended is not None
        desk.meter.look(clock.monotonic(), False)
        if self._link_test.asking and ended.code != "stopped":
            self._link_test.found(desk, ended.code)
        mute = talk.close()
        well = talk.moved or (talk.proved and talk.age >= self.timing.connect)
        self._trust.ended(proved=talk.proved, mute=mute, well=well)
        code = "login_closed" if ended.code == "lost" and not talk.ready else ended.code
        if code.startswith("login_") or ended.permanent or (code == "protocol" and not talk.ready):
            self._telling.becomes("refused", code, desk)
        elif ended.code == "silence":
            self._turn.cut_off = True
            self._telling.becomes("silent", "no_answer", desk)
        elif ended.code != "stopped":
            self._telling.becomes("connecting" if well else "down", ended.code, desk)
        self._failures.say("line_ended", code=ended.code, permanent=ended.permanent)

    # --- without a connection --------------------------------------------------------------------------------------------
    def _stay_out(self, desk: Desk) -> None:
        """Restored, and not resumed yet: the old installation may still be there, and its receipts would come to us."""
        self._failures.say("kept_out")
        self._telling.becomes("paused", "restored", desk)
        looked_at = desk.book.applied
        while not self._over and (desk.book.applied == looked_at or queries.kept_out()):
            looked_at = desk.book.applied
            self._alone(desk)
            self._pause(self.timing.tick)

    def _alone(self, desk: Desk) -> None:
        desk.read_orders()
        self._look(desk, None)
        desk.commit()
        if desk.unfolded:
            desk.commit(idle=True)

    def _rest(self, desk: Desk) -> None:
        """Between two connections: orders are obeyed, doubts listed, the desk told."""
        until = clock.monotonic() + self._trust.pause(self.timing.backoff)
        while clock.monotonic() < until and not self._over:
            self._alone(desk)
            if self._link_test.due(clock.monotonic()) or desk.hurries():
                return  # a login is tried at once: that is the test, or a correction has come
            self._pause(self.timing.tick)

    def _look(self, desk: Desk, talk: Talk | None) -> None:
        """With or without a connection: what came by callbacks, doubts and orders of long ago; then the desk is told."""
        self.alive_at = clock.monotonic()
        flying = len(talk.flight) if talk else 0
        self._calls.take(desk, flying=flying > 0)
        desk.look_around()
        self._telling.tell(desk, talk)
        if self._until(desk):
            self._stop.set()

    def _pause(self, seconds: float) -> None:
        until = clock.monotonic() + seconds
        while clock.monotonic() < until and not self._over:
            self._stop.wait(min(self.timing.tick, seconds))
