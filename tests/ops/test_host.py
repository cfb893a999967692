"""`fenghuo host`: what one host packs, the next one has, and nothing else; a parcel that is not whole writes nothing."""

import io
import tarfile
from pathlib import Path

import pytest

from fenghuo.ops import folder, parcel
from fenghuo.ops.config import ConfigError, load
from tests.makers.instance import fenghuo

GATEWAY = {
    "name": "mobile",
    "protocol": "cmpp3",
    "mode": "exercise",
    "host": "10.0.0.1",
    "port": 7890,
    "source_addr": "901234",
    "secret_file": "mobile.secret",
}


def first(data: Path, **settings: str) -> Path:
    given = {"database_url": "postgres://fenghuo_run@10.0.0.5/fenghuo", **settings}
    folder.make(data, mode="exercise", settings=given, gateways=[folder.GatewayPlan(dict(GATEWAY), "geheim")])
    (data / "trust").mkdir()
    (data / "trust" / "county.pem").write_text("certificate")
    (data / "signing.key").write_text("key")
    (data / "main.db").write_text("never")
    return data


def packed(data: Path) -> bytes:
    out = io.BytesIO()
    parcel.pack(data, out)
    return out.getvalue()


def changed(whole: bytes, **changes: bytes | None) -> bytes:
    """The parcel with other contents under some names; None leaves a file out."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for entry in old:
            source = old.extractfile(entry)
            content = changes.get(entry.name, source.read() if source else b"")
            if content is not None:
                entry.size = len(content)
                new.addfile(entry, io.BytesIO(content))
        for name in set(changes) - set(old.getnames()):
            entry = tarfile.TarInfo(name)
            entry.size = len(changes[name] or b"")
            new.addfile(entry, io.BytesIO(changes[name] or b""))
    return out.getvalue()


def test_a_further_host_has_the_same_settings_and_secrets(tmp_path: Path) -> None:
    a = first(tmp_path / "a")
    done = fenghuo("host", "pack", str(tmp_path / "parcel"), data=a)
    assert (tmp_path / "parcel").stat().st_mode & 0o077 == 0
    assert "geheim" not in done.stdout + done.stderr
    b = tmp_path / "b"
    fenghuo("host", "join", str(tmp_path / "parcel"), data=b)
    for name in ("fenghuo.toml", "secret.key", "mobile.secret", "signing.key", "trust/county.pem"):
        assert (b / name).read_bytes() == (a / name).read_bytes()
        assert (b / name).stat().st_mode & 0o077 == 0
    assert not (b / "main.db").exists()
    assert load(b).gateway[0].name == "mobile"
    again = fenghuo("host", "pack", str(tmp_path / "parcel"), data=a, check=False)
    assert (again.returncode, "not overwritten" in again.stderr) == (3, True)


def test_a_file_that_lies_elsewhere_is_named_and_not_packed(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("geheim")
    a = first(tmp_path / "a", database_password_file=str(tmp_path / "password"))
    names, elsewhere = parcel.pack(a, io.BytesIO())
    assert elsewhere == [tmp_path / "password"]
    assert "password" not in " ".join(names)


def test_sqlite_is_one_host(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="several hosts share one PostgreSQL"):
        packed(first(tmp_path / "a", database_url=""))
    done = fenghuo("host", "pack", str(tmp_path / "parcel"), data=tmp_path / "a", check=False)
    assert done.returncode == 3
    assert not (tmp_path / "parcel").exists()


def hostile(whole: bytes) -> dict[str, bytes]:
    link = io.BytesIO()
    with tarfile.open(fileobj=link, mode="w") as made:
        entry = tarfile.TarInfo("secret.key")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(entry)
    return {
        "empty": b"",
        "cut": whole[:3000],
        "noise": b"\0\xff" * 5000,
        "another_key": changed(whole, **{"secret.key": b"other"}),
        "nothing_of_the_settings": changed(whole, **{"fenghuo.toml": None}),
        "above": changed(whole, **{"../outside": b"x"}),
        "absolute": changed(whole, **{"/etc/fenghuo": b"x"}),
        "hidden": changed(whole, **{".ssh/keys": b"x"}),
        "unlisted": changed(whole, **{"more.secret": b"x"}),
        "no_list": changed(whole, **{parcel.LIST: None}),
        "odd_list": changed(whole, **{parcel.LIST: b"[1]"}),
        "deep_list": changed(whole, **{parcel.LIST: b"[" * 200_000}),
        "huge": changed(whole, **{"big.secret": b"x" * (parcel.MOST_BYTES + 1)}),
        "link": link.getvalue(),
    }


def test_a_damaged_or_hostile_parcel_writes_nothing(tmp_path: Path) -> None:
    whole = packed(first(tmp_path / "a"))
    for name, one in hostile(whole).items():
        with pytest.raises(ConfigError, match="nothing was written"):
            parcel.unpack(io.BytesIO(one), tmp_path / name)
        assert not (tmp_path / name).exists(), name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    whole = packed(first(tmp_path / "a"))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").write_text("mine")
    with pytest.raises(ConfigError, match="not empty"):
        parcel.unpack(io.BytesIO(whole), tmp_path / "b")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["mine"]
