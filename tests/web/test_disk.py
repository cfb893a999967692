"""B3 and B4 as people meet them: a red banner on every page, and a refusal that says what to do."""

from collections.abc import Callable

import pytest

from fenghuo.ground.disk import trouble
from fenghuo.ground.refusal import Refused
from fenghuo.warning.alerts import actions
from fenghuo.warning.alerts.actions.sign import ready_to_sign
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
BANNER = 'role="alert"'


@pytest.fixture
def nearly_full(settings) -> Callable[[], None]:
    def fill() -> None:
        settings.FENGHUO = settings.FENGHUO.model_copy(update={"least_free_mb": 1_000_000})

    return fill


def test_on_a_nearly_full_disk_every_page_says_so_and_nothing_is_signed(world: World, nearly_full) -> None:
    alert = world.approved()
    assert BANNER not in world.client("signer").get("/").content.decode()
    nearly_full()
    for post, path in (("signer", "/"), ("entry", "/alerts/"), ("auditor", "/journal/")):
        html = world.client(post).get(path).content.decode()
        assert BANNER in html
        assert "1000000 MB" in html
    with pytest.raises(Refused) as refused:
        ready_to_sign(alert=alert, digest=alert.digest, people=alert.audience_count, by=world.people["signer"])
    assert (refused.value.code, refused.value.kind) == ("disk_low", "unavailable")


def test_an_alert_that_has_left_can_be_recalled_all_the_same(world: World, nearly_full) -> None:
    alert = world.signed()
    nearly_full()
    release = actions.recall(alert=alert, reason="演练", correct=True, by=world.people["signer"])
    assert release.kind == "recall"


def test_after_a_fault_of_the_disk_pages_and_health_say_so(world: World, client, settings, tmp_path) -> None:
    settings.DATA = tmp_path
    try:
        trouble.note("io", "disk I/O error")
        assert BANNER in world.client("signer").get("/").content.decode()
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json()["disk"]["state"] == "io"
    finally:
        trouble._met.clear()
