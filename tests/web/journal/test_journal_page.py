"""The journal: auditors read all of it, others their own acts, administrators nothing of others; a broken chain is named."""

import pytest
from django.db import connection

from fenghuo.ground.journal import triggers
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.web.acts import ACTS
from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


def test_the_auditor_reads_everything_and_an_author_only_their_own(world: World) -> None:
    world.signed()
    everything = world.client("auditor").get("/journal/")
    assert "本机构全部操作" in everything.content.decode()
    assert {row["who"] for row in everything.context["rows"]} >= {"下仓镇录入员", "下仓镇签发员"}
    own = world.client("entry").get("/journal/")
    assert {row["who"] for row in own.context["rows"]} == {"下仓镇录入员"}


def test_entries_are_narrowed_by_act_and_subject_and_paged_by_number(world: World) -> None:
    alert = world.signed()
    client = world.client("auditor")
    found = client.get(f"/journal/?act=alert.sign&subject={alert.id}").context["rows"]
    assert [row["entry"].act for row in found] == ["alert.sign"]
    newest = JournalEntry.objects.order_by("-seq").values_list("seq", flat=True)[0]
    rows = client.get(f"/journal/?before={newest - 5}").context["rows"]
    assert max(row["entry"].seq for row in rows) < newest - 5
    assert client.get("/journal/?before=drop table").status_code == 200


def test_the_whole_chain_is_verified_on_request_and_a_change_is_found(world: World) -> None:
    world.signed()
    client = world.client("auditor")
    assert "日志链完整" in client.post("/journal/verify/").content.decode()
    triggers.remove(connection)  # as someone with the database file in hand would
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ground_journalentry SET act = 'alert.nothing' WHERE seq = 3")
    assert "日志链在第 3 条断裂" in client.post("/journal/verify/").content.decode()


def test_whatever_happened_here_has_words(world: World) -> None:
    world.signed()
    keeper = world.client("resource_keeper")
    keeper.post("/groups/", {"name": "网格员"})
    written = set(JournalEntry.objects.values_list("act", flat=True))
    assert len(written) > 8
    assert written - set(ACTS) == set()
