"""What has expired is forgotten, what still counts is not."""

from datetime import timedelta

import pytest

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions, queries
from fenghuo.ground.accounts.models import Invitation, KnownDevice, OpenSession, SpentFactor, StepUp
from fenghuo.ground.refusal import Refused

DIGEST = "ab" * 32
KEPT = (StepUp, SpentFactor, OpenSession, Invitation, KnownDevice)


@pytest.fixture
def used(keyed):
    """Someone who came in, signed with a printed code, and was given a link."""
    account, code = keyed("signer")
    actions.step_up(account=account, digest=DIGEST, totp=code(0))
    codes = actions.print_codes(account=account)
    actions.step_up(account=account, digest=DIGEST, code=codes[0])
    actions.open_session(account=account, proof=None, place="10.0.0.1", browser="x")
    actions.know_device(account=account, token="d", name="x")
    actions.sign_in_link(account=account)
    return account, codes


def test_while_anything_may_still_count_nothing_is_forgotten(used):
    with clock.moved(timedelta(days=6)):
        assert actions.forget_expired() == 0


def test_what_expired_is_forgotten_once(used):
    account, _ = used
    with clock.moved(timedelta(days=9)):
        assert actions.forget_expired() > 0
        assert actions.forget_expired() == 0
    assert [model.objects.filter(account=account).count() for model in KEPT] == [0, 0, 0, 0, 1]
    with clock.moved(timedelta(days=401)):
        actions.forget_expired()
    assert not KnownDevice.objects.exists()


def test_a_used_printed_code_stays_used(used):
    account, codes = used
    with clock.moved(timedelta(days=9)):
        actions.forget_expired()
        with pytest.raises(Refused) as caught:
            actions.step_up(account=account, digest=DIGEST, code=codes[0])
    assert caught.value.code == "factor_used"
    assert queries.factors_of(account).codes == 9
