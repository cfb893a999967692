"""Time alone: link tests, repeats of what may be repeated, and a SUBMIT that never is."""

import pytest

from fenghuo.wire import cmpp
from fenghuo.wire.cmpp.layout import COMMANDS, HEADER
from tests.wire.cmpp.makers import STAMP, Pair, block, report, template

LIMITS = cmpp.Limits(window=16, idle=180, answer=60, tries=3)


def said(session: cmpp.ClientSession | cmpp.ServerSession) -> list[str]:
    """The names of the PDUs that a session wants to write now."""
    raw, names = session.outgoing(), []
    while raw:
        total, command, _ = HEADER.unpack_from(raw)
        names.append(COMMANDS[command].removeprefix("CMPP_"))
        raw = raw[total:]
    return names


@pytest.mark.parametrize("end", ["client", "server"])
def test_a_silent_line_is_tested_three_times_and_given_up(end):
    pair = Pair(LIMITS).bound()
    session = pair.client if end == "client" else pair.server
    start = pair.now
    assert session.deadline() == start + 180
    assert session.tick(start + 179) == []
    assert said(session) == []
    for due in (180, 240, 300):
        assert session.deadline() == start + due
        assert session.tick(start + due) == []
        assert said(session) == ["ACTIVE_TEST"]
    assert session.tick(start + 359) == []
    (closed,) = session.tick(start + 360)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "silence"
    assert session.deadline() is None
    assert session.tick(start + 9999) == []


def test_an_answer_keeps_the_line():
    pair = Pair(LIMITS).bound()
    for _ in range(5):
        pair.now += 180
        assert pair.client.tick(pair.now) == []
        assert pair.to_server() == [cmpp.LinkTested()]
        assert pair.to_client() == [cmpp.LinkAlive()]
    assert pair.client.state == "bound"


def test_any_frame_counts_as_a_sign_of_life():
    pair = Pair(LIMITS).bound()
    start = pair.now
    pair.client.tick(start + 180)
    assert said(pair.client) == ["ACTIVE_TEST"]
    pair.client.receive(report(1), start + 200)
    assert pair.client.deadline() == start + 380
    assert pair.client.tick(start + 379) == []
    assert said(pair.client) == []


def test_half_a_frame_does_not_count_as_a_sign_of_life():
    pair = Pair(LIMITS).bound()
    pair.client.receive(report(1)[:50], pair.now + 170)
    pair.client.tick(pair.now + 180)
    assert said(pair.client) == ["ACTIVE_TEST"]


def test_a_submit_is_never_repeated_only_told_once():
    pair = Pair(LIMITS).bound()
    start = pair.now
    first, _ = pair.submit(3)
    assert said(pair.client) == ["SUBMIT"] * 3
    pair.now = start + 30
    later, _ = pair.submit(1)
    assert said(pair.client) == ["SUBMIT"]
    pair.client.receive(cmpp.encode(cmpp.SubmitResp(first + 1, 1, 0), cmpp.V30), start + 31)
    assert pair.client.deadline() == start + 60
    assert pair.client.tick(start + 60) == [cmpp.Unanswered((first, first + 2))]
    assert pair.client.tick(start + 61) == []
    assert pair.client.room == 12
    assert pair.client.tick(start + 90) == [cmpp.Unanswered((later,))]
    names = []
    for second in range(91, 1000):
        pair.client.tick(start + second)
        names += said(pair.client)
    assert set(names) == {"ACTIVE_TEST"}
    late = pair.client.window.held
    assert late == (first, first + 1, first + 2, later)


def test_a_response_after_its_time_is_a_stray():
    pair = Pair(LIMITS).bound()
    first, _ = pair.submit(1)
    pair.client.tick(pair.now + 60)
    (stray,) = pair.client.receive(cmpp.encode(cmpp.SubmitResp(first, 1, 0), cmpp.V30), pair.now + 61)
    assert isinstance(stray, cmpp.StrayResps)
    pair.client.window.release([first])
    assert pair.client.room == 16


def test_login_is_tried_three_times():
    pair = Pair(LIMITS)
    start = pair.now
    pair.client.connect(STAMP, start)
    assert said(pair.client) == ["CONNECT"]
    for due in (60, 120):
        assert pair.client.tick(start + due) == []
        assert said(pair.client) == ["CONNECT"]
    (closed,) = pair.client.tick(start + 180)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "silence"


def test_the_answers_to_a_repeated_login_log_in_once():
    pair = Pair(LIMITS)
    pair.client.connect(STAMP, pair.now)
    pair.client.tick(pair.now + 60)
    raw = cmpp.encode(cmpp.ConnectResp(1, 0, bytes(16), 0x30), cmpp.V30)
    assert pair.client.receive(raw + raw, pair.now + 61) == [cmpp.Bound(0x30, False)]


def test_good_bye_is_said_three_times():
    pair = Pair(LIMITS).bound()
    start = pair.now
    pair.client.terminate(start)
    pair.client.terminate(start)
    assert said(pair.client) == ["TERMINATE"]
    pair.client.tick(start + 60)
    pair.client.tick(start + 120)
    assert said(pair.client) == ["TERMINATE"] * 2
    (closed,) = pair.client.tick(start + 180)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "silence"


def test_many_link_tests_are_all_answered():
    pair = Pair(LIMITS).bound()
    tests = b"".join(cmpp.encode(cmpp.ActiveTest(k), cmpp.V30) for k in (5, 0xFFFF_FFFF, 0))
    assert pair.client.receive(tests, pair.now) == [cmpp.LinkTested()]
    answers = b"".join(cmpp.encode(cmpp.ActiveTestResp(k), cmpp.V30) for k in (5, 0xFFFF_FFFF, 0))
    assert pair.client.outgoing() == answers


def test_the_window_forgets_no_deadline_behind_an_answered_one():
    pair = Pair(cmpp.Limits(window=4)).bound()
    first, _ = pair.submit(1)
    pair.now += 1
    second = pair.client.reserve(1)
    pair.client.send(second, 1, template().encode(second, block(1), 1), pair.now)
    pair.client.receive(cmpp.encode(cmpp.SubmitResp(first, 1, 0), cmpp.V30), pair.now)
    assert pair.client.deadline() == pair.now + 60
