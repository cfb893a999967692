"""B3 and B4 on a whole installation: the disk runs full while a warning is being sent, and then it fails to sync."""

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fenghuo.ops.rehearsal.client import Declined
from tests.makers.instance import Instance, running_instance

pytestmark = [pytest.mark.slow, pytest.mark.strace]

MB = 2**20
LEAST = 80  # more than the reserve gives back, as the 200 of the settings are


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """On a file system of its own that is small enough to be filled."""
    place = tmp_path_factory.mktemp("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(place)], check=True)
    before = tempfile.tempdir
    os.environ["FENGHUO_LEAST_FREE_MB"] = str(LEAST)
    tempfile.tempdir = str(place)
    try:
        with running_instance(recipients=1000, rate=400) as running:
            yield running
    finally:
        tempfile.tempdir = before
        del os.environ["FENGHUO_LEAST_FREE_MB"]
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def health(instance: Instance) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{instance.url}/healthz", timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as degraded:
        return dict(json.load(degraded))


def signing(instance: Instance, alert: dict[str, Any]) -> dict[str, Any]:
    body = {"digest": alert["digest"], "people": alert["audience_count"], **instance.people["signer"].factor()}
    return dict(instance.api("signer").post(f"/api/v1/alerts/{alert['id']}/sign", body))


def within(seconds: float, condition: Any, what: str) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def full(folder: Path, name: str = "filler") -> Iterator[None]:
    """Not a byte is left."""
    filler = folder / name
    with filler.open("wb", buffering=0) as file:
        for size in (MB, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def test_a_full_disk_refuses_what_is_new_and_records_what_runs(instance: Instance) -> None:
    reserve = instance.data / "reserve"
    within(20, reserve.exists, "the worker lays the reserve")
    running, waiting = instance.approved(), instance.approved()
    signing(instance, running)
    with full(instance.data.parent):
        progress = instance.settled(running["id"], within=60)
        assert progress["delivered"] == progress["count"] == 1000
        assert not reserve.exists(), "the reserve was what let the sending be recorded"
        with pytest.raises(Declined) as declined:
            signing(instance, waiting)
        assert (declined.value.status, declined.value.answer["code"]) == (503, "disk_low")
        with full(instance.data.parent, "what took the reserve's room"), pytest.raises(Declined) as declined:
            signing(instance, waiting)
        assert (declined.value.status, declined.value.answer["code"]) == (503, "disk_low"), "the reason, not: try again"
        assert health(instance)["disk"]["state"] == "low"
        found = json.loads(instance.fenghuo("doctor", "--json", check=False).stdout.splitlines()[-1])
        assert "disk" in found["red"]
    within(20, reserve.exists, "the reserve is laid again")
    signing(instance, waiting)
    assert instance.settled(waiting["id"], within=60)["delivered"] == 1000
    told = [row["number"] for row in instance.smsc.rows() if row["segment"] == 1]
    assert len(told) == 2 * 1000, "nobody twice, nobody not at all"


@contextmanager
def no_sync(instance: Instance) -> Iterator[None]:
    """Every fsync of the web processes fails, as on a dying disk."""
    pids = [folder.name for folder in Path("/proc").glob("[0-9]*") if _is_web(folder, instance)]
    which = [word for pid in pids for word in ("-p", pid)]
    inject = "inject=fdatasync,fsync:error=EIO"
    command = ["strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", inject, *which]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
        within(10, lambda: all(_traced(pid) for pid in pids), "strace is attached")
        try:
            yield
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)


def _is_web(folder: Path, instance: Instance) -> bool:
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
        return b"web" in words and str(instance.data).encode() in (folder / "environ").read_bytes()
    except OSError:
        return False


def _traced(pid: str) -> bool:
    try:
        return "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_the_first_failed_sync_stops_signing_within_a_second(instance: Instance) -> None:
    alert = instance.approved()
    with no_sync(instance):
        with pytest.raises(Declined) as declined:
            signing(instance, alert)
        assert declined.value.status == 503
        within(1.0, lambda: health(instance)["disk"]["state"] == "io", "degraded within a second")
        assert health(instance)["status"] == "degraded"
        with pytest.raises(Declined) as again:
            signing(instance, alert)
        assert again.value.status == 503
    note = instance.data / "disk-trouble.json"
    os.utime(note, (note.stat().st_mtime - 60, note.stat().st_mtime - 60))  # instead of waiting so long
    within(20, lambda: health(instance)["status"] == "ok", "well again once the disk syncs")
    now = instance.api("entry").get(f"/api/v1/alerts/{alert['id']}")
    # The commit whose sync failed may or may not be there: what counts is what the disk says now.
    if now["state"] != "signed":
        signing(instance, alert)
    assert instance.settled(alert["id"], within=60)["delivered"] == 1000
