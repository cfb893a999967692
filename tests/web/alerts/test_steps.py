"""Review, approval, return and sign-off on the pages: everything restated, grey buttons that say why, one release."""

import re

import pytest
from django.utils import timezone

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions as accounts
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.warning.alerts.models import Alert, Release
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def codes(world: World, post: str = "signer") -> list[str]:
    return accounts.print_codes(account=world.people[post])


def sign_form(alert: Alert, code: str, people: int | None = None, **changed: object) -> dict[str, object]:
    count = alert.audience_count if people is None else people
    return {"digest": alert.digest, "people": count, "code": code, "added": 0, "removed": 0} | changed


def test_the_whole_walk_from_review_to_release(world: World) -> None:
    alert = world.submitted()
    path = f"/alerts/{alert.id}/review/"
    page = world.client("reviewer").get(path).content.decode()
    for restated in (
        "黄色 · Ⅲ级",
        "下仓镇",
        "70",
        "更正：此前发布的",
        "蓟气预〔2026〕12号",
        alert.digest,
        "所有人收到同一文本",
    ):
        assert restated in page, restated
    assert world.client("reviewer").post(path, {"do": "review", "digest": alert.digest}).status_code == 302
    assert world.client("leader").post(path, {"do": "approve", "digest": alert.digest}).status_code == 302
    answer = world.client("signer").post(f"/alerts/{alert.id}/sign/", sign_form(alert, codes(world)[0]))
    assert answer.headers["Location"] == f"/alerts/{alert.id}/progress/"
    release = Release.objects.get()
    assert (release.kind, release.digest, release.snapshot["factor"]) == ("release", alert.digest, "code")


def test_grey_buttons_say_why(world: World) -> None:
    alert = world.submitted()
    html = world.client("entry").get(f"/alerts/{alert.id}/review/").content.decode()
    assert re.search(r'aria-disabled="true" aria-describedby="why-review">审核通过', html)
    assert "您的岗位无此权限，须由以下岗位办理" in html
    html = world.client("signer").get(f"/alerts/{alert.id}/review/").content.decode()
    assert "前往签发" in html
    assert "不能办理" in html


def test_nobody_signs_what_they_wrote(world: World) -> None:
    both = accounts.enrol_for_exercise(
        organisation=world.organisation, name="两岗一人", username="both.posts", posts=("entry", "signer")
    )
    world.people["entry"] = world.people["both"] = both
    alert = world.approved()
    html = world.client("both").get(f"/alerts/{alert.id}/sign/").content.decode()
    assert "您参与了起草，须由他人签发。" in html
    answer = world.client("both").post(f"/alerts/{alert.id}/sign/", sign_form(alert, codes(world, "both")[0]))
    assert answer.status_code == 403
    assert not Release.objects.exists()


def test_a_return_needs_a_reason_and_the_author_reads_it(world: World) -> None:
    alert = world.submitted()
    path = f"/alerts/{alert.id}/review/"
    reviewer = world.client("reviewer")
    answer = reviewer.post(path, {"do": "return", "return-reason": "  ", "digest": alert.digest})
    assert answer.status_code == 422
    assert "必须填写理由" in answer.content.decode()
    assert (
        reviewer.post(path, {"do": "return", "return-reason": "雨量单位写错", "digest": alert.digest}).status_code
        == 302
    )
    page = world.client("entry").get(f"/alerts/{alert.id}/edit/").content.decode()
    assert "雨量单位写错" in page
    assert "下仓镇审核员退回" in page


def test_an_approval_by_telephone_is_recorded_with_its_evidence(world: World) -> None:
    alert = world.reviewed()
    path = f"/alerts/{alert.id}/review/"
    duty = world.client("duty_officer")
    form = {
        "do": "record_approval",
        "digest": alert.digest,
        "record-leader": world.people["leader"].person_id,
        "record-how": "phone",
        "record-at": timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        "record-note": "镇长 22:10 致电值班室同意",
    }
    refused = duty.post(path, form | {"record-note": "", "record-at": ""})
    assert refused.status_code == 422
    assert "请写明批准凭据" in refused.content.decode()
    assert duty.post(path, form).status_code == 302
    alert.refresh_from_db()
    assert alert.state == "approved"
    assert "镇长 22:10 致电值班室同意" in world.client("signer").get(f"/alerts/{alert.id}/sign/").content.decode()


def test_a_wrong_number_of_people_is_refused_and_costs_no_code(world: World) -> None:
    alert = world.approved()
    code, client, path = codes(world)[0], world.client("signer"), f"/alerts/{alert.id}/sign/"
    answer = client.post(path, sign_form(alert, code, people=7))
    assert answer.status_code == 422
    assert "实际将发给 70 人" in answer.content.decode()
    assert 'value="7"' in answer.content.decode()
    assert client.post(path, sign_form(alert, code)).status_code == 302


