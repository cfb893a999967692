"""Both ends of a line in memory: bind, window, receipts, timers, refusals, good-bye."""

import pytest

from fenghuo.wire import smpp
from fenghuo.wire.smpp import layout as at
from tests.wire.smpp.makers import Pair, receipt, receipt_text, submit


def send(pair: Pair, count: int) -> int:
    """Submits to `count` numbers; their first sequence number."""
    first = pair.client.reserve(count)
    block = "".join(f"1001234{k:04}" for k in range(count)).encode()
    pair.client.send(first, count, smpp.SubmitTemplate(submit()).encode(first, block, 11), pair.now)
    return first


def answer(pair: Pair, status: int = at.OK) -> list[smpp.Event]:
    for event in pair.to_server():
        assert isinstance(event, smpp.Submits)
        ids = b"".join(b"%04d" % k for k in range(event.run.frames)) if status == at.OK else b""
        pair.server.respond(event.run, ids, 4 if status == at.OK else 0, status)
    return pair.to_client()


def test_bind_submit_response_receipt_acknowledgement_unbind():
    pair = Pair().bound()
    first = send(pair, 5)
    (responses,) = answer(pair)
    assert isinstance(responses, smpp.SubmitResps)
    assert list(responses.run.sequences()) == list(range(first, first + 5))
    assert responses.run.column(16, 4) == b"00000001000200030004"
    number = pair.server.reserve(2)
    pair.server.send(number, 2, receipt(number) + receipt(number + 1), pair.now)
    (reports,) = pair.to_client()
    assert isinstance(reports, smpp.Reports)
    assert reports.run.column(*reports.layout.stat) == b"DELIVRD" * 2
    assert pair.client.outgoing() == b""  # nothing is acknowledged before its owner says so
    pair.client.acknowledge(reports.run)
    (answers,) = pair.to_server()
    assert isinstance(answers, smpp.DeliverResps)
    assert list(answers.run.sequences()) == [number, number + 1]
    pair.client.terminate(pair.now)
    assert pair.to_server() == [smpp.Closed("terminated")]
    (closed,) = pair.to_client()
    assert isinstance(closed, smpp.Closed)
    assert (closed.reason, len(closed.unanswered)) == ("terminated", 0)


def test_a_slot_is_free_only_once_released():
    pair = Pair(smpp.Limits(window=4)).bound()
    send(pair, 4)
    (responses,) = answer(pair)
    assert isinstance(responses, smpp.SubmitResps)
    assert pair.client.room == 0
    with pytest.raises(smpp.ProtocolError):
        pair.client.reserve(1)
    pair.client.release(responses.run.part(1, 4))
    assert pair.client.room == 3


def test_sequence_numbers_begin_again_at_one():
    pair = Pair(first=at.LAST_SEQUENCE - 1).bound()  # the bind takes the last but one
    first = send(pair, 3)
    assert first == at.LAST_SEQUENCE
    (responses,) = answer(pair)
    assert isinstance(responses, smpp.SubmitResps)
    assert list(responses.run.sequences()) == [at.LAST_SEQUENCE, 1, 2]
    pair.client.release(responses.run)
    assert pair.client.room == pair.client.limits.window


@pytest.mark.parametrize("status", [0x05, 0x0D, 0x0E, 0x0F, 0x0401])
@pytest.mark.parametrize("body", [b"", b"\0", b"smsc\0", b"noise"])
def test_a_refused_bind_ends_the_session_at_once_with_the_reason(status, body):
    pair = Pair()
    pair.client.connect(pair.now)
    raw = at.HEADER.pack(16 + len(body), 0x80000009, status, 1) + body
    (closed,) = pair.client.receive(raw, pair.now)
    assert isinstance(closed, smpp.Closed)
    assert (closed.reason, closed.status, pair.client.state) == ("refused", status, "closed")
    assert f"{status:#04x}" in closed.reason_en
    assert smpp.status_words(status)[1] in closed.reason_zh
    assert pair.client.deadline() is None


def test_a_generic_nack_to_a_bind_is_a_refusal_and_to_a_submit_its_answer():
    pair = Pair()
    pair.client.connect(pair.now)
    (closed,) = pair.client.receive(smpp.encode(smpp.Bare(1, at.GENERIC_NACK, 3)), pair.now)
    assert isinstance(closed, smpp.Closed)
    assert (closed.reason, closed.status) == ("refused", 3)
    pair = Pair().bound()
    first = send(pair, 2)
    raw = smpp.encode(smpp.Bare(first, at.GENERIC_NACK, 2)) + smpp.encode(smpp.Bare(0, at.GENERIC_NACK, 2))
    awaited, stray = pair.client.receive(raw, pair.now)
    assert isinstance(awaited, smpp.SubmitResps)
    assert isinstance(stray, smpp.StrayResps)
    assert list(awaited.run.sequences()) == [first]


