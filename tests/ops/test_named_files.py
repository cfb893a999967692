"""Every file that the settings name goes into a backup's seal and into a further host's parcel, the callbacks' secret too."""

from pathlib import Path

from fenghuo.ops import parcel
from fenghuo.ops.backup import held
from fenghuo.ops.config import load

SETTINGS = """
mode = "exercise"
database_url = "postgres://fenghuo_run@10.0.0.5/fenghuo"
database_password_file = "database.password"

[[gateway]]
name = "aggregator"
protocol = "http"
mode = "exercise"
host = "sms.example"
port = 443
tls = true
tls_ca_file = "aggregator.pem"
source_addr = "901234"
secret_file = "aggregator.secret"
callback.secret_file = "callbacks.secret"
"""
NAMED = ("aggregator.pem", "aggregator.secret", "callbacks.secret", "database.password")


def laid(data: Path) -> Path:
    data.mkdir()
    (data / "fenghuo.toml").write_text(SETTINGS)
    for name in (*NAMED, "secret.key"):
        (data / name).write_text(name)
    return data


def test_a_backup_seals_all_of_them_and_a_restore_looks_for_all(tmp_path: Path) -> None:
    data = laid(tmp_path / "data")
    found, left = held.secrets(data, load(data))
    assert sorted(found) == sorted((*NAMED, "secret.key"))
    assert left == []
    assert sorted(held.names(data, load(data))) == sorted((*NAMED, "secret.key"))


def test_a_further_host_gets_all_of_them(tmp_path: Path) -> None:
    names, elsewhere = parcel.shared(laid(tmp_path / "data"))
    assert set(NAMED) <= set(names)
    assert elsewhere == []
