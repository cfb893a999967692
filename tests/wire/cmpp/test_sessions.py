"""Both ends of a line in memory: login, window, reports, good-bye."""

from hashlib import md5

import pytest

from fenghuo.wire import cmpp
from tests.wire.cmpp.makers import SECRET, STAMP, Pair, block, report, template

BOTH = pytest.mark.parametrize("layout", [cmpp.V30, cmpp.V20], ids=["3.0", "2.0"])


def answer(pair: Pair, result: int = 0) -> list[cmpp.Event]:
    """The gateway answers everything it has received; what the client makes of it."""
    for event in pair.to_server():
        assert isinstance(event, cmpp.Submits)
        pair.server.respond(event.run, cmpp.packed(range(100, 100 + event.run.frames), "Q"), result)
    return pair.to_client()


@BOTH
def test_login_submit_response_report_acknowledgement(layout):
    pair = Pair(layout=layout).bound()
    first, _ = pair.submit(5, batch=2)
    events = pair.to_server()
    assert [(event.destinations, event.run.frames) for event in events if isinstance(event, cmpp.Submits)] == [
        (2, 2),
        (1, 1),
    ]
    for event in events:
        assert isinstance(event, cmpp.Submits)
        pair.server.respond(event.run, cmpp.packed([7] * event.run.frames, "Q"))
    (responses,) = pair.to_client()
    assert isinstance(responses, cmpp.SubmitResps)
    assert list(responses.run.sequences()) == [first, first + 1, first + 2]
    pair.client.release(responses.run)
    number = pair.server.reserve(2)
    raw = report(number, layout, layout.terminal) + report(number + 1, layout, layout.terminal)
    pair.server.send(number, 2, raw, pair.now)
    (reports,) = pair.to_client()
    assert isinstance(reports, cmpp.Reports)
    assert reports.run.column(reports.layout.stat_at, 7) == b"DELIVRD" * 2
    assert pair.client.outgoing() == b""  # nothing is acknowledged before its owner says so
    pair.client.acknowledge(reports.run)
    (responses,) = pair.to_server()
    assert isinstance(responses, cmpp.DeliverResps)
    assert list(responses.run.sequences()) == [number, number + 1]


def test_a_slot_is_free_only_once_released():
    pair = Pair(cmpp.Limits(window=4)).bound()
    assert pair.client.room == 4
    pair.submit(4)
    assert pair.client.room == 0
    (responses,) = answer(pair)
    assert isinstance(responses, cmpp.SubmitResps)
    assert pair.client.room == 0
    with pytest.raises(cmpp.ProtocolError):
        pair.client.reserve(1)
    pair.client.release(responses.run.part(1, 4))
    assert pair.client.room == 3
    pair.client.release(responses.run)
    assert pair.client.room == 4


def test_a_reservation_may_be_sent_in_parts_and_given_back():
    pair = Pair(cmpp.Limits(window=4)).bound()
    first = pair.client.reserve(4)
    assert pair.client.outgoing() == b""
    pair.client.send(first + 1, 1, template().encode(first + 1, block(1), 1), pair.now)
    assert pair.client.window.unsent == (first, first + 2, first + 3)
    assert pair.client.window.unanswered == (first + 1,)
    pair.client.window.release([first, first + 2, first + 3])
    assert pair.client.room == 3
    with pytest.raises(cmpp.ProtocolError):
        pair.client.send(first, 1, template().encode(first, block(1), 1), pair.now)
    with pytest.raises(cmpp.ProtocolError):
        pair.client.send(first + 1, 1, template().encode(first + 1, block(1), 1), pair.now)


def test_second_and_unknown_responses_are_strays_and_free_nothing():
    pair = Pair(cmpp.Limits(window=4)).bound()
    first, _ = pair.submit(3)

    def resp(sequence: int) -> bytes:
        return cmpp.encode(cmpp.SubmitResp(sequence, 1, 0), cmpp.V30)

    order = [first, first, first + 1, 999, first + 2, first + 1]
    events = pair.client.receive(b"".join(map(resp, order)), pair.now)
    told = [(type(event), list(event.run.sequences())) for event in events]  # type: ignore[union-attr]
    assert told == [
        (cmpp.SubmitResps, [first]),
        (cmpp.SubmitResps, [first + 1]),
        (cmpp.SubmitResps, [first + 2]),
        (cmpp.StrayResps, [first]),
        (cmpp.StrayResps, [999]),
        (cmpp.StrayResps, [first + 1]),
    ]
    assert pair.client.room == 1


