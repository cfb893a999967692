"""The relay desk as a browser without JavaScript sees it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fenghuo.warning.alerts.models import Alert
from fenghuo.warning.relay import actions
from fenghuo.warning.relay.models import Arrival
from tests.warning.relay.messages import county, xml
from tests.web.world import World


def take(client: Client, raw: bytes):
    file = SimpleUploadedFile("warning.xml", raw, content_type="application/xml")
    return client.post("/arrivals/new/", {"how": "paste", "file": file}, follow=True)


def test_a_file_is_taken_in_rings_on_the_desk_and_is_relayed_with_one_press(world: World):
    duty = world.client("duty_officer")
    page = take(duty, xml())
    assert "蓟州区气象台发布暴雨橙色预警" in page.content.decode()
    arrival = Arrival.objects.get()
    assert f'data-ring="{arrival.id}"' in duty.get("/?part").content.decode()
    duty.post(f"/arrivals/{arrival.id}/", {"do": "see", "back": "desk"})
    desk = duty.get("/?part").content.decode()
    assert "data-ring" not in desk
    assert arrival.id in desk
    duty.post(f"/arrivals/{arrival.id}/", {"do": "report", "to": "镇长", "how": "电话"})
    assert "镇长" in duty.get(f"/arrivals/{arrival.id}/").content.decode()
    edit = duty.post(f"/arrivals/{arrival.id}/", {"do": "forward"}, follow=True)
    alert = Alert.objects.get()
    assert edit.redirect_chain[-1][0] == f"/alerts/{alert.id}/edit/"
    assert arrival.id in edit.content.decode()  # the form keeps which arrival it relays
    assert arrival.id not in duty.get("/?part").content.decode()


def test_typed_words_come_back_with_what_is_wrong(world: World):
    duty = world.client("duty_officer")
    page = duty.post("/arrivals/new/", {"how": "phone", "text": "今夜有大风。", "headline": "大风蓝色预警"})
    assert page.status_code == 422
    assert "今夜有大风。" in page.content.decode()
    page = duty.post("/arrivals/new/", {"how": "phone", "text": "今夜有大风。", "issuer": "天津市气象台"}, follow=True)
    assert page.status_code == 200
    assert Arrival.objects.get().how == "phone"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"<!DOCTYPE a><alert/>", xml(county(("130000000000",)))])
def test_what_must_not_be_relayed_is_shown_with_its_reason(world: World, raw: bytes):
    duty = world.client("duty_officer")
    page = take(duty, raw)
    arrival = Arrival.objects.get()
    assert page.status_code == 200
    assert "data-ring" not in page.content.decode()
    refused = duty.post(f"/arrivals/{arrival.id}/", {"do": "forward"})
    assert refused.status_code in (403, 422)
    assert not Alert.objects.exists()


def test_markup_in_a_warning_stays_text(world: World):
    page = take(world.client("duty_officer"), xml(county(note="<script>alert(1)</script>")))
    assert "<script>alert(1)" not in page.content.decode()


def test_the_original_is_fetched_as_a_file(world: World):
    raw = xml()
    take(world.client("duty_officer"), raw)
    answer = world.client("auditor").get(f"/arrivals/{Arrival.objects.get().id}/raw/")
    assert answer.content == raw
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "sandbox"


def test_putting_aside_needs_a_reason(world: World):
    duty = world.client("duty_officer")
    take(duty, xml())
    arrival = Arrival.objects.get()
    assert duty.post(f"/arrivals/{arrival.id}/", {"do": "dismiss", "reason": " "}).status_code == 422
    duty.post(f"/arrivals/{arrival.id}/", {"do": "dismiss", "reason": "已由区里发布"})
    assert "已由区里发布" in duty.get("/arrivals/").content.decode()


def test_who_may_see_and_who_may_act(world: World):
    take(world.client("duty_officer"), xml())
    arrival = Arrival.objects.get()
    assert world.client("signer").get(f"/arrivals/{arrival.id}/").status_code == 200
    assert world.client("signer").post(f"/arrivals/{arrival.id}/", {"do": "forward"}).status_code == 403
    assert world.client("system_admin").get("/arrivals/").status_code == 403
    assert world.client("duty_officer").get("/arrivals/01ARZ3NDEKTSV4RRFFQ69G5FAV/").status_code == 404


def test_the_desk_asks_no_more_queries_for_more_arrivals(world: World):
    duty = world.client("duty_officer")

    def counted() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            duty.get("/?part")
            duty.get("/arrivals/")
        return len(found)

    def received(numbers: range) -> None:
        for number in numbers:
            actions.receive(raw=xml(county(identifier=f"m{number}")), source="page", by=world.people["duty_officer"])

    received(range(1))
    before = counted()
    received(range(1, 12))
    assert counted() == before
