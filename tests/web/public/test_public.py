"""What anybody reads: correct when there is nothing, revalidated cheaply, marked in an exercise, and a check for forged SMS."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.test import Client
from lxml import etree

from fenghuo.ground import clock
from fenghuo.warning.alerts import actions
from fenghuo.wire import cap
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
ATOM = "{http://www.w3.org/2005/Atom}"


def test_with_nothing_published_every_page_and_feed_says_so(db) -> None:
    client = Client()
    assert "目前没有生效中的预警信息" in client.get("/current/").content.decode()
    assert "还没有发布过预警信息" in client.get("/past/").content.decode()
    feed = client.get("/feeds/alerts.atom")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    root = etree.fromstring(feed.content)
    assert root.findall(f"{ATOM}entry") == []
    assert root.findtext(f"{ATOM}updated")
    assert client.get("/v/nothing1").status_code == 404
    assert client.get("/feeds/cap/nothing.xml").status_code == 404


def test_a_release_is_on_its_page_in_the_list_and_in_the_feeds(world: World) -> None:
    alert = world.signed()
    client = Client()
    page = client.get(f"/v/{alert.code}").content.decode()
    said = ("下仓镇暴雨黄色预警", "暴雨", "蓟州区气象台", "远离河道")
    for shown in (*said, "【天津预警发布中心】（演练）", "这是演练", "（演练结束）"):
        assert shown in page, shown
    assert f'href="/v/{alert.code}"' in client.get("/current/").content.decode()
    root = etree.fromstring(client.get("/feeds/alerts.atom").content)
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert "演练" in (entry.findtext(f"{ATOM}title") or "")
    links = [link.get("href") or "" for link in entry.findall(f"{ATOM}link")]
    path = next(link for link in links if link.endswith(".xml")).removeprefix("http://localhost:8000")
    document = client.get(path)
    assert document.headers["Content-Type"].startswith("application/cap+xml")
    assert cap.validate(document.content) == []
    assert cap.parse(document.content).status == cap.Status.EXERCISE


def test_a_draft_is_nowhere_to_be_seen(world: World) -> None:
    alert = world.approved()
    client = Client()
    assert client.get(f"/v/{alert.code}").status_code == 404
    assert alert.headline not in client.get("/current/").content.decode()
    assert alert.headline not in client.get("/feeds/alerts.atom").content.decode()


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    alert = world.signed()
    client = Client()
    for path in ("/current/", "/past/", f"/v/{alert.code}", "/feeds/alerts.atom"):
        first = client.get(path)
        assert "no-store" not in first.headers["Cache-Control"]
        assert not first.cookies
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        since = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
        assert since.status_code == 304, path
        before = parsedate_to_datetime(first.headers["Last-Modified"]) - timedelta(seconds=10)
        stamp = before.strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert client.get(path, headers={"If-Modified-Since": stamp}).status_code == 200, path


def test_a_recall_changes_every_page_at_once(world: World) -> None:
    alert = world.signed()
    client = Client()
    tags = {path: client.get(path).headers["ETag"] for path in ("/current/", f"/v/{alert.code}", "/feeds/alerts.atom")}
    actions.recall(alert=alert, reason="雨量有误", correct=True, by=world.people["signer"])
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200, path
    page = client.get(f"/v/{alert.code}").content.decode()
    assert "本条信息已撤回，请勿据此行动" in page
    assert "更正：此前发布的" in page
    assert "目前没有生效中的预警信息" in client.get("/current/").content.decode()
    assert alert.headline in client.get("/past/").content.decode()
    root = etree.fromstring(client.get("/feeds/alerts.atom").content)
    assert len(root.findall(f"{ATOM}entry")) == 3


def test_what_expires_leaves_the_current_page_without_anybody_touching_it(world: World) -> None:
    alert = world.signed()
    client = Client()
    first = client.get("/current/")
    with clock.moved(timedelta(hours=13)):
        later = client.get("/current/", headers={"If-Modified-Since": first.headers["Last-Modified"]})
        assert later.status_code == 200
        assert "目前没有生效中的预警信息" in later.content.decode()
        assert "本条信息已失效" in client.get(f"/v/{alert.code}").content.decode()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda text: text, "一致：该短信由签发单位发出"),
        ("\n".join, "一致：该短信由签发单位发出"),
        (lambda text: text.replace("50毫米", "500毫米"), "不一致"),
        (lambda text: text + " 详情 t.cn/x", "不一致"),
        (lambda text: "<script>alert(1)</script>", "不一致"),
    ],
)
def test_a_received_sms_is_compared_with_what_was_sent(world: World, change, verdict: str) -> None:
    alert = world.signed()
    sms = (alert.frozen or {})["texts"]["sms"]
    answer = Client(enforce_csrf_checks=True).post(f"/v/{alert.code}", {"received": change(sms)})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert verdict in html
    assert "<script>alert" not in html


def test_the_public_frame_speaks_english_when_asked_and_never_by_cookie(world: World) -> None:
    alert = world.signed()
    client = Client()
    client.cookies["django_language"] = "en"
    assert "生效中" in client.get("/current/").content.decode()
    assert "Warnings in force" in client.get("/current/?lang=en").content.decode()
    assert "Rainstorm" in client.get(f"/v/{alert.code}?lang=en").content.decode()


def test_a_relayed_warning_says_whose_it_is_wherever_it_is_shown(world: World) -> None:
    alert = world.signed(issuer="下仓镇")  # as the form proposes it
    client = Client()
    page = client.get(f"/v/{alert.code}").content.decode()
    assert "蓟州区气象台" in page
    assert "蓟气预〔2026〕12号" in page
    assert "转自蓟州区气象台" in page
    card = client.get("/current/").content.decode()
    assert "蓟州区气象台发布，下仓镇转发" in card
    assert (
        cap.parse(client.get(f"/feeds/cap/{alert.releases.get().cap_identifier}.xml").content).source == "蓟州区气象台"
    )
    own = world.signed(kind="notice", level=None, category="", event="", origin=None, issuer="下仓镇")
    assert "转自" not in client.get(f"/v/{own.code}").content.decode()


def test_a_feed_never_repeats_the_words_that_were_taken_back(world: World) -> None:
    alert = world.signed()
    actions.recall(alert=alert, reason="雨量有误", correct=True, by=world.people["signer"])
    root = etree.fromstring(Client().get("/feeds/alerts.atom").content)
    said = {entry.findtext(f"{ATOM}title"): entry.findtext(f"{ATOM}summary") for entry in root.iter(f"{ATOM}entry")}
    after = {
        title: summary or ""
        for title, summary in said.items()
        if (title and "撤回" in title) or "更正" in (title or "")
    }
    assert len(after) == 2
    for summary in after.values():
        assert "预计今天夜间" not in summary
    assert any("更正：此前发布的" in summary for summary in after.values())
    assert any("请勿据此行动" in summary for summary in after.values())
    assert "EXERCISE" not in (root.findtext(f"{ATOM}title") or "")


def test_a_recalled_alert_says_so_in_the_list_of_the_past(world: World) -> None:
    alert = world.signed()
    actions.recall(alert=alert, reason="雨量有误", correct=False, by=world.people["signer"])
    assert "已撤回" in Client().get("/past/").content.decode()
    assert "已撤回" in world.client("entry").get("/alerts/").content.decode()
