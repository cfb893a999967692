"""One installation of an exercise with a gateway's secret, and two archives of it: with its secrets sealed and without."""

from pathlib import Path

import pytest

from tests.makers.instance import fenghuo, initialised

PASSPHRASE = "烽火台上的第九面旗帜 horse"
SECRET = "canary-of-the-gateway-b7c1"
GATEWAY = """
[[gateway]]
name = "mobile"
protocol = "cmpp3"
mode = "exercise"
host = "127.0.0.1"
port = 1
source_addr = "901234"
secret_file = "mobile.secret"
"""


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the first machine; not to be changed."""
    data = tmp_path_factory.mktemp("machine") / "data"
    initialised(data)
    with (data / "fenghuo.toml").open("a", encoding="utf-8") as settings:
        settings.write(GATEWAY)
    (data / "mobile.secret").write_text(SECRET)
    (data / "mobile.secret").chmod(0o600)
    return data


@pytest.fixture(scope="session")
def passphrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the passphrase."""
    path = tmp_path_factory.mktemp("safe") / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="session")
def archive(machine: Path, passphrase: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sealed secrets inside."""
    path = tmp_path_factory.mktemp("archives") / "sealed.zip"
    fenghuo("backup", "--to", str(path), "--passphrase-file", str(passphrase), data=machine)
    return path


@pytest.fixture(scope="session")
def bare(machine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No secrets inside."""
    path = tmp_path_factory.mktemp("archives") / "bare.zip"
    fenghuo("backup", "--to", str(path), data=machine)
    return path