def test_sequence_numbers_wrap_in_mid_window():
    pair = Pair(cmpp.Limits(window=8), first_sequence=0xFFFF_FFFC).bound()
    first, _ = pair.submit(8)
    assert first == 0xFFFF_FFFD
    (responses,) = answer(pair)
    assert isinstance(responses, cmpp.SubmitResps)
    assert list(responses.run.sequences()) == [0xFFFF_FFFD, 0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1, 2, 3, 4]
    pair.client.release(responses.run)
    assert pair.client.room == 8
    assert pair.client.reserve(1) == 5


def test_flow_control_is_told_and_decided_above():
    pair = Pair().bound()
    pair.submit(2)
    (responses,) = answer(pair, result=8)
    assert isinstance(responses, cmpp.SubmitResps)
    assert responses.run.column(20, 4) == b"\0\0\0\x08" * 2
    assert pair.client.outgoing() == b""


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 99])
def test_a_refused_login_says_why_in_both_languages(status):
    pair = Pair()
    pair.client.connect(STAMP, pair.now)
    (attempt,) = pair.to_server()
    assert isinstance(attempt, cmpp.LoginAttempt)
    (ended,) = pair.server.refuse(attempt.connect, status)
    assert ended == cmpp.Closed("refused", status=status)
    (closed,) = pair.to_client()
    assert isinstance(closed, cmpp.Closed)
    assert (closed.reason, closed.status) == ("refused", status)
    assert str(status) in closed.reason_en
    assert str(status) in closed.reason_zh
    assert pair.client.state == "closed"


@pytest.mark.parametrize("required", [True, False])
def test_an_unproven_gateway_is_told_or_refused(required):
    pair = Pair()
    pair.client.login = cmpp.Login("900001", SECRET, proof_required=required)
    pair.client.connect(STAMP, pair.now)
    (attempt,) = pair.to_server()
    assert isinstance(attempt, cmpp.LoginAttempt)
    pair.server.accept(attempt.connect, b"another")
    (event,) = pair.to_client()
    assert event == (cmpp.Closed("unproven") if required else cmpp.Bound(0x30, False))


def test_either_width_of_status_proves_the_secret():
    pair = Pair()
    pair.client.connect(STAMP, pair.now)
    (attempt,) = pair.to_server()
    assert isinstance(attempt, cmpp.LoginAttempt)
    narrow = cmpp.encode(
        cmpp.ConnectResp(1, 0, md5(b"\0" + attempt.connect.authenticator + SECRET).digest(), 0x30), cmpp.V30
    )
    assert pair.client.receive(narrow, pair.now) == [cmpp.Bound(0x30, True)]


def test_a_gateway_of_another_version_refuses_in_its_own_layout():
    pair = Pair()
    pair.client.connect(STAMP, pair.now)
    raw = cmpp.encode(cmpp.ConnectResp(1, 4, bytes(16), 0x20, 1), cmpp.V20)
    (closed,) = pair.client.receive(raw, pair.now)
    assert isinstance(closed, cmpp.Closed)
    assert (closed.reason, closed.status) == ("refused", 4)


def test_a_version_without_layout_is_not_let_in():
    pair = Pair()
    connect = cmpp.Connect(1, "900001", bytes(16), 0x40, 1)
    (attempt,) = pair.server.receive(cmpp.encode(connect, cmpp.V30), pair.now)
    assert isinstance(attempt, cmpp.LoginAttempt)
    with pytest.raises(cmpp.ProtocolError):
        pair.server.accept(attempt.connect, SECRET)


def test_reports_before_login_are_a_breach_and_change_nothing():
    pair = Pair()
    pair.client.connect(STAMP, pair.now)
    (closed,) = pair.client.receive(report(1), pair.now)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "protocol"
    assert "CMPP_DELIVER" in closed.reason_zh


def test_a_report_before_its_response_is_handed_up():
    pair = Pair().bound()
    pair.submit(1)
    assert [type(event) for event in pair.client.receive(report(1), pair.now)] == [cmpp.Reports]
    assert [type(event) for event in answer(pair)] == [cmpp.SubmitResps]


def test_a_phone_s_message_is_handed_up_readable():
    pair = Pair().bound()
    deliver = cmpp.Deliver(9, 77, "12379", "10000000001", "同意".encode("utf-16-be"))
    (mo,) = pair.client.receive(cmpp.encode(deliver, cmpp.V30), pair.now)
    assert isinstance(mo, cmpp.Mo)
    assert mo.deliver.content.decode("utf-16-be") == "同意"
    pair.client.acknowledge(mo.run)
    assert cmpp.decode(pair.client.outgoing(), cmpp.V30) == cmpp.DeliverResp(9, 77, 0)


