"""The arithmetic of docs/explanation/sizing.md, on a tree that can be counted by hand."""

import json
from pathlib import Path

import pytest

from benchmarks import sizing
from tests.ground.areas import division

ROOT = Path(__file__).resolve().parents[1]


def told(capsys: pytest.CaptureFixture[str], folder: Path, *options: str) -> dict:
    assert sizing.main(["--from", str(folder), "--json", *options]) == 0
    found: dict = json.loads(capsys.readouterr().out.splitlines()[-1])
    return {**found, "tiers": {one["tier"]: one for one in found["tiers"]}}


def test_a_town_a_county_and_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    levels = division.rows()
    villages = [line[0] for line in levels[4]]
    found = told(capsys, division.write(tmp_path / "csv"), "--people", "1000", "--share", "0.5", "--segments", "1")
    assert found["villages"] == len(villages)
    for name, length in (("town", 9), ("county", 6), ("nation", 0)):
        one = found["tiers"][name]
        nodes = {village[:length] for village in villages}
        largest = max(sum(village.startswith(node) for village in villages) for node in nodes)
        assert (one["nodes"], one["recipients"]) == (len(nodes), 500 * len(villages))
        assert one["recipients_largest"] == 500 * largest
        # Three in five have the carrier whose account is the last to finish.
        hops = {"town": 8, "county": 6, "nation": 0}[name]
        rate = {"town": 100, "county": 1000, "nation": 8000}[name]
        assert one["seconds_largest"] == pytest.approx(500 * largest * 0.6 / rate + hops, abs=0.06)
        assert one["disk_mb_largest"] == pytest.approx(500 * largest * 24 / 1e6, abs=0.001)


def test_who_is_told_within_a_quarter_of_an_hour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = division.write(tmp_path / "csv")
    options = ("--carriers", "1", "--hop", "0", "--segments", "1", "--share", "1")
    all_of_them = told(capsys, folder, *options, "--people", "1", "--rates", "nation=1")
    count = all_of_them["villages"]
    assert all_of_them["tiers"]["nation"]["within_15_minutes"] == pytest.approx(min(1, 900 / count), abs=1e-4)
    assert told(capsys, folder, *options, "--people", "0.01")["tiers"]["town"]["within_15_minutes"] == 1


def test_each_carrier_has_told_whom_it_had_time_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The accounts send side by side: the small carriers are done while the large one still sends."""
    folder = division.write(tmp_path / "csv")
    options = ("--carriers", "0.6,0.3,0.1", "--hop", "0", "--segments", "1", "--share", "1", "--rates", "nation=1")
    people = 9000 / told(capsys, folder)["villages"]  # nine thousand in all: 5,400, 2,700 and 900 of them
    found = told(capsys, folder, *options, "--people", str(people))["tiers"]["nation"]["within_15_minutes"]
    assert found == pytest.approx((900 + 900 + 900) / 9000, abs=1e-3)


def test_a_wrong_option_is_refused(tmp_path: Path) -> None:
    for wrong in (("--carriers", "0.5,0.1"), ("--rates", "hamlet=5"), ("--rates", "town=0")):
        with pytest.raises(SystemExit):
            sizing.main(["--from", str(tmp_path), *wrong])


def test_the_page_shows_what_the_command_prints() -> None:
    page = (ROOT / "docs/explanation/sizing.md").read_text(encoding="utf-8")
    for name in sizing.TIERS:
        assert f"| {name} |" in page
