"""Telling the whole network takes the profile's permission and a second approval by somebody who neither wrote nor signs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fenghuo.delivery.ledger.models import LEDGER
from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused, RefusedMany
from fenghuo.warning.alerts import actions, queries
from fenghuo.warning.alerts.models import Alert, Release
from tests.warning.alerts.makers import Town, approved, drafted, make_town, notice, reviewed, sign, submitted

pytestmark = pytest.mark.django_db(databases=["default", LEDGER])
EVERYONE = {"groups": [], "areas": [], "everyone": True}


@pytest.fixture
def district(data_folder: Path) -> Iterator[Town]:
    """A town whose own profile permits the whole network, for warnings alone."""
    folder = data_folder / "profiles"
    folder.mkdir()
    text = (profiles.SHIPPED / "xiacang.toml").read_text(encoding="utf-8").replace('name = "xiacang"', 'name = "wide"')
    (folder / "wide.toml").write_text(
        text.replace("whole_network = { value = false", "whole_network = { value = true"), "utf-8"
    )
    town = make_town(12)
    Organisation.objects.filter(pk=town.organisation.pk).update(profile="wide")
    town.people["mayor"] = accounts.enrol_for_exercise(
        organisation=town.organisation, name="镇长二号", username="second.leader", posts=("leader", "signer")
    )
    town.organisation.refresh_from_db()
    yield town
    (folder / "wide.toml").unlink()
    folder.rmdir()


def whole(town: Town, make=approved) -> Alert:
    return make(town, audience=EVERYONE)


def code(call, **named) -> str:
    with pytest.raises(Refused) as caught:
        call(**named)
    return caught.value.code


def test_without_the_permission_it_is_refused_with_the_clause(town):
    with pytest.raises(RefusedMany) as caught:
        submitted(town, audience=EVERYONE)
    assert {one.code for one in caught.value.refusals} == {"whole_network"}
    assert caught.value.refusals[0].field == "audience"
    assert "本地规则" in caught.value.refusals[0].in_language("zh-hans")


def test_not_for_what_the_profile_does_not_name(district):
    with pytest.raises(RefusedMany) as caught:
        submitted(district, **notice(district, audience=EVERYONE))
    assert "whole_network_kind" in {one.code for one in caught.value.refusals}


def test_everyone_is_told_once_a_second_leader_approved(district):
    alert = whole(district)
    assert alert.audience_count == 12
    assert alert.frozen
    assert alert.frozen["whole_network"] is True
    assert code(sign, town=district, alert=alert) == "network_approval_missing"
    told: Any = {"alert": alert, "digest": alert.digest}
    assert code(actions.approve_network, **told, people=11, by=district["leader"]) == "people_differ"
    alert = actions.approve_network(**told, people=12, by=district["leader"])
    assert code(actions.approve_network, **told, people=12, by=district["mayor"]) == "already_approve_network"
    release = sign(district, alert)
    assert release.snapshot["persons"]["network_approver"] == district["leader"].person.name
    assert release.snapshot["whole_network"] is True
    assert queries.verify_release(release)


def test_whoever_approved_for_the_whole_network_does_not_sign(district):
    alert = whole(district)
    actions.approve_network(alert=alert, digest=alert.digest, people=12, by=district["mayor"])
    alert.refresh_from_db()
    assert code(sign, town=district, alert=alert, by="mayor") == "network_third_person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(signer_person=district["mayor"].person)


@pytest.mark.parametrize("by", ["entry", "reviewer", "signer", "duty", "admin"])
def test_nobody_but_a_leader_gives_the_second_approval(district, by):
    alert = whole(district)
    assert (
        code(actions.approve_network, alert=alert, digest=alert.digest, people=12, by=district[by]) == "not_your_post"
    )


@pytest.mark.parametrize("make", [drafted, submitted])
def test_not_before_it_is_reviewed(district, make):
    alert = whole(district, make)
    found = code(actions.approve_network, alert=alert, digest=alert.digest, people=12, by=district["leader"])
    assert found == "wrong_state"


def test_any_change_voids_it(district):
    alert = whole(district, reviewed)
    alert = actions.approve_network(alert=alert, digest=alert.digest, people=12, by=district["leader"])
    alert = actions.refreeze(alert=alert, version=alert.version, by=district["reviewer"])
    assert alert.network_approver_person is None


def test_the_database_releases_nothing_to_everyone_without_it(district):
    alert = whole(district)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(state="signed", signer_person=district["signer"].person)
    assert not Release.objects.exists()
