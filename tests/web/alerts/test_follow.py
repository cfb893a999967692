"""After sign-off: progress, recipients, recall, the list in doubt, the hand brake."""

from pathlib import Path
from typing import Any

import pytest

from fenghuo.delivery.gateways.config import CmppGateway
from fenghuo.delivery.ledger import queries as ledger
from fenghuo.ground.accounts import actions as accounts
from fenghuo.readiness.contacts.models import Contact
from fenghuo.warning.alerts import queries
from fenghuo.warning.alerts.models import Release
from tests.web.world import World, moved, obeyed, written

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_progress_restates_who_signed_and_moves_by_itself(world: World) -> None:
    alert = world.signed()
    page = world.client("duty_officer").get(f"/alerts/{alert.id}/progress/")
    html = page.content.decode()
    assert "下仓镇签发员" in html
    assert f'hx-get="/alerts/{alert.id}/progress/?part"' in html
    lane = page.context["lanes"][0]
    assert (lane["progress"].count, lane["handed"]) == (70, 0)
    part = world.client("duty_officer").get(f"/alerts/{alert.id}/progress/?part").content.decode()
    assert part.lstrip().startswith('<div id="progress"')
    assert "<html" not in part


def test_recipients_are_named_and_their_numbers_masked(world: World) -> None:
    alert = world.signed()
    answer = world.client("duty_officer").get(f"/alerts/{alert.id}/recipients/?state=unsent")
    html = answer.content.decode()
    assert answer.context["total"] == 70
    assert "村民1" in html
    assert "100****0001" in html
    assert "10000000001" not in html
    assert "尚未发送" in html
    assert "第 1 页，共 2 页" in html
    second = world.client("duty_officer").get(f"/alerts/{alert.id}/recipients/?state=unsent&page=2")
    assert len(second.context["rows"]) == 20
    assert (
        "没有处于该状态" in world.client("leader").get(f"/alerts/{alert.id}/recipients/?state=failed").content.decode()
    )


def test_a_recall_shows_the_prepared_correction_and_needs_a_reason(world: World) -> None:
    alert = world.signed()
    client, path = world.client("signer"), f"/alerts/{alert.id}/recall/"
    assert "更正：此前发布的" in client.get(path).content.decode()
    refused = client.post(path, {"reason": "", "correct": "on"})
    assert refused.status_code == 422
    assert "必须填写理由" in refused.content.decode()
    assert client.post(path, {"reason": "雨量有误", "correct": "on"}).status_code == 302
    assert set(Release.objects.values_list("kind", flat=True)) == {"release", "recall", "correct"}
    html = client.get(f"/alerts/{alert.id}/progress/").content.decode()
    assert "已撤回" in html
    assert "雨量有误" in html


def test_the_duty_officer_recalls_together_with_somebody(world: World) -> None:
    alert = world.signed()
    client, path = world.client("duty_officer"), f"/alerts/{alert.id}/recall/"
    html = client.get(path).content.decode()
    assert "电话同意人" in html
    alone = client.post(path, {"reason": "雨量有误", "correct": "on"})
    assert alone.status_code == 422
    assert "请选择同意人" in alone.content.decode()
    assert client.post(path, {"reason": "雨量有误", "second": world.people["entry"].pk}).status_code == 422
    agreed = client.post(path, {"reason": "雨量有误", "correct": "on", "second": world.people["leader"].pk})
    assert agreed.status_code == 302
    assert Release.objects.filter(kind="recall").exists()


def test_who_may_not_recall_sees_why(world: World) -> None:
    alert = world.signed()
    html = world.client("auditor").get(f"/alerts/{alert.id}/progress/").content.decode()
    assert 'aria-disabled="true"' in html
    assert world.client("auditor").post(f"/alerts/{alert.id}/recall/", {"reason": "x"}).status_code == 422
    assert not Release.objects.filter(kind="recall").exists()


def test_nobody_in_doubt_is_said_plainly_and_nonsense_is_refused(world: World) -> None:
    alert = world.signed()
    client = world.client("duty_officer")
    assert "没有存疑接收人" in client.get("/in-doubt/").content.decode()
    assert client.post("/in-doubt/", {"alert": alert.id, "decision": "resend"}).status_code == 422
    assert client.post("/in-doubt/", {"alert": alert.id, "decision": "bomb", "recipient": "1:2"}).status_code == 422
    assert (
        client.post("/in-doubt/", {"alert": alert.id, "decision": "resend", "recipient": "1:10000000001"}).status_code
        == 409
    )
    assert client.post("/in-doubt/", {"alert": "nobody", "decision": "resend", "recipient": "1:2"}).status_code == 404


def test_the_hand_brake_takes_a_reason_and_its_release_a_second_factor(world: World) -> None:
    entry, signer = world.client("entry"), world.client("signer")
    assert entry.post("/sending/pause/", {"reason": ""}).status_code == 422
    assert entry.post("/sending/pause/", {"reason": "发现误报"}).status_code == 302
    desk = signer.get("/").content.decode()
    assert "全部发送已暂停" in desk
    assert "发现误报" in desk
    assert entry.post("/sending/resume/", {"code": "x"}).status_code == 422
    assert signer.post("/sending/resume/", {"code": "wrong"}).status_code == 422
    assert queries.paused(world.organisation) is not None
    code = accounts.print_codes(account=world.people["signer"])[0]
    assert signer.post("/sending/resume/", {"code": code}).status_code == 302
    assert queries.paused(world.organisation) is None


