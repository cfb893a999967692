"""Who may have written what comes back: an archive proves it by its seal or its signature, or says that it cannot."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from fenghuo.ops.backup.manifest import MANIFEST, Manifest
from fenghuo.ops.cli import main
from fenghuo.wire.cap.signature import fingerprint
from tests.makers.instance import fenghuo, initialised
from tests.ops.backup.hostile import forged, parts_of
from tests.wire.cap.keys import certificate_for, elliptic

REFUSED = 4


def told(done: Any) -> dict[str, Any]:
    return dict(json.loads(done.stdout.splitlines()[-1]))


def checked(archive: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    status = main(["restore", str(archive), "--check", *options])
    said = capsys.readouterr()
    return status, said.out + said.err


@pytest.mark.parametrize(
    "changes",
    [
        {"fenghuo.toml": b'mode = "exercise"\nbackup_to = "/elsewhere"\n'},
        {"signing.pem": b"another"},
        {"profiles/town.toml": b"another"},
        {"trust/somebody.pem": b"another"},
    ],
)
def test_whoever_has_not_the_key_cannot_alter_an_unsealed_archive(
    bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, bytes]
) -> None:
    """Every checksum was made anew."""
    status, said = checked(forged(tmp_path / "a.zip", parts_of(bare) | changes, signature=True), capsys)
    assert status == REFUSED
    assert "signature does not fit" in said


def test_a_check_says_what_is_proved(
    bare: Path, archive: Path, machine: Path, passphrase: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = fingerprint(load_pem_x509_certificate((machine / "signing.pem").read_bytes()))
    status, said = checked(bare, capsys)
    assert status == 0
    assert own in said
    status, said = checked(archive, capsys, "--passphrase-file", str(passphrase))
    assert "proved by the passphrase" in said
    status, said = checked(forged(tmp_path / "unsigned.zip", parts_of(bare)), capsys)
    assert status == 0
    assert "NOT SIGNED" in said


@pytest.mark.slow
def test_a_restore_says_by_what_it_is_proved(bare: Path, machine: Path, tmp_path: Path) -> None:
    own = fingerprint(load_pem_x509_certificate((machine / "signing.pem").read_bytes()))
    found = told(fenghuo("restore", str(bare), "--into", str(tmp_path / "a"), "--json"))
    assert (found["proof"], found["certificate"]) == ("signature", own)
    stripped = forged(tmp_path / "stripped.zip", parts_of(bare))
    done = fenghuo("restore", str(stripped), "--into", str(tmp_path / "b"), "--json")
    assert told(done)["proof"] == "none"
    assert "NOT SIGNED" in done.stdout


def with_their_own_key(path: Path, entries: dict[str, bytes]) -> Path:
    """What a forger does who knows how archives are signed: a key and a certificate of their own."""
    key = elliptic()
    pem = certificate_for(key).public_bytes(Encoding.PEM)
    unsigned = forged(path.with_suffix(".unsigned"), entries | {"signing.pem": pem})
    manifest = Manifest.model_validate_json(parts_of(unsigned)[MANIFEST])
    value = base64.b64encode(key.sign(manifest.statement(), ec.ECDSA(hashes.SHA256()))).decode()
    signature = {"key": fingerprint(load_pem_x509_certificate(pem)), "value": value}
    return forged(path, parts_of(unsigned), manifest={"signature": signature})


@pytest.mark.slow
def test_a_certificate_that_the_journal_does_not_know_is_refused(bare: Path, tmp_path: Path) -> None:
    entries = parts_of(bare)
    for archive in (
        forged(tmp_path / "garbage.zip", entries | {"signing.pem": b"garbage"}),
        with_their_own_key(tmp_path / "theirs.zip", entries),
    ):
        done = fenghuo("restore", str(archive), "--into", str(tmp_path / "data"), check=False)
        assert done.returncode == REFUSED
        assert "not the certificate that the journal knows" in done.stderr
        assert not (tmp_path / "data").exists()


@pytest.mark.slow
def test_after_the_key_was_renewed_backups_come_back(tmp_path: Path) -> None:
    data = tmp_path / "first"
    initialised(data)
    fenghuo("keys", "renew", data=data)
    fenghuo("backup", "--to", str(tmp_path / "renewed.zip"), data=data)
    found = told(fenghuo("restore", str(tmp_path / "renewed.zip"), "--into", str(tmp_path / "second"), "--json"))
    assert found["proof"] == "signature"


@pytest.mark.slow
def test_a_backup_without_a_key_that_is_fit_is_made_and_says_so(tmp_path: Path) -> None:
    data = tmp_path / "first"
    initialised(data)
    (data / "signing.key").unlink()
    done = fenghuo("backup", "--to", str(tmp_path / "a.zip"), "--json", data=data)
    assert "NOT SIGNED" in done.stdout
    assert told(done)["signed_by"] is None
    assert told(fenghuo("restore", str(tmp_path / "a.zip"), "--into", str(tmp_path / "b"), "--json"))["proof"] == "none"
