"""What comes from above is kept, judged and never taken twice; what must not be relayed says why, and where."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.keyring import actions as keyring
from fenghuo.ground.refusal import Refused
from fenghuo.warning.relay import actions, queries
from fenghuo.warning.relay.models import Arrival
from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap.signing import sign
from tests.warning.alerts.makers import Town
from tests.warning.relay.messages import CERTIFICATE, county, moment, national, signed, with_info, xml
from tests.wire.cap.keys import certificate_for, elliptic

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def received(town: Town, raw: bytes, **options: bool) -> Arrival:
    return actions.receive(raw=raw, source="page", by=town["duty"], **options)


def refusal(arrival: Arrival) -> str:
    found = queries.refusal_of(arrival)
    assert found is None or (found.in_language("zh-hans") and found.in_language("en") and found.kept == "arrival")
    return found.code if found else ""


def test_a_signed_warning_is_kept_as_it_came_and_rings(town: Town, trusted: None):
    raw = signed()
    arrival = received(town, raw)
    assert (refusal(arrival), arrival.verdict, arrival.signer) == ("", "valid", "CN=tianjin.example")
    assert bytes(Arrival.objects.get(pk=arrival.pk).raw) == raw
    told = queries.told_of(arrival)
    assert (told.level, told.event, told.issuer) == (2, "11B03", "蓟州区气象台")
    assert [one.pk for one in queries.ringing(town.organisation)] == [arrival.pk]
    assert JournalEntry.objects.get(act="arrival.receive").subject == arrival.pk


def test_the_national_form_is_read_the_same(town: Town):
    first, second = (
        received(town, xml()),
        received(town, national(county(identifier="12011941600000_20260701080000_2"))),
    )
    assert second.how == "national"
    one, two = queries.told_of(first), queries.told_of(second)
    assert (one.headline, one.text, one.measures, one.level, one.event) == (
        two.headline, two.text, two.measures, two.level, two.event
    )  # fmt: skip


def dated(sent: bytes) -> bytes:
    return re.sub(rb"<sent>[^<]*<", b"<sent>" + sent + b"<", xml())


WRONG = {
    "doctype": (lambda: b"<!DOCTYPE a>" + xml().split(b"\n", 1)[1], "doctype"),
    "no xml": (lambda: b"hello", "xml"),
    "no cap": (lambda: b"<html/>", "not_cap"),
    "expired": (lambda: xml(with_info(county(), expires=moment(minutes=-1))), "arrival_expired"),
    "from the future": (lambda: xml(county(sent=moment(hours=1))), "arrival_future"),
    "of another century": (lambda: xml(with_info(county(), expires=moment(days=100 * 366))), "arrival_time"),
    "of a year that UTC does not have": (lambda: dated(b"0001-01-01T00:00:00+14:00"), "time"),
    "of the last year": (lambda: dated(b"9999-12-31T23:59:59-12:00"), "time"),
    "outside": (lambda: xml(county(("130000000000",))), "arrival_outside"),
    "another town": (lambda: xml(county(("120119112000",))), "arrival_outside"),
    "real": (lambda: xml(county(status=cap.Status.ACTUAL)), "status_actual"),
    "draft": (lambda: xml(county(status=cap.Status.DRAFT)), "status_draft"),
    "acknowledgement": (lambda: xml(county(msg_type=cap.MsgType.ACK)), "arrival_kind"),
    "altered after signing": (lambda: signed().replace("50 毫米".encode(), "5 毫米".encode()), "signature_altered"),
    "signed twice": (
        lambda: (s := signed()).replace(b"</alert>", s[s.index(b"<ds:Sig") : s.index(b"</alert>")] + b"</alert>"),
        "signature_several",
    ),
    "signed for elsewhere": (lambda: signed(county(("120000000000",))), "signer_beyond"),
    "national with a DOCTYPE": (lambda: b"<!DOCTYPE a>" + national().split(b"\n", 1)[1], "doctype"),
    "national without a type": (lambda: national().replace(b"11B03", b""), "missing"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), WRONG.values(), ids=WRONG)
def test_what_must_not_be_relayed_is_kept_listed_and_silent(town: Town, trusted: None, make, code: str):
    raw = make()
    arrival = received(town, raw)
    assert refusal(arrival) == code
    assert bytes(Arrival.objects.get(pk=arrival.pk).raw) == raw
    assert queries.waiting(town.organisation) == []
    assert queries.listing(town.organisation).total == 1
    with pytest.raises(Refused) as refused:
        actions.forward(arrival=arrival, by=town["duty"])
    assert refused.value.code == code


def test_who_is_trusted_for_elsewhere_does_not_speak_here_by_leaving_the_codes_out(town: Town, tmp_path, settings):
    settings.DATA = tmp_path
    keyring.trust(pem=CERTIFICATE.public_bytes(Encoding.PEM), areas=["320585"], named="taicang.pem")
    uncoded = signed(with_info(county(), areas=(cap.Area("蓟州区"),)))
    arrival = received(town, uncoded, only_trusted=True)
    assert refusal(arrival) == "signer_beyond"
    assert "120119111" in str(queries.refusal_of(arrival))
    keyring.trust(pem=CERTIFICATE.public_bytes(Encoding.PEM), areas=["120119"], named="county.pem")
    assert refusal(received(town, signed(with_info(county(identifier="b"), areas=(cap.Area("蓟州区"),))))) == ""


def test_outside_says_what_and_where(town: Town):
    reason = queries.refusal_of(received(town, xml(county(("120119112000",)))))
    assert "120119112" in str(reason)
    assert "下仓镇" in str(reason)


def test_a_live_installation_refuses_exercises_and_takes_real_ones(town: Town, settings):
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"mode": "live"})
    assert refusal(received(town, xml())) == "status_exercise"
    assert refusal(received(town, xml(county(status=cap.Status.ACTUAL, identifier="a")))) == ""


def test_a_test_is_listed_and_never_rings(town: Town):
    arrival = received(town, xml(county(status=cap.Status.TEST)))
    assert arrival.silent
    assert refusal(arrival) == ""
    assert queries.waiting(town.organisation) == []


def test_a_replay_has_no_effect_and_an_altered_one_is_flagged(town: Town):
    alert = county()
    first = received(town, xml(alert))
    assert received(town, xml(alert)).pk == first.pk
    altered = received(town, xml(with_info(alert, headline="另一标题")))
    assert refusal(altered) == "arrival_altered"
    assert received(town, bytes(Arrival.objects.get(pk=altered.pk).raw)).pk == altered.pk
    assert queries.listing(town.organisation).total == 2


def test_a_forgery_that_came_first_does_not_keep_the_real_one_out(town: Town, trusted: None):
    alert = county()
    forged = received(town, sign(xml(alert), key=elliptic(), certificate=CERTIFICATE))
    assert refusal(forged) == "signature_altered"
    assert refusal(received(town, signed(alert))) == ""


def test_unsigned_and_unknown_signers_are_shown_and_refused_where_trust_is_asked(town: Town, trusted: None):
    stranger = elliptic()
    raw = sign(xml(), key=stranger, certificate=certificate_for(stranger))
    assert received(town, raw).verdict == "untrusted"
    assert refusal(received(town, xml(county(identifier="a")), only_trusted=True)) == "signature_unsigned"


def test_a_secret_leaves_only_its_digest(town: Town):
    arrival = received(town, national().replace(b"<secClassification>None", "<secClassification>机密".encode()))
    assert refusal(arrival) == "classified"
    kept = Arrival.objects.get(pk=arrival.pk)
    assert bytes(kept.raw) == b""
    assert len(kept.sha256) == 64
    assert "机密" not in str(kept.told)


def test_inner_messages_are_kept_and_not_relayed(town: Town):
    arrival = received(town, national(classification=national_xml.Classification.INNER))
    with pytest.raises(Refused) as refused:
        actions.forward(arrival=arrival, by=town["duty"])
    assert refused.value.code == "arrival_inner"


def test_typed_and_pasted_warnings(town: Town):
    arrival = actions.take_down(
        how="phone",
        text="预计今夜有大风。",
        headline="天津市气象台发布大风蓝色预警",
        issuer="天津市气象台",
        source="page",
        by=town["duty"],
    )
    told = queries.told_of(arrival)
    assert (told.level, told.event) == (4, "11B06")
    pasted = actions.take_down(how="paste", text=xml().decode(), issuer="", source="page", by=town["duty"])
    assert pasted.how == "cap"
    with pytest.raises(Refused) as refused:
        actions.take_down(how="fax", text=" ", issuer="甲", source="page", by=town["duty"])
    assert refused.value.field == "text"


@pytest.mark.parametrize("issued_at", [datetime(9999, 12, 31, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC)])
def test_what_is_taken_down_was_issued_at_a_time_that_can_be_meant(town: Town, issued_at: datetime):
    with pytest.raises(Refused) as refused:
        actions.take_down(
            how="phone", text="今夜有大风。", issuer="天津市气象台", issued_at=issued_at, source="page", by=town["duty"]
        )
    assert refused.value.field == "issued_at"


def test_only_the_desk_takes_in(town: Town):
    for post in ("signer", "leader", "auditor", "admin"):
        with pytest.raises(Refused) as refused:
            actions.receive(raw=xml(), source="page", by=town[post])
        assert refused.value.kind == "forbidden"


def test_bytes_without_end_are_refused(town: Town):
    with pytest.raises(Refused) as refused:
        received(town, b"<" * 2_000_000)
    assert refused.value.code == "arrival_too_big"
    assert replace(county(), note="x") != county()