def test_answers_to_nothing_are_strays():
    pair = Pair().bound()
    first = send(pair, 1)
    raw = b"".join(
        smpp.encode(smpp.MessageResp(one, at.SUBMIT_SM_RESP, 0, "1")) for one in (first, first, 0, 0xFFFFFFFF)
    )
    awaited, strays = pair.client.receive(raw, pair.now)
    assert isinstance(awaited, smpp.SubmitResps)
    assert isinstance(strays, smpp.StrayResps)
    assert (awaited.run.frames, strays.run.frames) == (1, 3)


def test_what_nobody_serves_is_answered_so_and_the_line_stands():
    pair = Pair().bound()
    odd = at.HEADER.pack(18, 0x0777, 0, 41) + b"??"
    known = smpp.encode(smpp.Opaque(42, at.QUERY_SM, 0, b"1\0\0\0\0"))
    multi = at.HEADER.pack(20, at.SUBMIT_MULTI, 0, 43) + b"????"
    notice = smpp.encode(smpp.Opaque(44, at.ALERT_NOTIFICATION, 0, bytes(6)))
    late = at.HEADER.pack(16, 0x80000777, 0, 45)
    for end in (pair.client, pair.server):
        events = end.receive(odd + known + multi + notice + late, pair.now)
        assert [type(event) for event in events] == [smpp.Unserved] * 5
        nacks = [smpp.Bare(sequence, at.GENERIC_NACK, at.INVALID_COMMAND) for sequence in (41, 42, 43)]
        assert end.outgoing() == b"".join(map(smpp.encode, nacks))
        assert end.state == "bound"


def test_a_length_that_cannot_be_is_answered_and_ends_the_session():
    pair = Pair().bound()
    first = send(pair, 2)
    response = smpp.encode(smpp.MessageResp(first, at.SUBMIT_SM_RESP, 0, "1"))
    pair.client.outgoing()
    awaited, closed = pair.client.receive(response + at.HEADER.pack(7, at.DELIVER_SM, 0, 77), pair.now)
    assert isinstance(awaited, smpp.SubmitResps)
    assert isinstance(closed, smpp.Closed)
    assert (closed.reason, closed.unanswered) == ("protocol", (first + 1,))
    assert pair.client.outgoing() == smpp.encode(smpp.Bare(77, at.GENERIC_NACK, at.INVALID_LENGTH))


def test_a_frame_that_contradicts_itself_is_handed_up_and_the_line_stands():
    pair = Pair().bound()
    broken = bytearray(receipt(5))
    shape = smpp.shape_of(bytes(broken), 0, len(broken), at.DELIVER_SM)
    broken[shape.length_at] = 255
    nameless = receipt(6, b"nothing to say")
    wrong, silent, sound = pair.client.receive(bytes(broken) + nameless + receipt(7), pair.now)
    assert isinstance(sound, smpp.Reports)
    assert isinstance(wrong, smpp.Unreadable)
    assert isinstance(silent, smpp.Unreadable)
    assert (wrong.error.code, silent.error.code) == ("length", "receipt")
    pair.client.acknowledge(wrong.run, 0x65)
    assert pair.client.outgoing() == smpp.encode(smpp.MessageResp(5, at.DELIVER_SM_RESP, 0x65))


def test_only_what_the_gateway_marks_is_a_receipt():
    pair = Pair().bound()
    forged = receipt(1, receipt_text(), esm_class=0)
    (event,) = pair.client.receive(forged, pair.now)
    assert isinstance(event, smpp.Mo)
    told = receipt(2, b"", esm_class=0, tlvs={at.RECEIPTED_MESSAGE_ID: b"1\0", at.MESSAGE_STATE: b"\x02"})
    (event,) = pair.client.receive(told, pair.now)
    assert isinstance(event, smpp.Reports)
    (event,) = pair.client.receive(receipt(3, esm_class=at.INTERMEDIATE), pair.now)
    assert isinstance(event, smpp.Reports)
    assert event.layout.intermediate
    data = smpp.encode(smpp.Message(4, at.DATA_SM, "10012345678", "12379", "好".encode("utf-16-be")))
    (event,) = pair.client.receive(data, pair.now)
    assert isinstance(event, smpp.Mo)
    pair.client.acknowledge(event.run)
    assert pair.client.outgoing() == smpp.encode(smpp.MessageResp(4, at.DATA_SM_RESP))


def test_a_receiver_may_not_submit_and_a_transmitter_hears_nothing():
    receiver = Pair(command=at.BIND_RECEIVER).bound()
    assert receiver.server.receives
    send(receiver, 2)
    assert receiver.to_server() == []
    (refused,) = receiver.to_client()
    assert isinstance(refused, smpp.SubmitResps)
    assert refused.run.column(8, 4) == at.WRONG_BIND_STATE.to_bytes(4, "big") * 2
    assert not Pair(command=at.BIND_TRANSMITTER).bound().server.receives


