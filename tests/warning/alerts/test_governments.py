"""The four governments of the source documents: each says everything it may say, in its own frame, and refuses what it may not."""

from typing import Any

import pytest

from fenghuo.delivery.ledger.models import LEDGER
from fenghuo.ground.accounts import queries as accounts
from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import RefusedMany
from fenghuo.warning.alerts import actions, queries, rules
from fenghuo.warning.alerts.models import Release
from tests.warning.alerts.makers import Town, make_town, notice, reviewed, sign, submitted

pytestmark = pytest.mark.django_db(databases=["default", LEDGER])
GOVERNMENTS = ["xiacang", "wuqing", "taicang", "bizhai"]


@pytest.fixture(params=GOVERNMENTS)
def government(request: pytest.FixtureRequest) -> Town:
    profile = profiles.profile(request.param)
    town = make_town(6, code=profile.area, name=profile.title)
    Organisation.objects.filter(pk=town.organisation.pk).update(profile=profile.name)
    town.organisation.refresh_from_db()
    return town


def released(town: Town, **changes: Any) -> Release:
    alert = reviewed(town, **changes)
    if rules.needs_approval(alert):
        alert = actions.approve(alert=alert, digest=alert.digest, by=town["leader"])
    return sign(town, alert)


@pytest.mark.parametrize("kind", ["warning", "notice", "meeting", "tip", "handling"])
def test_every_kind_goes_out_framed_by_the_government_that_says_it(government: Town, kind: str) -> None:
    sms = accounts.profile_of(government.organisation).sms
    release = released(government, **({} if kind == "warning" else notice(government, kind=kind)))
    text = release.snapshot["text"]
    assert (text.startswith(sms.prefix.value), text.endswith(sms.suffix.value)) == (True, True)
    assert text.count("【") == text.count("】") == (2 if sms.prefix.value and sms.suffix.value else 1)
    assert queries.verify_release(release)


def test_who_may_issue_a_warning_of_its_own_is_the_profiles_to_say(government: Town) -> None:
    own: dict[str, Any] = {"origin": None, "issuer": "本级政府", "body": "预计今夜有暴雨，请注意防范。"}
    levels = accounts.profile_of(government.organisation).warnings.may_issue.value
    if 2 in levels:
        assert released(government, **own).public
    else:
        with pytest.raises(RefusedMany) as caught:
            submitted(government, **own)
        assert "may_not_issue" in {one.code for one in caught.value.refusals}
