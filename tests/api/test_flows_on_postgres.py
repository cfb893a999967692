"""The flows where both databases are one PostgreSQL: the reply is taken once, and the engine's own trigger and constraints hold."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.api import test_flows as flows
from tests.makers.instance import Instance, running_instance

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def outgrown(migrated_url: str) -> Iterator[Instance]:
    """An installation on PostgreSQL."""
    with running_instance(recipients=120, database_url=migrated_url) as found:
        yield found


def test_the_flows_on_postgresql(outgrown: Instance, migrated_url: str) -> None:
    flows.test_a_leaders_reply_approves_and_the_signature_releases(outgrown, 8)
    flows.test_a_long_refusal_in_parts_returns_it_with_the_whole_reason(outgrown)
    flows.test_an_urgent_release_leaves_at_once_and_others_confirm_and_review_it(outgrown)
    with psycopg.connect(migrated_url, autocommit=True) as db:
        with pytest.raises(psycopg.errors.CheckViolation, match="flow"):
            db.execute("UPDATE warning_alert SET flow = 'urgent' WHERE flow = 'general'")
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute("UPDATE warning_alert SET signer_person_id = author_person_id WHERE flow = 'general'")
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute("UPDATE warning_urgent SET confirmed_person_id = signer_person_id, confirmed_at = now()")
