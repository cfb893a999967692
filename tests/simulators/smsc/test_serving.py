"""The simulator as a process, in a thread, and through its control door."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fenghuo.wire import cmpp
from simulators.smsc import Centre, Plan, Remote, launched, running
from tests.simulators.smsc.sp import PREFIX, SAID, Sp, numbers

ROOT = Path(__file__).parents[3]
KILLED_CLIENT = """
import asyncio, os, signal, sys
from tests.simulators.smsc.sp import Sp, numbers
async def main():
    sp = await Sp.to(int(sys.argv[1]))
    sp.acknowledging = False
    sp.submit(numbers(60), batch=10)
    await sp.reported(60)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def submit(port: int, count: int = 5) -> list[cmpp.Report]:
    async def go() -> list[cmpp.Report]:
        sp = await Sp.to(port)
        try:
            sp.submit(numbers(count))
            return await sp.reported(count)
        finally:
            Sp.live.remove(sp)
            sp.transport.close()
            await sp.until(lambda: sp.gone)

    return asyncio.run(go())


def test_a_process_says_its_ports_and_keeps_the_record():
    with launched({"failing": {"10000000002": "UNDELIV"}}) as centre:
        assert centre.process is not None
        submit(centre.port)
        rows = centre.rows()
        assert [row["number"] for row in rows] == numbers(5)
        assert [row["stat"] for row in rows] == ["DELIVRD", "DELIVRD", "UNDELIV", "DELIVRD", "DELIVRD"]
        assert {row["text"] for row in rows} == {PREFIX + SAID}
        assert len(centre.packed_rows()) == 5 * 64
        summary = centre.summary()
        assert (summary["accepted"], summary["reports_sent"]) == (5, 5)
        (model,) = json.loads(centre.ask("GET", "/models"))
        assert bytes.fromhex(model["content"]).decode("utf-16-be") == PREFIX + SAID
        assert json.loads(centre.ask("GET", "/repeated")) == {"repeated": 0}
    assert centre.process.returncode == -signal.SIGKILL


def test_the_plan_changes_while_it_runs():
    with launched() as centre:
        submit(centre.port)
        centre.change(bad_numbers=numbers(1), login_status=0)
        told = json.loads(centre.ask("POST", "/plan", {"report_delay": 0.5}))["plan"]
        assert told["bad_numbers"] == numbers(1)
        assert told["report_delay"] == [0.5, 0.5]
        with pytest.raises(ValueError, match="speed"):
            centre.change(speed=9)


def test_a_client_killed_with_nine_loses_no_report():
    with launched() as centre:
        done = subprocess.run([sys.executable, "-c", KILLED_CLIENT, str(centre.port)], cwd=ROOT, timeout=60)
        assert done.returncode == -signal.SIGKILL

        async def again() -> list[cmpp.Report]:
            sp = await Sp.to(centre.port)
            try:
                return await sp.reported(60)
            finally:
                Sp.live.remove(sp)
                sp.transport.close()
                await sp.until(lambda: sp.gone)

        assert [report.destination for report in asyncio.run(again())] == numbers(60)


def test_a_thread_beside_the_caller():
    with running(Plan(failing={numbers(1)[0]: "UNDELIV"})) as centre:
        reports = submit(centre.port)
        assert reports[0].stat == "UNDELIV"
        assert centre.call(lambda inside: inside.record.recipients) == 5
        assert Remote(centre.port, centre.control).summary()["accepted"] == 5

        def fail(inside: Centre) -> None:
            raise LookupError(inside.port)

        with pytest.raises(LookupError):
            centre.call(fail)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", centre.port), 2)


def test_a_phone_writes_through_the_door():
    with launched() as centre:

        async def wait() -> str:
            sp = await Sp.to(centre.port)
            try:
                await asyncio.to_thread(centre.message, "10000000009", "12379", "同意")
                await sp.until(lambda: len(sp.of(cmpp.Mo)) == 1)
                return sp.of(cmpp.Mo)[0].deliver.content.decode("utf-16-be")
            finally:
                Sp.live.remove(sp)
                sp.transport.close()
                await sp.until(lambda: sp.gone)

        assert asyncio.run(wait()) == "同意"


@pytest.mark.parametrize("path", ["/drop", "/terminate", "/test", "/shut"])
def test_orders_through_the_door(path):
    with launched() as centre:
        assert json.loads(centre.ask("POST", path)) in ({"lines": 0}, {})
        assert json.loads(centre.ask("POST", "/open"))["port"] == centre.port if path == "/shut" else True
        submit(centre.port, 1)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /nothing HTTP/1.1\r\n\r\n", b"404"),
        (b"DELETE /record HTTP/1.1\r\n\r\n", b"404"),
        (b"\x00\xff\xfe\r\n\r\n", b"400"),
        (b"POST /plan HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST /plan HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /plan HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /plan HTTP/1.1\r\nContent-Length: 1\r\n\r\n{", b"400"),
        (b"POST /plan HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]", b"400"),
        (b"POST /mo HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (b'POST /mo HTTP/1.1\r\nContent-Length: 10\r\n\r\n{"text":1}', b"400"),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", b"413"),
    ],
)
def test_bad_requests_are_refused_and_the_door_stays_open(door, request_, status):
    with socket.create_connection(("127.0.0.1", door.control), 5) as line:
        line.sendall(request_)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert answer.split(b" ")[1] == status
    assert b"error" in answer
    assert door.call(lambda centre: centre.record.recipients) == 0


@pytest.fixture(scope="module")
def door():
    with running() as centre:
        yield centre


def test_a_plan_that_cannot_be_is_refused_at_the_door_step(tmp_path):
    command = [sys.executable, "-m", "simulators.smsc"]
    for plan, said in [('{"speed": 1}', "speed"), ("{", "plan:"), ("@/nowhere.json", "plan:")]:
        done = subprocess.run([*command, "--plan", plan], cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stdout == ""
    written = tmp_path / "plan.json"
    written.write_text('{"seed": 5}', "utf-8")
    with subprocess.Popen(
        [*command, "--plan", f"@{written}"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said.keys() == {"host", "port", "control"}
        submit(said["port"], 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