def test_an_idle_line_is_tested_and_a_dead_one_ends_in_silence():
    pair = Pair(smpp.Limits(idle=30, answer=10, tries=2)).bound()
    assert pair.client.deadline() == pair.now + 30
    pair.now += 30
    assert pair.client.tick(pair.now) == []
    assert pair.to_server() == [smpp.LinkTested()]
    assert pair.to_client() == [smpp.LinkAlive()]
    pair.now += 30
    pair.client.tick(pair.now)
    pair.client.outgoing()  # lost on the way
    pair.now += 10
    assert pair.client.tick(pair.now) == []
    assert len(pair.client.outgoing()) == 16
    pair.now += 10
    (closed,) = pair.client.tick(pair.now)
    assert isinstance(closed, smpp.Closed)
    assert closed.reason == "silence"


def test_a_submit_is_never_repeated_and_its_slot_stays_taken():
    pair = Pair(smpp.Limits(window=3, answer=5, idle=1000)).bound()
    first = send(pair, 3)
    sent = pair.client.outgoing()
    pair.now += 5
    assert pair.client.tick(pair.now) == [smpp.Unanswered((first, first + 1, first + 2))]
    assert (pair.client.outgoing(), pair.client.room) == (b"", 0)
    pair.server.receive(sent, pair.now)
    late = smpp.encode(smpp.MessageResp(first, at.SUBMIT_SM_RESP, 0, "1"))
    (stray,) = pair.client.receive(late, pair.now)
    assert isinstance(stray, smpp.StrayResps)


def test_an_unanswered_bind_is_not_repeated():
    pair = Pair(smpp.Limits(answer=5))
    pair.client.connect(pair.now)
    pair.client.outgoing()
    pair.now += 5
    (closed,) = pair.client.tick(pair.now)
    assert isinstance(closed, smpp.Closed)
    assert (closed.reason, pair.client.outgoing()) == ("silence", b"")


def test_a_lost_line_says_what_it_takes_with_it():
    pair = Pair().bound()
    first = send(pair, 2)
    second = pair.client.reserve(1)
    (closed,) = pair.client.lost()
    assert closed == smpp.Closed("lost", (first, first + 1), (second,))
    assert pair.client.lost() == []
    pair.client.acknowledge(smpp.Framer().feed(receipt(1))[0])
    assert pair.client.receive(receipt(1), pair.now) == []


@pytest.mark.parametrize("raw", [receipt(1), smpp.encode(smpp.MessageResp(1, at.SUBMIT_SM_RESP, 0, "1"))])
def test_what_comes_before_the_bind_is_no_smpp(raw):
    pair = Pair()
    (closed,) = pair.client.receive(raw, pair.now)
    assert isinstance(closed, smpp.Closed)
    assert closed.error is not None
    assert (closed.reason, closed.error.code) == ("protocol", "unexpected")


@pytest.mark.parametrize(
    "login",
    [smpp.Login("x" * 16, "p"), smpp.Login("x", "p" * 65), smpp.Login("x", "p", "t" * 13), smpp.Login("名", "p")],
)
def test_a_login_that_smpp_cannot_carry_is_refused_before_anything_leaves(login):
    session = smpp.ClientSession(login, now=0.0)
    with pytest.raises(smpp.ProtocolError):
        session.connect(0.0)
    assert session.outgoing() == b""
    assert "p" * 9 not in repr(login)


def unbound_server() -> smpp.ServerSession:
    return smpp.ServerSession(now=0.0)


def test_a_submit_before_the_bind_is_told_so_and_the_bind_may_still_come():
    server = unbound_server()
    raw = smpp.encode(smpp.Message(7, at.SUBMIT_SM, source="1", destination="10000000001", content=b"a"))
    events = server.receive(raw, 0.0)
    assert not any(isinstance(one, smpp.Submits | smpp.Closed) for one in events)
    (answer,) = [smpp.decode(run.frame(0)) for run in smpp.Framer().feed(server.outgoing())]
    assert isinstance(answer, smpp.MessageResp)
    assert (answer.command, answer.status, answer.sequence) == (at.SUBMIT_SM_RESP, 0x04, 7)
    (attempt,) = server.receive(smpp.encode(smpp.Bind(8, at.BIND_TRANSCEIVER, "x", "y")), 0.0)
    assert isinstance(attempt, smpp.BindAttempt)
    server.accept(attempt.bind, "gateway")
    assert server.receives


@pytest.mark.parametrize(("spoken", "told"), [(0x33, None), (0x00, None), (0x34, b"\x34"), (0x50, b"\x34")])
def test_an_esme_of_another_version_is_let_in_and_told_ours_if_it_knows_optional_parameters(spoken, told):
    server = unbound_server()
    bind = smpp.Bind(1, at.BIND_TRANSCEIVER, "x", "y", interface_version=spoken)
    (attempt,) = server.receive(smpp.encode(bind), 0.0)
    assert isinstance(attempt, smpp.BindAttempt)
    server.accept(attempt.bind, "gateway")
    (answer,) = [smpp.decode(run.frame(0)) for run in smpp.Framer().feed(server.outgoing())]
    assert isinstance(answer, smpp.BindResp)
    assert (answer.status, answer.tlvs.get(0x0210)) == (0, told)
