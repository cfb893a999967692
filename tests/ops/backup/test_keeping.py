"""Which backups stay."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fenghuo.ops.backup import keeping

NOW = datetime(2026, 7, 20, 18, 30, tzinfo=UTC)


def made(folder: Path, *moments: datetime) -> None:
    for at in moments:
        (folder / keeping.name("live", at)).write_text("x")


def kept(folder: Path) -> list[datetime]:
    return sorted(at for at, _path in keeping.archives(folder, "live"))


def test_a_night_each_keeps_the_newest_and_the_first_of_every_month(tmp_path: Path) -> None:
    nights = [NOW - timedelta(days=n) for n in range(100)]
    made(tmp_path, *nights)
    keeping.prune(tmp_path, "live", 14)
    stay = kept(tmp_path)
    assert stay[-14:] == sorted(nights[:14])
    assert [at.date().isoformat() for at in stay[:-14]] == ["2026-04-12", "2026-05-01", "2026-06-01", "2026-07-01"]


def test_one_every_five_minutes_still_reaches_back_for_days(tmp_path: Path) -> None:
    made(tmp_path, *(NOW - timedelta(minutes=5 * n) for n in range(5 * 288)))
    keeping.prune(tmp_path, "live", 4)
    stay = kept(tmp_path)
    assert stay[-4:] == [NOW - timedelta(minutes=5 * n) for n in (3, 2, 1, 0)]
    assert {at.date().isoformat() for at in stay} == {f"2026-07-{day}" for day in (15, 17, 18, 19, 20)}


def test_nothing_of_others_is_touched(tmp_path: Path) -> None:
    made(tmp_path, *(NOW - timedelta(days=n) for n in range(5)))
    others = ["fenghuo-exercise-20200101T000000Z.zip", "holiday.zip", "fenghuo-live-20200101T000000Z.zip.asc"]
    for name in others:
        (tmp_path / name).write_text("x")
    keeping.prune(tmp_path, "live", 1)
    assert {path.name for path in tmp_path.iterdir()} >= set(others)
    assert keeping.archives(tmp_path / "nowhere", "live") == []