@pytest.mark.parametrize(("at", "value"), [(87, 2), (88, 70), (88, 0)])
def test_a_broken_report_does_not_end_the_session(at, value):
    pair = Pair().bound()
    broken = bytearray(report(1))
    broken[at] = value
    events = pair.client.receive(bytes(broken) + report(2), pair.now)
    assert [type(event) for event in events] == [cmpp.Unreadable, cmpp.Reports]
    assert isinstance(events[0], cmpp.Unreadable)
    pair.client.acknowledge(events[0].run, 4)
    assert cmpp.decode(pair.client.outgoing(), cmpp.V30) == cmpp.DeliverResp(1, 5, 4)
    assert pair.client.state == "bound"


def test_a_broken_submit_is_told_to_the_gateway():
    pair = Pair().bound()
    broken = bytearray(template().encode(1, block(1), 1))
    broken[140] = 9
    (event,) = pair.server.receive(bytes(broken), pair.now)
    assert isinstance(event, cmpp.Unreadable)
    assert event.error.code == "length"


def test_questions_and_answers():
    pair = Pair().bound()
    day, back = pair.client.query("20241105", "YJGB"), pair.client.cancel(7)
    asked = [event.pdu for event in pair.to_server() if isinstance(event, cmpp.Answered)]
    assert asked == [cmpp.Query(day, "20241105", 1, "YJGB"), cmpp.Cancel(back, 7)]
    pair.server.answer(cmpp.QueryResp(day, "20241105", 1, "YJGB", 5, 5, 4, 0, 1, 0, 0, 0))
    pair.server.answer(cmpp.CancelResp(back, 1))
    told = [event.pdu for event in pair.to_client() if isinstance(event, cmpp.Answered)]
    assert [type(pdu) for pdu in told] == [cmpp.QueryResp, cmpp.CancelResp]


def test_good_bye_from_our_side_still_takes_answers():
    pair = Pair().bound()
    pair.submit(2)
    pair.client.terminate(pair.now)
    assert pair.client.room == 0
    (submits, closed) = pair.to_server()
    assert isinstance(submits, cmpp.Submits)
    assert closed == cmpp.Closed("terminated")
    assert pair.server.outgoing() != b""
    raw = cmpp.encode(cmpp.SubmitResp(2, 5, 0), cmpp.V30) + cmpp.encode(cmpp.TerminateResp(4), cmpp.V30)
    (responses, closed) = pair.client.receive(raw, pair.now)
    assert isinstance(responses, cmpp.SubmitResps)
    assert closed == cmpp.Closed("terminated", unanswered=(3,))


def test_good_bye_from_the_gateway_lists_what_is_in_doubt():
    pair = Pair().bound()
    first, _ = pair.submit(3)
    kept = pair.client.reserve(2)
    pair.to_server()
    pair.server.terminate(pair.now)
    (closed,) = pair.to_client()
    assert closed == cmpp.Closed("terminated", unanswered=(first, first + 1, first + 2), unsent=(kept, kept + 1))
    assert [type(event) for event in pair.to_server()] == [cmpp.Closed]


def test_a_lost_connection_lists_what_is_in_doubt_once():
    pair = Pair().bound()
    first, _ = pair.submit(3)
    (responses,) = pair.client.receive(cmpp.encode(cmpp.SubmitResp(first, 1, 0), cmpp.V30), pair.now)
    assert isinstance(responses, cmpp.SubmitResps)
    assert pair.client.lost() == [cmpp.Closed("lost", unanswered=(first + 1, first + 2))]
    assert pair.client.lost() == []
    assert pair.client.receive(report(1), pair.now) == []
    with pytest.raises(cmpp.ProtocolError):
        pair.client.reserve(1)
    with pytest.raises(cmpp.ProtocolError):
        pair.client.send(first, 1, b"", pair.now)


def test_a_session_logs_in_once():
    pair = Pair().bound()
    with pytest.raises(cmpp.ProtocolError):
        pair.client.connect(STAMP, pair.now)
    with pytest.raises(cmpp.ProtocolError):
        Pair().client.connect("1105", 0.0)


@pytest.mark.parametrize("command", ["submit", "deliver_resp", "connect", "query", "cancel"])
def test_a_client_takes_nothing_that_only_a_gateway_may(command):
    pdus: dict[str, cmpp.Pdu] = {
        "submit": cmpp.Submit(1, ("1",), b"", "", ""),
        "deliver_resp": cmpp.DeliverResp(1, 1, 0),
        "connect": cmpp.Connect(1, "", bytes(16), 0x30, 1),
        "query": cmpp.Query(1, "20241105"),
        "cancel": cmpp.Cancel(1, 1),
    }
    pair = Pair().bound()
    (closed,) = pair.client.receive(cmpp.encode(pdus[command], cmpp.V30), pair.now)
    assert isinstance(closed, cmpp.Closed)
    assert closed.reason == "protocol"
