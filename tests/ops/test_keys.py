"""`fenghuo keys` and the key that every installation has: made at `init`, made once for an older one, never replaced in silence."""

import json
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.keyring import queries
from fenghuo.ops import keys
from tests.makers.instance import fenghuo, initialised
from tests.warning.alerts.makers import make_town
from tests.wire.cap.keys import certificate_for, elliptic


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("keys") / "data"
    initialised(found)
    return found


def shown(data: Path) -> dict:
    done = fenghuo("keys", "show", "--json", data=data, check=False)
    told: dict = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == (0 if told["ok"] else 4)
    return told


def acts(data: Path) -> list[str]:
    lines = fenghuo("journal", "export", data=data).stdout.splitlines()
    return [act for line in lines if (act := json.loads(line)["act"]).startswith("keys.")]


def colours(data: Path) -> dict[str, str]:
    done = fenghuo("doctor", "--json", data=data, check=False)
    return {one["name"]: one["colour"] for one in json.loads(done.stdout.splitlines()[-1])["checks"]}


def test_the_life_of_a_key(data: Path, tmp_path: Path):
    first = shown(data)["key"]["fingerprint"]
    assert stat.S_IMODE((data / "signing.key").stat().st_mode) == 0o600
    assert acts(data) == ["keys.make"]
    fenghuo("init", data=data)
    assert shown(data)["key"]["fingerprint"] == first

    other = certificate_for(elliptic(), "county")
    file = tmp_path / "county.pem"
    file.write_bytes(other.public_bytes(Encoding.PEM))
    fenghuo("keys", "trust", str(file), "--area", "120119", data=data)
    held = shown(data)["trusted"]
    assert [(one["name"], one["areas"]) for one in held] == [("CN=county", ["120119"])]
    (data / "trust" / "wrong.pem").write_text("x")
    assert shown(data)["ok"] is False
    found = colours(data)
    assert (found["signing_key"], found["trust"]) == ("green", "red")
    (data / "trust" / "wrong.pem").unlink()
    fenghuo("keys", "distrust", held[0]["fingerprint"], data=data)
    assert shown(data)["trusted"] == []

    (data / "signing.key").chmod(0o644)
    assert colours(data)["signing_key"] == "red"
    (data / "signing.key").unlink()
    fenghuo("init", data=data)  # a key that was there and is gone is not replaced in silence
    assert not (data / "signing.key").exists()
    assert shown(data)["ok"] is False
    fenghuo("keys", "renew", data=data)
    assert shown(data)["key"]["fingerprint"] != first
    assert acts(data) == ["keys.make", "keys.trust", "keys.distrust", "keys.renew"]
    assert fenghuo("journal", "verify", data=data).returncode == 0


@pytest.mark.peer
def test_openssl_reads_the_certificate(data: Path):
    command = ["openssl", "x509", "-in", str(data / "signing.pem"), "-noout", "-text"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "prime256v1" in text
    assert "Digital Signature" in text


@pytest.mark.django_db(databases=["default", "ledger"])
def test_a_folder_made_before_there_were_keys_gets_one_at_the_next_start(tmp_path: Path, settings):
    settings.DATA = tmp_path
    assert keys.ensure() is None  # nobody yet whose key it could be
    make_town()
    made = keys.ensure()
    assert made is not None
    assert queries.signer().fingerprint == made.fingerprint
    assert JournalEntry.objects.get(act="keys.make").subject == made.fingerprint
    assert keys.ensure() is None
    (tmp_path / "signing.key").unlink()
    (tmp_path / "signing.pem").unlink()
    assert keys.ensure() is None
    assert not queries.exists()
