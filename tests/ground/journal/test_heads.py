"""A signed head betrays a tail that was cut off, without anybody having noted one; the guards of the journal are looked at."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from fenghuo.ground.journal import actions, chain, heads, queries, triggers
from fenghuo.ground.journal.models import JournalEntry, SignedHead


@pytest.fixture(autouse=True)
def no_list() -> Iterator[None]:
    """The list of heads in the data folder is this test's own."""
    heads.path().unlink(missing_ok=True)
    yield
    heads.path().unlink(missing_ok=True)


def fill(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            actions.record(act="act", by=None, subject=f"s{number}")


@pytest.mark.django_db
def test_the_head_is_signed_once_and_proves_itself() -> None:
    assert actions.sign_head() is None, "an empty journal has no head"
    fill(3)
    signed = actions.sign_head()
    assert signed is not None
    assert actions.sign_head() is None, "nothing was added since"
    assert [(one.seq, one.proven) for one in queries.newest_signed()] == [(3, True), (3, True)]
    fill(2)
    actions.sign_head()
    assert [one.seq for one in queries.signed_heads()] == [3, 5]
    assert queries.verify().ok


@pytest.mark.django_db
@pytest.mark.parametrize("cut", [1, 4])
def test_a_cut_tail_is_found(cut: int) -> None:
    fill(6)
    actions.sign_head()
    JournalEntry.objects.filter(seq__gt=6 - cut).delete()
    verdict = queries.verify()
    assert (verdict.ok, verdict.reason, verdict.first_broken_seq) == (False, "signed_head_missing", 7 - cut)


@pytest.mark.django_db
@pytest.mark.parametrize("spared", ["table", "list"])
def test_whoever_cuts_the_heads_too_must_find_both_places(spared: str) -> None:
    fill(6)
    actions.sign_head()
    JournalEntry.objects.filter(seq__gt=4).delete()
    if spared == "table":
        heads.path().unlink()
    else:
        SignedHead.objects.all().delete()
    assert queries.verify().reason == "signed_head_missing"


@pytest.mark.django_db
def test_a_chain_that_was_computed_anew_differs_from_its_signed_head() -> None:
    fill(5)
    actions.sign_head()
    previous = chain.GENESIS
    for entry in JournalEntry.objects.order_by("seq"):
        values: dict[str, Any] = {
            name: getattr(entry, name) for name in ("seq", "at", "organisation", "actor", "act", "detail", "once")
        }
        values |= {"subject": "rewritten", "previous": previous}
        previous = chain.hash_of(chain.fields_of(**values))
        JournalEntry.objects.filter(seq=entry.seq).update(
            subject="rewritten", previous=values["previous"], hash=previous
        )
    verdict = queries.verify()
    assert (verdict.reason, verdict.first_broken_seq) == ("signed_head_differs", 5)


@pytest.mark.django_db
def test_a_head_that_we_did_not_sign_is_no_proof() -> None:
    fill(4)
    signed = actions.sign_head()
    assert signed is not None
    SignedHead.objects.update(signature=signed.signature[:-8] + "AAAAAA==")
    assert queries.verify().reason == "signed_head_forged"
    SignedHead.objects.update(signature="*")
    assert queries.verify().reason == "signed_head_forged"


@pytest.mark.django_db
@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"\xff\xfe", b'{"seq": "x"}', b'{"seq": 1e999}', b"x" * 9000])
def test_a_torn_list_stops_nobody(line: bytes) -> None:
    fill(2)
    actions.sign_head()
    with heads.path().open("ab") as file:
        file.write(line)
    assert queries.verify().ok
    fill(1)
    assert actions.sign_head() is not None


ON_SQLITE = {
    "gone": (["DROP TRIGGER journal_no_delete"], ["journal_no_delete"]),
    "gone from the heads": (["DROP TRIGGER signed_head_no_update"], ["signed_head_no_update"]),
    "altered": (
        [
            "DROP TRIGGER journal_no_update",
            "CREATE TRIGGER journal_no_update BEFORE UPDATE ON ground_journalentry"
            " WHEN NEW.seq < 0 BEGIN SELECT RAISE(ABORT, 'no'); END",
        ],
        ["journal_no_update"],
    ),
}
ON_POSTGRESQL = {
    "gone": (["DROP TRIGGER journal_no_change ON ground_journalentry"], ["journal_no_change"]),
    "gone from the heads": (["DROP TRIGGER signed_head_no_change ON ground_signedhead"], ["signed_head_no_change"]),
    "switched off": (["ALTER TABLE ground_journalentry DISABLE TRIGGER journal_no_truncate"], ["journal_no_truncate"]),
    "altered": (
        [
            "CREATE OR REPLACE FUNCTION fenghuo_journal_stays() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$"
        ],
        ["journal_no_change", "journal_no_truncate"],
    ),
}


@pytest.mark.django_db(transaction=True)
def test_guards_that_are_gone_altered_or_switched_off_are_named() -> None:
    for told, (statements, named) in (ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE).items():
        for one in (triggers.TRIGGERS, triggers.HEADS):
            one.install(connection)
        try:
            assert queries.guards() == [], told
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
            assert queries.guards() == named, told
        finally:
            for one in (triggers.TRIGGERS, triggers.HEADS):
                one.remove(connection)


@pytest.mark.django_db
def test_the_list_is_private_and_made_of_lines_that_anyone_can_check(data_folder: Path) -> None:
    fill(1)
    signed = actions.sign_head()
    assert signed is not None
    path = data_folder / heads.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    told = json.loads(path.read_text().splitlines()[-1])
    assert (told["seq"], told["hash"], told["key"]) == (1, signed.hash, signed.key)