def test_a_correction_has_its_own_numbers_and_waits_until_the_sender_takes_it_up(world: World) -> None:
    alert = world.signed()
    obeyed()
    moved(alert.broadcast, "delivered", 40)
    client = world.client("signer")
    client.post(f"/alerts/{alert.id}/recall/", {"reason": "雨量有误", "correct": "on"})
    page = client.get(f"/alerts/{alert.id}/progress/")
    own, correction = page.context["lanes"]
    assert (own["kind"], own["progress"].delivered) == ("release", 40)
    assert (correction["kind"], correction["handed"], correction["progress"].count) == ("correct", 0, 40)
    assert "等待发送" in page.content.decode()
    assert client.get(f"/alerts/{alert.id}/recipients/?of=correct").context["total"] == 0
    obeyed()
    correction_id = ledger.correction_of(alert.broadcast or "")
    assert correction_id is not None
    assert correction_id != alert.broadcast
    written(correction_id, 40)
    moved(correction_id, "accepted", 15)
    correction = client.get(f"/alerts/{alert.id}/progress/").context["lanes"][1]
    assert (correction["handed"], correction["progress"].unsent, correction["progress"].count) == (15, 25, 40)
    line = client.get("/").context["running"][0]["lane"]
    assert (line["kind"], line["progress"].accepted, line["progress"].count) == ("correct", 15, 40)


def test_nobody_reached_is_nobody_to_correct(world: World) -> None:
    alert = world.signed()
    obeyed()
    client = world.client("signer")
    client.post(f"/alerts/{alert.id}/recall/", {"reason": "雨量有误", "correct": "on"})
    obeyed()
    moved(alert.broadcast, "stopped", 70)
    page = client.get(f"/alerts/{alert.id}/progress/")
    assert "无需更正" in page.content.decode()
    assert not page.context["lanes"][1]["moving"]


def test_a_recall_says_how_many_may_still_leave_and_nothing_when_all_have_left(world: World, settings) -> None:
    line: dict[str, Any] = {
        "protocol": "cmpp3",
        "mode": "exercise",
        "host": "127.0.0.1",
        "port": 1,
        "source_addr": "901234",
    }
    gateway = CmppGateway(name="one", secret_file=Path("secret"), rate=100, **line)
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"gateway": [gateway]})
    alert = world.signed()
    obeyed()
    client, path = world.client("signer"), f"/alerts/{alert.id}/recall/"
    moved(alert.broadcast, "accepted", 67)
    assert "最多还会发出 3 人" in client.get(path).content.decode()
    moved(alert.broadcast, "accepted", 3)
    assert "最多还会发出" not in client.get(path).content.decode()


def test_the_recall_names_who_recalled_and_who_agreed(world: World) -> None:
    alert = world.signed()
    client = world.client("duty_officer")
    form = {"reason": "雨量有误", "correct": "on", "second": world.people["leader"].pk}
    client.post(f"/alerts/{alert.id}/recall/", form)
    html = client.get(f"/alerts/{alert.id}/progress/").content.decode()
    record = html[html.index("h-record") :]
    recalled = record[record.rindex("<dt>") :]
    assert "下仓镇值班员" in recalled
    assert "下仓镇镇长" in recalled
    assert "下仓镇签发员" not in recalled


def test_whoever_has_no_number_is_named_to_the_end(world: World) -> None:
    alert = world.approved()
    for page, post in (("review", "reviewer"), ("sign", "signer")):
        html = world.client(post).get(f"/alerts/{alert.id}/{page}/").content.decode()
        assert "1 人没有号码" in html, page
        assert "村民0" in html, page
    signed = world.signed()
    Contact.objects.filter(name="村民0").update(
        position="村级责任人"
    )  # what is kept is who it was, not what they are now
    client = world.client("duty_officer")
    html = client.get(f"/alerts/{signed.id}/progress/").content.decode()
    assert "1 人没有号码" in html
    assert f'href="/alerts/{signed.id}/recipients/?state=untold"' in html
    answer = client.get(f"/alerts/{signed.id}/recipients/?state=untold")
    assert (answer.context["total"], len(answer.context["rows"])) == (1, 1)
    assert "村民0" in answer.content.decode()


def test_those_in_doubt_of_a_correction_are_listed_too(world: World) -> None:
    alert = world.signed()
    obeyed()
    moved(alert.broadcast, "delivered", 40)
    client = world.client("signer")
    client.post(f"/alerts/{alert.id}/recall/", {"reason": "雨量有误", "correct": "on"})
    obeyed()
    correction = ledger.correction_of(alert.broadcast or "") or ""
    written(correction, 40)
    moved(correction, "in_doubt", 3)
    moved(alert.broadcast, "in_doubt", 2)
    page = client.get("/in-doubt/")
    [listed] = page.context["subjects"]
    assert (listed.alert, listed.n) == (alert, 5)
    assert set(listed.broadcasts) == {alert.broadcast, correction}
