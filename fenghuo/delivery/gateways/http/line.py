"""An HTTP gateway as a line: up to `batch` numbers a request, a request at a time on each of `window` kept-alive connections.

A ticket stands for one number (and segment), so that each has its own answer and id. A request that was not answered, or not
clearly, leaves its numbers in doubt; it is never repeated here.
"""

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fenghuo.delivery.gateways.config import HttpGateway
from fenghuo.delivery.gateways.http.answer import LATER, TOO_MANY, Verdict, judged, numbers_of, wrong
from fenghuo.delivery.gateways.http.connection import Broken, Connection, Response
from fenghuo.delivery.gateways.http.later import asked_for
from fenghuo.delivery.gateways.http.request import Letter, Stamp, signed
from fenghuo.delivery.gateways.line import REFUSED, RETRY, Alive, Answers, Ended, Pause, Ready, Unanswered, Value
from fenghuo.delivery.gateways.timers import Timers

_MASK = 0xFFFF_FFFF
IDLE = 4.0  # seconds after which an unused connection is given up: many servers end it after five
MOST_UNCLEAR = 3  # answers in a row that say nothing, until the line is given a rest
CHECK = "check"


@dataclass(eq=False)
class _Entry:
    """One number of a text: the tickets of its segments, which share its fate. At most `most` entries share its request."""

    letter: Letter
    number: int
    tickets: Any
    most: int


@dataclass(eq=False)
class _Post:
    """A request on a connection."""

    entries: list[_Entry]
    stamp: Stamp
    numbers: Any = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = np.array([one.number for one in self.entries], dtype=np.uint64)


