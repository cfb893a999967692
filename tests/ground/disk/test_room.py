"""B3 and B4: too little room, or a disk that failed, and nothing new is taken on; the reserve; when it is over."""

import os
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError

from fenghuo.ground.disk import actions, queries, rules, trouble
from fenghuo.ground.refusal import Refused


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, settings):
    settings.DATA = tmp_path
    yield tmp_path
    trouble._met.clear()


def needing(megabytes: int) -> None:
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"least_free_mb": megabytes})


def fault(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


class TestRoom:
    def test_with_room_enough_nothing_is_said(self):
        assert rules.fit() is None
        assert queries.disk().state == "well"

    def test_a_database_that_found_no_room_says_what_is_free_and_one_that_was_busy_does_not(self):
        needing(1_000_000)
        for full in ("database or disk is full", 'could not extend file "base/5/7": No space left on device'):
            refused = rules.behind(OperationalError(full))
            assert refused
            assert (refused.code, refused.kind) == ("disk_low", "unavailable")
        assert rules.behind(OperationalError("database is locked")) is None

    def test_a_nearly_full_disk_refuses_with_what_is_free_and_what_to_do(self):
        needing(1_000_000)
        with pytest.raises(Refused) as refused:
            rules.require()
        assert (refused.value.code, refused.value.kind) == ("disk_low", "unavailable")
        assert str(queries.disk().free_mb)[:3] in refused.value.in_language("en")
        assert "Free some space" in refused.value.in_language("en")

    def test_an_urgent_release_goes_on_until_next_to_nothing_is_left(self):
        needing(1_000_000)
        assert rules.fit(urgent=True) is None

    def test_when_space_is_freed_all_is_well_again(self):
        needing(1_000_000)
        assert rules.fit() is not None
        needing(200)
        assert rules.fit() is None


class TestReserve:
    def test_it_is_laid_in_real_bytes_and_once(self):
        assert actions.lay_reserve()
        assert queries.reserve_path().stat().st_blocks * 512 >= queries.RESERVE_BYTES
        assert actions.lay_reserve()
        assert [one.name for one in settings.DATA.iterdir()] == ["reserve"]

    def test_it_is_spent_once(self):
        actions.lay_reserve()
        assert [actions.spend_reserve(), actions.spend_reserve()] == [True, False]

    def test_it_is_not_laid_where_it_would_take_what_signing_needs(self):
        needing(1_000_000)
        assert not actions.lay_reserve()
        assert not queries.reserve_path().exists()


class TestTrouble:
    @pytest.mark.parametrize(
        ("code", "state"),
        [(10, "io"), (1034, "io"), (11, "damaged"), (26, "damaged"), (5, "well"), (13, "well"), (4874, "well")],
    )
    def test_a_fault_of_the_disk_is_told_apart_from_a_busy_or_full_one(self, code, state):
        actions.met(fault(code))
        assert queries.disk().state == state
        assert queries.failed() is (state != "well")

    def test_after_a_fault_nothing_is_signed_not_even_urgently(self):
        actions.met(fault(1034))  # SQLITE_IOERR_FSYNC
        for urgent in (False, True):
            refused = rules.fit(urgent=urgent)
            assert refused is not None
            assert refused.code == "disk_failed"

    def test_another_process_sees_it_and_after_a_while_looks_again(self):
        actions.met(fault(10))
        trouble._met.clear()  # as in a process that did not meet it itself
        actions.look_again()
        assert queries.disk().state == "io", "it has not stood long enough"
        long_ago = os.stat(settings.DATA / trouble.FILE).st_mtime - 60
        os.utime(settings.DATA / trouble.FILE, (long_ago, long_ago))
        actions.look_again()
        assert queries.disk().state == "well"
        assert list(settings.DATA.iterdir()) == []

    def test_whoever_met_it_never_says_that_it_is_over(self):
        actions.met(fault(10))
        long_ago = os.stat(settings.DATA / trouble.FILE).st_mtime - 60
        os.utime(settings.DATA / trouble.FILE, (long_ago, long_ago))
        actions.look_again()
        assert queries.disk().state == "io"

    @pytest.mark.parametrize("words", ["", "not json", "[]", '{"kind": 1}', "\udcff"])
    def test_a_spoilt_note_still_means_trouble(self, words):
        (settings.DATA / trouble.FILE).write_bytes(words.encode("utf-8", "surrogateescape"))
        assert queries.disk().trouble