def test_two_mistakes_are_told_at_once_and_cost_no_code(world: World) -> None:
    alert = world.approved()
    code, client, path = codes(world)[0], world.client("signer"), f"/alerts/{alert.id}/sign/"
    for people, said in (("7", "实际将发给 70 人"), ("", "请填写发送人数"), ("七十", "请用数字填写发送人数")):
        answer = client.post(path, sign_form(alert, "wrong-code") | {"people": people})
        html = answer.content.decode()
        assert answer.status_code == 422
        assert said in html, people
        assert "验证码不正确" in html, people
    html = client.post(path, sign_form(alert, "", people=7)).content.decode()
    assert "实际将发给 70 人" in html
    assert "请填写验证码" in html
    # What was right stays unspent, whatever else was wrong.
    assert client.post(path, sign_form(alert, code, people=7)).status_code == 422
    assert client.post(path, sign_form(alert, code, digest="0" * 64)).status_code == 409
    assert client.post(path, sign_form(alert, code)).status_code == 302


@pytest.mark.parametrize(
    "changed", [{"people": ""}, {"people": "七十"}, {"code": ""}, {"code": "000000"}, {"people": "-1"}]
)
def test_an_incomplete_ceremony_releases_nothing(world: World, changed: dict[str, str]) -> None:
    alert = world.approved()
    answer = world.client("signer").post(f"/alerts/{alert.id}/sign/", sign_form(alert, "") | changed)
    assert answer.status_code == 422
    assert not Release.objects.exists()


@pytest.mark.parametrize("digest", ["", "0" * 64, "no digest at all"])
def test_another_text_than_the_one_on_the_page_is_never_signed(world: World, digest: str) -> None:
    alert = world.approved()
    answer = world.client("signer").post(f"/alerts/{alert.id}/sign/", sign_form(alert, codes(world)[0], digest=digest))
    assert answer.status_code in (409, 422)
    assert not Release.objects.exists()


def test_the_second_press_finds_the_first_and_the_second_person_learns_who_was_first(world: World) -> None:
    alert = world.approved()
    mine = codes(world)
    client, path = world.client("signer"), f"/alerts/{alert.id}/sign/"
    assert client.post(path, sign_form(alert, mine[0])).status_code == 302
    again = client.post(path, sign_form(alert, mine[1]))
    assert again.headers["Location"] == f"/alerts/{alert.id}/progress/"
    world.people["other"] = accounts.enrol_for_exercise(
        organisation=world.organisation, name="另一签发人", username="other.hand", posts=("signer",)
    )
    late = world.client("other").post(path, sign_form(alert, codes(world, "other")[0]))
    assert late.status_code == 409
    assert "下仓镇签发员已于" in late.content.decode()
    assert Release.objects.count() == 1


def test_changed_contacts_are_shown_and_accepted_or_taken_again(world: World) -> None:
    alert = world.approved()
    contacts.add_contact(
        organisation=world.organisation,
        name="新村民",
        area=alert.audience["areas"][0],
        numbers=["10999999999"],
        by=None,
    )
    client, path = world.client("signer"), f"/alerts/{alert.id}/sign/"
    page = client.get(path)
    assert page.context["difference"] == (1, 0)
    assert "+1 / −0" in page.content.decode()
    unseen = client.post(path, sign_form(alert, codes(world)[0]))
    assert unseen.status_code == 409
    assert client.post(path, sign_form(alert, codes(world)[0], added=1)).status_code == 302
    other = world.approved(headline="另一条")
    contacts.add_contact(
        organisation=world.organisation,
        name="又一人",
        area=other.audience["areas"][0],
        numbers=["10999999998"],
        by=None,
    )
    assert client.post(f"/alerts/{other.id}/review/", {"do": "refreeze", "digest": other.digest}).status_code == 302
    other.refresh_from_db()
    assert (other.state, other.audience_count) == ("submitted", 72)


def test_another_organisations_alert_is_like_one_that_never_was(world: World) -> None:
    stranger = make(name="邻镇", numbers_from=5000)
    draft, signed = world.draft(), world.signed()
    for post in stranger.people:
        client = stranger.client(post)
        for alert in (draft, signed):
            for page in ("", "edit/", "review/", "sign/", "progress/", "recipients/", "recall/"):
                answer = client.get(f"/alerts/{alert.id}/{page}")
                assert answer.status_code == 404, f"{post} {page}"
                assert alert.headline not in answer.content.decode()
            for page in ("autosave/", "copy/", "sign/", "sign/challenge/", "recall/", "review/"):
                assert client.post(f"/alerts/{alert.id}/{page}", {"do": "review"}).status_code == 404, f"{post} {page}"
    never = world.client("entry").get("/alerts/01ARZ3NDEKTSV4RRFFQ69G5FAV/edit/")
    assert never.status_code == 404
