"""`fenghuo rehearse` and `fenghuo demo`: the newcomer's two proofs."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from fenghuo.ops.rehearsal import proof
from tests.makers.instance import ROOT, fenghuo

pytestmark = pytest.mark.slow

KEYS = {
    *("mode", "gateway", "recipients", "accepted", "delivered", "failed", "in_doubt", "lost", "duplicates"),
    *("sign_to_first_pdu_ms", "sign_to_last_accept_ms", "cap_valid", "journal_valid", "signed_digest_equals_sent"),
}


def test_a_rehearsal_of_a_thousand_keeps_every_promise_within_a_minute() -> None:
    begun = time.monotonic()
    done = fenghuo("rehearse", "--recipients", "1000", "--json")
    assert time.monotonic() - begun < 60
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) >= KEYS
    assert (found["recipients"], found["accepted"], found["lost"], found["duplicates"]) == (1000, 1000, 0, 0)
    assert found["delivered"] + found["failed"] == 1000
    assert found["failed"] > 0, "one phone in a hundred is off: both outcomes must have been compared"
    assert [found[name] for name in ("cap_valid", "journal_valid", "signed_digest_equals_sent")] == [True] * 3
    assert 0 < found["sign_to_first_pdu_ms"] <= found["sign_to_last_accept_ms"]
    assert found["broken"] == []
    folder = re.search(r"（(/\S*fenghuo-rehearsal-\S+)）", done.stdout)
    assert folder is not None
    assert not Path(folder[1]).exists()


@pytest.mark.parametrize("gateway", ["smpp", "http"])
def test_a_rehearsal_over_another_protocol_keeps_the_same_promises(gateway: str) -> None:
    found = json.loads(
        fenghuo("rehearse", "--gateway", gateway, "--recipients", "400", "--json").stdout.splitlines()[-1]
    )
    assert (found["gateway"], found["accepted"], found["lost"], found["duplicates"]) == (gateway, 400, 0, 0)
    assert found["delivered"] + found["failed"] == 400
    assert found["broken"] == []


def test_a_rehearsal_that_cannot_finish_fails_and_keeps_its_folder(tmp_path: Path) -> None:
    done = fenghuo(
        "rehearse", "--recipients", "500", "--rate", "1", "--timeout", "3", "--json", check=False, TMPDIR=str(tmp_path)
    )
    assert done.returncode == 4
    assert json.loads(done.stdout.splitlines()[-1])["broken"]
    assert list(tmp_path.glob("fenghuo-rehearsal-*"))


class TestProof:
    """The comparison itself catches what it is there to catch."""

    def test_text_sent_is_one_text_or_none(self) -> None:
        one = {"pk_number": 1, "tp_udhi": 0, "content": "甲乙".encode("utf-16-be").hex()}
        other = {**one, "content": "甲丙".encode("utf-16-be").hex()}
        assert proof.text_sent([one, one]) == "甲乙"
        assert proof.text_sent([one, other]) is None
        assert proof.text_sent([]) is None

    def test_a_table_with_a_row_per_recipient_is_found(self) -> None:
        before, after = {"steps": 0, "fat": 10}, {"steps": 40, "fat": 1010}
        assert proof.grown(before, after, 1000) == {"fat": 1000}

    def test_the_record_has_the_layout_that_the_simulator_packs(self) -> None:
        assert proof.RECORD.itemsize == 64
        assert np.zeros(1, proof.RECORD)["at"].dtype == np.dtype(">f8")


def test_the_demonstration_opens_in_seconds_and_again(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    first, second = opened(data), opened(data)
    assert first["contacts"] == second["contacts"] > 300
    assert set(first["links"]) == set(second["links"])
    assert len(first["links"]) == 10
    assert not set(first["links"].values()) & set(second["links"].values())
    for name in ("fenghuo.toml", "simulator.secret", "secret.key", "main.db"):
        assert (data / name).stat().st_mode & 0o077 == 0, name
    found = json.loads(fenghuo("journal", "verify", "--json", data=data).stdout.splitlines()[-1])
    assert found["ok"] is True


def opened(data: Path) -> dict:
    """Start a demo, use one link, end it with Ctrl-C; gives its JSON line."""
    command = [sys.executable, "-m", "fenghuo", "demo", "--data", str(data), "--bind", "127.0.0.1:0", "--json"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=clean) as demo:
        assert demo.stdout
        try:
            lines = []
            for line in demo.stdout:
                lines.append(line)
                if line.startswith("{"):
                    break
            assert time.monotonic() - begun < 90, lines
            told: dict = json.loads(lines[-1])
            assert any("一次性登录链接" in line for line in lines)
            with urllib.request.urlopen(told["links"]["entry"], timeout=30) as page:
                assert page.status == 200
        finally:
            demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
    return told