class Http:
    """One account's line; see `gateways.line.Line`. `wall` tells the time in seconds since 1970."""

    def __init__(
        self, gateway: HttpGateway, secret: bytes, timers: Timers, now: float, wall: Callable[[], float]
    ) -> None:
        self._gateway = gateway
        self._secret = secret
        self._wall = wall
        self._within = float(gateway.answer.within)
        self._connections = [Connection() for _ in range(gateway.window)]
        self._finished: list[int] = []
        self._next = 1
        self._waiting: deque[_Entry] = deque()
        self._open: set[int] = set()  # first tickets of entries whose place is taken
        self._promised = 0  # places reserved for entries that are not here yet
        self._sizes: dict[int, int] = {}  # numbers of requests refused whole: how many may share the next one
        self._values: list[Value] = []
        self._unclear = 0
        self._closing = False
        self._end: Ended | None = None  # why it is over, said once, when what is on its way is answered
        self._said = False
        self._idle = timers.idle
        self._seen = now

    @property
    def pipes(self) -> int:
        return len(self._connections)

    # --- the session -----------------------------------------------------------------------------------------------------
    def login(self, stamp: str, now: float) -> None:
        for one in self._connections:
            one.used = now
        if not self._check(now):
            self._values.append(Ready(False))

    def beat(self, now: float) -> None:
        if not self._check(now):
            self._values.append(Alive(asked=False))

    def _check(self, now: float) -> bool:
        """Ask the address that only answers; False where there is none, or everything is busy and so plainly alive."""
        path = self._gateway.request.check_path
        free = next((one for one in self._connections if one.busy is None), None)
        if not path or free is None:
            return False
        free.ask(CHECK, "GET", path, signed(self._gateway, self._secret, b"", self._stamp()), b"", now)
        return True

    def _stamp(self) -> Stamp:
        return Stamp(int(self._wall()), secrets.token_hex(16))

    def receive(self, data: bytes, now: float, pipe: int = 0) -> list[Value]:
        connection = self._connections[pipe]
        self._seen = now
        try:
            about = connection.busy
            for response in connection.receive(data, now):
                if response.last:
                    self._hang_up(pipe)
                self._answered(about, response, now)
                about = None
        except Broken:
            self._unreadable(self._hang_up(pipe))
        return self._told()

    @property
    def keeps(self) -> bool:
        return False

    def kept(self) -> list[Value]:
        return []

    def tick(self, now: float) -> list[Value]:
        for pipe, one in enumerate(self._connections):
            if one.busy is not None and now - one.since > self._within:
                self._silent(self._hang_up(pipe))
            elif one.busy is None and one.used and now - one.used > IDLE:
                one.used = 0.0
                self._hang_up(pipe)
        if now - self._seen > self._idle:
            self._seen = now
            self.beat(now)
        return self._told()

    def deadline(self) -> float | None:
        return min((one.since + self._within for one in self._connections if one.busy is not None), default=None)

    def outgoing(self, pipe: int = 0) -> bytes:
        return self._connections[pipe].outgoing()

    def finished(self) -> Sequence[int]:
        ended, self._finished = self._finished, []
        return ended

    def lost(self, pipe: int = 0, left: bool = True, error: str = "") -> list[Value]:
        if pipe in self._finished:
            self._finished.remove(pipe)  # this side was done with it; what is on it by now goes over a new one
            return self._told()
        connection, answers = self._connections[pipe], list[Response]()
        about, since = connection.busy, connection.since
        if about is not None and left:
            try:
                answers += connection.receive(b"", since)  # the end of the connection may be the end of an answer
            except Broken:
                answers.clear()
        connection.end()
        if answers:
            self._answered(about, answers[0], since)
        elif isinstance(about, _Post) and not left:
            self._answer(about, Verdict(RETRY))  # not one byte of it left
        elif isinstance(about, _Post):
            self._unclearly(about, "lost")
        elif about == CHECK:
            self._over("lost", False)
        if error:
            self._over(error, error.startswith("tls_"))
        return self._told()

    def close(self, now: float) -> None:
        self._closing = True

    def _hang_up(self, pipe: int) -> Any:
        self._finished.append(pipe)
        return self._connections[pipe].end()

    def _over(self, code: str, permanent: bool) -> None:
        """Nothing more is asked. What other connections carry is still answered, within its time: nobody is in doubt for this."""
        self._end = self._end or Ended(code, permanent)
        if self._waiting:  # not one byte of these left
            waiting, self._waiting = list(self._waiting), deque()
            self._answer(_Post(waiting, self._stamp()), Verdict(RETRY))

    def _told(self) -> list[Value]:
        if (
            self._end is not None
            and not self._said
            and not any(isinstance(one.busy, _Post) for one in self._connections)
        ):
            self._values.append(self._end)
            self._said = True
        values, self._values = self._values, []
        return values

    # --- submits ---------------------------------------------------------------------------------------------------------
    @property
    def room(self) -> int:
        if self._end is not None:
            return 0
        idle = sum(one.busy is None for one in self._connections) * self._gateway.batch
        free = self._gateway.places - len(self._open) - self._promised
        return max(0, min(idle - len(self._waiting) - self._promised, free))

    def message(self, text: str, *, reference: int, src_id: str) -> Letter:
        return Letter(self._gateway, text, src_id or self._gateway.src_id)

    def reserve(self, count: int) -> Any:
        first, self._next = self._next, (self._next + count) & _MASK
        self._promised += count
        return ((first + np.arange(count, dtype=np.int64)) & _MASK).astype(np.uint32)

    def send(self, message: Letter, tickets: Any, addresses: Any, batch: int, segment: int | None, now: float) -> None:
        """Every segment of a number has a ticket; the gateway is given the whole text once."""
        each = tickets.reshape(len(addresses), -1)
        for number, mine in zip(addresses.tolist(), each, strict=True):
            self._waiting.append(_Entry(message, number, mine, self._sizes.get(number, self._gateway.batch)))
            self._open.add(int(mine[0]))
        self._promised -= len(tickets)
        self._post(now)

    def free(self, tickets: Any) -> None:
        self._open.difference_update(tickets.tolist())

    def acknowledge(self, token: Any) -> None:
        """Nothing comes on these connections that is to be acknowledged: receipts come by callback."""

    def _post(self, now: float) -> None:
        for one in self._connections:
            if not self._waiting or self._closing or self._end is not None:
                return
            if one.busy is None:
                post = _Post(self._together(), self._stamp())
                body = post.entries[0].letter.body(post.numbers, post.stamp)
                headers = signed(self._gateway, self._secret, body, post.stamp)
                one.ask(post, "POST", self._gateway.request.path, headers, body, now)

    def _together(self) -> list[_Entry]:
        """The next entries that may share a request: of one text, no number twice, no more than each of them bears."""
        first = self._waiting.popleft()
        entries, most, numbers = [first], first.most, {first.number}
        while self._waiting and len(entries) < most:
            one = self._waiting[0]
            if one.letter is not first.letter or one.number in numbers or len(entries) >= one.most:
                break
            entries.append(self._waiting.popleft())
            most = min(most, one.most)
            numbers.add(one.number)
        return entries

    # --- answers -----------------------------------------------------------------------------------------------------------
    def _answered(self, about: Any, response: Response, now: float) -> None:
        later = asked_for(response.later, response.date, self._wall()) if response.later else 0.0
        if about == CHECK:
            self._checked(response, later)
        elif isinstance(about, _Post):
            verdict = judged(self._gateway.answer, response.status, response.body, about.numbers)
            if verdict.verdict is None:
                self._unclearly(about, f"http_{response.status}" if response.status >= 500 else "protocol")
            else:
                self._unclear = 0
                self._answer(about, verdict)
                if verdict.verdict == RETRY and not verdict.ended and later:
                    self._values.append(Pause(later))
        self._post(now)

    def _checked(self, response: Response, later: float) -> None:
        if 200 <= response.status < 300:
            self._values += [Ready(False), Alive()]
        elif response.status == TOO_MANY or (response.status in LATER and later):
            self._values += [Ready(False), Alive(), Pause(later)]  # it is there, and busy
        else:
            self._over(wrong(response.status) or f"http_{response.status}", response.status < 500)

    def _answer(self, post: _Post, verdict: Verdict) -> None:
        code = verdict.verdict
        divided = code == REFUSED and len(post.entries) > 1
        if divided:  # one bad number spoils a request: it goes on in halves, so that only that one fails
            for number in post.numbers.tolist():
                self._sizes[number] = len(post.entries) // 2
        else:
            for number in post.numbers.tolist():
                self._sizes.pop(number, None)
        ids = (
            numbers_of([post.stamp.nonce] * len(post.entries), "text")
            if self._gateway.answer.reference
            else verdict.ids
        )
        tickets = [one.tickets for one in post.entries]
        lengths = [len(one) for one in tickets]
        flat = np.concatenate(tickets)
        self._values.append(
            Answers(
                flat,
                np.full(len(flat), RETRY if divided else code, dtype=np.uint8),
                np.full(len(flat), verdict.result, dtype=np.uint32),
                np.zeros(len(flat), dtype=np.uint64) if ids is None else np.repeat(ids, lengths),
                late=False,
                slower=code == RETRY,
                word=verdict.word.encode("ascii", "replace")[:30],
            )
        )
        if verdict.ended:
            self._over(verdict.ended, True)

    def _unreadable(self, about: Any) -> None:
        if about == CHECK:
            self._over("not_http", True)
        elif isinstance(about, _Post):
            self._unclearly(about, "protocol")

    def _unclearly(self, post: _Post, why: str) -> None:
        """Nobody knows what became of it; a gateway that does so again and again is given a rest."""
        self._unclear += 1
        self._doubt(post, heard=True)
        if self._unclear >= MOST_UNCLEAR:
            self._over(why, False)

    def _silent(self, about: Any) -> None:
        if about == CHECK:
            self._over("silence", False)
        elif isinstance(about, _Post):
            self._doubt(about, heard=False)

    def _doubt(self, post: _Post, *, heard: bool) -> None:
        self._values.append(Unanswered(np.concatenate([one.tickets for one in post.entries]), heard))
