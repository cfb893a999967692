"""Whatever is not exactly an archive of ours is refused with a reason, and nothing is written."""

import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fenghuo.ops.backup.archive import DIGEST
from fenghuo.ops.backup.manifest import MANIFEST, SEALED
from fenghuo.ops.cli import main
from tests.makers.instance import ROOT, fenghuo
from tests.ops.backup.conftest import SECRET
from tests.ops.backup.hostile import forged, parts_of, sealed

FLIPS = 200
REFUSED = 4


def refused(capsys: pytest.CaptureFixture[str], file: Path, into: Path, *options: str) -> str:
    """The reason for which an archive is refused, by a restore, which leaves nothing where it would have gone."""
    before = sorted(into.parent.iterdir())
    assert main(["restore", str(file), "--into", str(into), *options]) == REFUSED
    assert sorted(into.parent.iterdir()) == before
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_it_opens_with_any_program_and_says_what_it_holds(archive: Path) -> None:
    told = json.loads(parts_of(archive)[MANIFEST])
    assert (told["engine"], told["mode"], told["secrets"]) == ("sqlite", "exercise", "sealed")
    assert told["tables"]["default"]["ground_area"] > 2000
    assert told["tables"]["default"]["django_session"] == 0
    assert {one["name"] for one in told["parts"]} >= {"main.db", "ledger.db", "fenghuo.toml", "signing.pem", SEALED}
    assert archive.stat().st_mode & 0o777 == 0o600


def test_no_secret_stands_in_it_in_the_clear(machine: Path, archive: Path, bare: Path) -> None:
    canaries = [SECRET.encode(), *((machine / name).read_bytes().strip() for name in ("secret.key", "signing.key"))]
    for path in (archive, bare):
        for name, data in parts_of(path).items():
            assert [one for one in canaries if one in data] == [], name


