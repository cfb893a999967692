"""In whose name a text speaks: the organisation's own, the one that holds when it is signed, and nobody else's (X2, X14)."""

from typing import Any

import pytest

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from tests.warning.alerts.makers import Town, drafted, make_town, notice, proof, sign, warning

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
FIRST_PAIR = ("system_admin", "security_admin")


@pytest.fixture
def district(db: None) -> tuple[Account, Account]:
    """The administrators of 蓟州区, which hosts its towns."""
    if not Organisation.objects.exists():
        make_town()
    county = accounts.create_organisation(area_code="120119", name="蓟州区", profile="wuqing", by=None)
    first, second = (
        accounts.enrol_for_exercise(
            organisation=county, name=f"区{number}号", username=f"person{number}.qu", posts=(post,)
        )
        for number, post in enumerate(FIRST_PAIR)
    )
    return first, second


def found(town: Town, **changes: Any) -> dict[str, str]:
    """The problems of a warning, by code, in English."""
    organisation = Organisation.objects.get(pk=town.organisation.pk)
    content = rules.read(warning(town, **changes))
    return {one.code: f"{one.field}: {one.en}" for one in queries.problems(content, organisation)}


def changed(town: Town, by: tuple[Account, Account], **changes: str) -> None:
    """Another name, signature or profile, approved by another person."""
    organisation = Organisation.objects.get(pk=town.organisation.pk)
    now = {"name": organisation.name, "signature": organisation.signature, "profile": organisation.profile}
    proposal = accounts.propose_change(organisation=organisation, **now | changes, by=by[0])
    actions.approve_organisation(proposal=proposal, by=by[1])


def test_a_profile_of_another_place_without_an_own_signature_sends_nothing(db):
    make_town()
    other = make_town(code="120119109", name="上仓镇")
    assert "signature_missing" in found(other)
    alert = drafted(other)
    with pytest.raises(RefusedMany) as caught:
        actions.submit(alert=alert, version=alert.version, by=other["entry"])
    assert "下仓镇" in str(next(one for one in caught.value.refusals if one.code == "signature_missing"))


def test_a_town_with_its_own_signature_ends_every_text_with_it(db):
    make_town()
    other = make_town(code="120119109", name="上仓镇")
    Organisation.objects.filter(pk=other.organisation.pk).update(signature="【蓟州区上仓镇】")
    other.organisation.refresh_from_db()
    alert = actions.draft(content=rules.read(warning(other)), by=other["entry"])
    alert = actions.submit(alert=alert, version=alert.version, by=other["entry"])
    texts = queries.texts(alert)
    assert texts.sms.startswith("【天津预警发布中心】")
    assert texts.sms.endswith("【蓟州区上仓镇】")
    assert texts.correction_sms.endswith("【蓟州区上仓镇】")
    assert "<senderName>上仓镇</senderName>" in texts.cap


@pytest.mark.parametrize(
    ("field", "text", "where"),
    [
        ("body", "请注意防范。【武清区】", "character 7"),
        ("body", "［武清区］暴雨", "character 1"),
        ("body", "暴雨将至（蓟州区）", "character 5"),
        ("headline", "「太仓市」暴雨", "character 1"),
        ("measures", "转移\n〔武清区〕", "character 4"),
        ("correction", "更正《太仓市》", "character 3"),
    ],
)
def test_another_bodys_name_in_brackets_is_refused_with_what_and_where(district, field, text, where):
    town = Town(Organisation.objects.get(area_id="120119111"), {}, make_group())
    problem = found(town, **{field: text})["foreign_signature"]
    assert problem.startswith(f"{field}: ")
    assert where in problem


def make_group() -> Any:
    from_town = Organisation.objects.get(area_id="120119111")
    return from_town.group_set.first()


def test_what_comes_from_above_keeps_the_name_of_whom_it_came_from(district):
    town = Town(Organisation.objects.get(area_id="120119111"), {}, make_group())
    origin = warning(town)["origin"] | {"issuer": "蓟州区", "text": "暴雨将至（蓟州区）"}
    assert "foreign_signature" not in found(town, body="", origin=origin)


def test_a_notice_is_not_issued_in_another_organisations_name(district):
    town = Town(Organisation.objects.get(area_id="120119111"), {}, make_group())
    assert "issuer" in found(town, **{**notice(town), "issuer": "蓟州区"})["foreign_signature"]
    assert "foreign_signature" not in found(town, **{**notice(town), "issuer": town.organisation.name})


@pytest.mark.parametrize(
    "change",
    [{"signature": "【下仓镇政府】"}, {"name": "下仓镇政府"}, {"profile": "bizhai", "signature": "【下仓镇】"}],
)
def test_what_was_frozen_before_a_change_is_reviewed_anew(town: Town, district, change):
    alert = drafted(town)
    alert = actions.submit(alert=alert, version=alert.version, by=town["entry"])
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    changed(town, district, **change)
    alert = queries.alert(town.organisation, alert.id)
    with pytest.raises(Refused) as caught:
        actions.sign(
            alert=alert, digest=alert.digest, step_up=proof(town["signer"], alert.digest),
            people=alert.audience_count, by=town["signer"],
        )  # fmt: skip
    assert (caught.value.code, caught.value.kind) == ("identity_changed", "conflict")
    alert = actions.refreeze(alert=alert, version=alert.version, by=town["signer"])
    alert = queries.alert(town.organisation, alert.id)
    assert alert.state == "submitted"
    alert = actions.review(alert=alert, digest=alert.digest, by=town["reviewer"])
    alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    release = sign(town, queries.alert(town.organisation, alert.id))
    assert release.snapshot["organisation"] == change.get("name", "下仓镇人民政府")


def test_a_change_of_another_town_voids_nothing(town: Town, district):
    other = make_town(code="120119109", name="上仓镇")
    Organisation.objects.filter(pk=other.organisation.pk).update(signature="【蓟州区上仓镇】")
    alert = drafted(town)
    alert = actions.submit(alert=alert, version=alert.version, by=town["entry"])
    changed(other, district, signature="【上仓镇政府】")
    assert rules.may(alert=queries.alert(town.organisation, alert.id), verb="review", account=town["reviewer"]) is None
