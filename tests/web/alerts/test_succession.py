"""One click on an alert in force: update, raise, lower, lift, correct; what the lists, the desk and the public page then say."""

import re

import pytest

from fenghuo.ground.accounts import actions as accounts
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Alert
from tests.web.world import World, moved, obeyed

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def begun(world: World, alert: Alert, relation: str, post: str = "entry") -> Alert:
    """The draft that a click makes."""
    answer = world.client(post).post(f"/alerts/{alert.id}/follow-up/{relation}/")
    assert answer.status_code == 302, answer.content.decode()
    return Alert.objects.get(pk=answer.headers["Location"].split("/")[2])


def release(world: World, alert: Alert) -> Alert:
    """The rest of the way, by the house's own actions."""
    people = world.people
    if alert.state == "draft":
        alert = actions.submit(alert=alert, version=alert.version, by=people["entry"])
    alert = actions.review(alert=alert, digest=alert.digest, by=people["reviewer"])
    if rules.needs_approval(alert):
        alert = actions.approve(alert=alert, digest=alert.digest, by=people["leader"])
    (code, *_rest) = accounts.print_codes(account=people["signer"])
    step_up = accounts.step_up(account=people["signer"], digest=alert.digest, code=code)
    actions.sign(alert=alert, digest=alert.digest, step_up=step_up, people=alert.audience_count, by=people["signer"])
    return Alert.objects.get(pk=alert.pk)


def test_a_click_opens_the_form_filled_in_and_says_what_it_follows(world: World) -> None:
    alert = world.signed()
    page = world.client("entry").get(f"/alerts/{alert.id}/progress/").content.decode()
    assert re.findall(r"/follow-up/(\w+)/", page) == ["update", "raise", "lower", "lift"]
    draft = begun(world, alert, "raise")
    form = world.client("entry").get(f"/alerts/{draft.id}/edit/")
    assert form.context["form"].initial["level"] == (alert.level or 0) - 1
    assert f'href="/alerts/{alert.id}/progress/"' in form.content.decode()


def test_a_lift_is_a_short_form_and_goes_on_from_there(world: World) -> None:
    alert = world.signed()
    draft = begun(world, alert, "lift")
    client, path = world.client("entry"), f"/alerts/{draft.id}/lift/"
    assert client.get(f"/alerts/{draft.id}/edit/").headers["Location"] == path
    page = client.get(path)
    assert "现予解除" in page.content.decode()
    typed = {name: value for name, value in page.context["form"].initial.items() if isinstance(value, str | int)}
    typed["expires_at"] = page.context["form"]["expires_at"].value().strftime("%Y-%m-%dT%H:%M")
    hostile = client.post(path, typed | {"body": "【假】" + "解" * 3000, "do": "submit"})
    assert hostile.status_code == 422
    assert "解" * 100 in hostile.content.decode()
    stale = client.post(path, typed | {"version": "9", "do": "save"})
    assert stale.status_code == 422
    typed["version"] = Alert.objects.get(pk=draft.pk).version
    answer = client.post(path, typed | {"do": "submit"})
    assert answer.headers["Location"] == f"/alerts/{draft.id}/review/", answer.content.decode()
    restated = world.client("reviewer").get(f"/alerts/{draft.id}/review/").content.decode()
    assert alert.headline in restated


def test_whoever_clicks_second_is_led_to_the_first_draft(world: World) -> None:
    alert = world.signed()
    first = begun(world, alert, "lift")
    assert begun(world, alert, "lift").pk == first.pk
    assert Alert.objects.filter(follows=alert).count() == 1
    page = world.client("entry").get(f"/alerts/{alert.id}/progress/").content.decode()
    assert f'href="/alerts/{first.id}/"' in page


def test_after_it_pages_lists_desk_and_public_say_so(world: World) -> None:
    alert = world.signed()
    lifted = release(world, begun(world, alert, "lift"))
    obeyed()
    moved(alert.broadcast, "stopped", 30)
    client = world.client("entry")
    page = client.get(f"/alerts/{alert.id}/progress/")
    assert page.context["fate"] == "lifted"
    assert "/follow-up/" not in page.content.decode()
    assert lifted.headline in page.content.decode()
    assert "30" in page.context["lanes"][0]["sentence"]
    assert {one.pk: one.fate for one in client.get("/alerts/").context["page"].rows} == {
        alert.pk: "lifted",
        lifted.pk: "live",
    }
    assert [one.pk for one in client.get("/alerts/?state=live").context["page"].rows] == []
    desk = client.get("/?part").content.decode()
    assert f"/alerts/{lifted.id}/follow-up/" not in desk
    public = world.client("auditor").get(f"/v/{alert.code}").content.decode()
    assert f"/v/{lifted.code}" in public
    assert alert.code not in world.client("auditor").get("/feeds/alerts.atom").content.decode()
    assert [one.code for one in queries.current()] == [lifted.code]


def test_the_desk_offers_the_buttons_of_what_runs(world: World) -> None:
    alert = world.signed()
    assert f"/alerts/{alert.id}/follow-up/lift/" in world.client("entry").get("/?part").content.decode()
    assert "/follow-up/" not in world.client("auditor").get("/?part").content.decode()


def test_what_may_not_is_refused_by_the_page_too(world: World) -> None:
    alert = world.signed()
    assert world.client("auditor").post(f"/alerts/{alert.id}/follow-up/lift/").status_code == 403
    assert world.client("entry").get(f"/alerts/{alert.id}/follow-up/lift/").status_code == 405
    assert world.client("entry").post(f"/alerts/{alert.id}/follow-up/explode/").status_code == 422
    assert world.client("entry").post("/alerts/01ARZ3NDEKTSV4RRFFQ69G5FAV/follow-up/lift/").status_code == 404
    actions.recall(alert=alert, reason="误报", correct=False, by=world.people["signer"])
    assert world.client("entry").post(f"/alerts/{alert.id}/follow-up/lift/").status_code == 409


def test_a_correction_can_follow_a_recall_later(world: World) -> None:
    alert = world.signed()
    actions.recall(alert=alert, reason="误报", correct=False, by=world.people["signer"])
    client, path = world.client("signer"), f"/alerts/{alert.id}/correct/"
    assert f'href="{path}"' in client.get(f"/alerts/{alert.id}/progress/").content.decode()
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "内容有误"}).headers["Location"] == f"/alerts/{alert.id}/progress/"
    assert set(alert.releases.values_list("kind", flat=True)) == {"release", "recall", "correct"}