def test_a_flipped_bit_anywhere_is_found(bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, chance = bare.read_bytes(), random.Random(12379)
    places = [*chance.sample(range(len(whole)), FLIPS), 0, len(whole) - 1, len(whole) - DIGEST, len(whole) - DIGEST - 1]
    damaged = tmp_path / "damaged.zip"
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        damaged.write_bytes(flipped)
        refused(capsys, damaged, tmp_path / "data")


def test_one_that_was_cut_short_is_found(bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, cut = bare.read_bytes(), tmp_path / "cut.zip"
    for length in (0, 1, 100, len(whole) // 2, len(whole) - DIGEST, len(whole) - 1):
        cut.write_bytes(whole[:length])
        refused(capsys, cut, tmp_path / "data")
    cut.write_bytes(whole + b"\0")
    refused(capsys, cut, tmp_path / "data")


def test_a_file_of_somebody_else_is_no_backup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as held:
        held.writestr("main.db", "x" * 1000)
    assert "is no backup of Fenghuo" in refused(capsys, foreign, tmp_path / "data")
    foreign.write_bytes(b"%PDF-1.7" + b"\0" * 5000)
    refused(capsys, foreign, tmp_path / "data")
    refused(capsys, tmp_path, tmp_path / "data")
    refused(capsys, tmp_path / "nowhere.zip", tmp_path / "data")


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "/etc/cron.d/evil", "files/../../evil", "trust/../evil.pem", "profiles/.hidden.toml", "secret.key",
        "signing.key", "files/ab/../../../evil", "trust\\evil.pem", "files/zz/" + "a" * 32, "running.lock",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    slip = forged(tmp_path / "slip.zip", parts_of(bare) | {name: b"evil"})
    assert "nothing was written" in refused(capsys, slip, tmp_path / "data")
    assert not list(tmp_path.glob("**/evil*"))


def test_entries_that_the_manifest_does_not_tell_are_refused(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = parts_of(bare)
    refused(capsys, forged(tmp_path / "a.zip", entries | {"files/ab/" + "0" * 32: b"x"}, told=False), tmp_path / "data")
    del entries["ledger.db"]
    refused(capsys, forged(tmp_path / "b.zip", entries), tmp_path / "data")
    refused(capsys, forged(tmp_path / "c.zip", entries, told=False), tmp_path / "data")


def test_an_entry_that_comes_twice_is_refused(bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = forged(tmp_path / "twice.zip", parts_of(bare))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as held:
        held.writestr("fenghuo.toml", "mode = 'live'")
    refused(capsys, sealed(path), tmp_path / "data")


def test_a_bomb_is_not_unpacked(bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A part that inflates to more than it says, and one that says more than any disk holds."""
    name = "files/ab/" + "0" * 32
    bomb = parts_of(bare) | {name: b"\0" * 50_000_000}
    refused(capsys, forged(tmp_path / "a.zip", bomb, sizes={name: 10}), tmp_path / "data")
    path = forged(tmp_path / "b.zip", bomb)
    whole = path.read_bytes()
    assert whole.count((50_000_000).to_bytes(4, "little")) == 2
    path.write_bytes(whole.replace((50_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    refused(capsys, sealed(path), tmp_path / "data")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2}, {"format": "1"}, {"mode": "other"}, {"engine": "oracle"}, {"tables": []}, {"surplus": 1},
        {"journal_head": "x"}, {"parts": None}, {"made_at": "yesterday"}, {"databases": 0}, {"orders": -1},
    ],
)  # fmt: skip
def test_a_manifest_of_another_shape_is_refused(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object]
) -> None:
    path = forged(tmp_path / "shape.zip", parts_of(bare), manifest=changes, told="parts" not in changes)
    said = refused(capsys, path, tmp_path / "data")
    assert ("newer Fenghuo" in said) == (changes == {"format": 2})


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a":' * 5000, b"\xff\xfe", b"null"])
def test_a_manifest_that_is_none_is_refused(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes
) -> None:
    entries = parts_of(bare)
    path = tmp_path / "none.zip"
    with zipfile.ZipFile(path, "w") as held:
        for name, data in entries.items():
            held.writestr(name, text if name == MANIFEST else data)
        held.comment = bare.read_bytes()[-86:]
    refused(capsys, sealed(path), tmp_path / "data")


def test_a_wrong_passphrase_opens_nothing(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase")
    wrong.chmod(0o600)
    said = refused(capsys, archive, tmp_path / "data", "--passphrase-file", str(wrong))
    assert "the passphrase is wrong" in said


def test_whoever_exchanges_a_database_is_betrayed_by_the_passphrase(
    archive: Path, passphrase: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = parts_of(archive)
    entries["ledger.db"] = entries["ledger.db"][:-1] + b"\1"
    path = forged(tmp_path / "exchanged.zip", entries)
    said = refused(capsys, path, tmp_path / "data", "--passphrase-file", str(passphrase))
    assert "altered" in said


def test_a_passphrase_that_others_can_read_or_that_is_short_is_refused(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "passphrase"
    file.write_text("long enough for anybody")
    file.chmod(0o644)
    command = ["restore", str(archive), "--into", str(tmp_path / "data"), "--passphrase-file", str(file)]
    assert main(command) == 3
    file.chmod(0o600)
    file.write_text("short")
    assert main(command) == 3
    assert not (tmp_path / "data").exists()


def test_a_check_writes_nothing(bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", str(bare), "--check", "--into", str(tmp_path / "data"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["ok"] is True
    assert told["rows"] > 2000
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("important")
    assert main(["restore", str(bare), "--into", str(tmp_path)]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize("into", ["/proc/foo", "/proc/1/deep/er", "/dev/null/data", "x" * 300])
def test_a_place_where_no_folder_can_be_is_wrong_usage(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], into: str
) -> None:
    assert main(["restore", str(bare), "--into", str(tmp_path / into)]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path / into) in said
    assert "no folder can be made here" in said
    assert list(tmp_path.iterdir()) == []


def test_a_drill_without_an_installation_says_what_a_drill_needs(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGHUO_DATA", str(tmp_path / "before"))  # as it was afterwards
    assert main(["restore", str(bare), "--drill", "--data", str(tmp_path / "nosuch")]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'nosuch'}：不是数据目录" in said
    assert "--check" in said
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_may_be_a_file_or_a_folder_is_not_guessed_at(machine: Path, tmp_path: Path) -> None:
    done = fenghuo("backup", "--to", str(tmp_path / "x.txt"), data=machine, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "must end in .zip" in done.stderr
    fenghuo("backup", "--to", f"{tmp_path / '2026.07'}/", data=machine)
    assert [path.suffix for path in (tmp_path / "2026.07").iterdir()] == [".zip"]


def test_a_disk_that_fills_up_half_way_says_so_in_words_and_leaves_nothing(machine: Path, tmp_path: Path) -> None:
    """The program runs into the largest file it may write, as into a full disk, after the room was found sufficient."""
    limited = ["prlimit", "--fsize=100000", sys.executable, "-m", "fenghuo"]
    to = tmp_path / "full"
    command = [*limited, "backup", "--data", str(machine), "--to", f"{to}/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "older ones are untouched" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(to.iterdir())
