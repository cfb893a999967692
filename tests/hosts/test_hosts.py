"""Three hosts, one PostgreSQL, one gateway: whatever befalls the host that sends, another goes on, and nobody is lost.

Only some of the faults; `python -m tests.hosts` has all of them, and the lease that is the default.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.hosts.network import ROOT

pytestmark = [pytest.mark.network, pytest.mark.postgres, pytest.mark.slow]


def played(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.hosts", "--recipients", "2000", "--lease", "4", "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.stdout, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_another_host_goes_on_and_nobody_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    found = played("--faults", "kill,stop_between_commits,cut_gateway")
    with capsys.disabled():
        print(f"\nhosts: {found}")
    assert next(one for one in found["outcomes"] if one["fault"] == "stop_between_commits")["refused"] > 0
    assert found["through_web"] == 200, "drafted, signed and followed on one host, sent by whichever"
    for one in found["outcomes"]:
        assert (one["lost"], one["unlisted"], one["unsent"]) == (0, 0, 0), one
        assert one["in_doubt"] <= 160, one
        # The promise is lease + 2 s; a machine with other work may take a little longer over it.
        assert one["take_over_s"] <= one["lease_s"] + 5, one


def test_a_sender_without_its_fence_is_caught() -> None:
    found = played("--faults", "stop_between_commits", "--planted", "no_fence")
    assert not found["good"]
    (one,) = found["outcomes"]
    assert one["unlisted"] + one["unsent"] + one["lost"] > 0
