"""Our simulated SMS centre as others see it: smpp34's client, and kannel with delivery reports."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from simulators.smsc import Account, Plan, Threaded, running
from tests.makers.instance import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.peer]
PLAN = Plan(protocol="smpp", accounts=(Account(sp_id="peer", secret="exercise"),), failing_ratio={"UNDELIV": 0.2})

KANNEL = """
group = core
admin-port = {admin}
admin-password = none
smsbox-port = {boxes}
box-allow-ip = 127.0.0.1
log-level = 1
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = fenghuo
host = 127.0.0.1
port = {port}
smsc-username = peer
smsc-password = exercise
system-type = ""
transceiver-mode = true
max-pending-submits = 50
enquire-link-interval = 2
alt-charset = ASCII

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
log-level = 1

group = sendsms-user
username = tester
password = tester
concatenation = true
max-messages = 5

group = sms-service
keyword = default
text = none
"""


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_until(what, seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def test_smpp34_submits_and_gets_a_receipt_for_each() -> None:
    with running(PLAN) as centre:
        command = [sys.executable, "-m", "tests.delivery.peers.rust", "client", str(centre.port), "500"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        rows = centre.call(lambda one: list(one.record.rows()))
    seen = json.loads(done.stdout)
    assert (seen["ids"], seen["matched"], len(rows)) == (500, 500, 500)
    failed = sum(row.stat == "UNDELIV" for row in rows)
    assert seen["stats"] == {"DELIVRD": 500 - failed, "UNDELIV": failed}
    assert {row.text for row in rows} == {"今晚有暴雨，请注意。"}


@contextmanager
def reports() -> Iterator[tuple[int, list[str]]]:
    """A door that kannel calls for each delivery report; gives its port and the paths it was called with."""
    heard: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1], heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def kannel(folder: Path, centre: Threaded) -> Iterator[int]:
    """bearerbox and smsbox beside the test; gives the port that takes messages over HTTP."""
    admin, boxes, sendsms = free_ports(3)
    settings = folder / "kannel.conf"
    settings.write_text(KANNEL.format(admin=admin, boxes=boxes, sendsms=sendsms, port=centre.port))
    with ExitStack() as stack:
        log = stack.enter_context((folder / "kannel.log").open("wb"))
        for program, door in (("bearerbox", boxes), ("smsbox", sendsms)):
            found = shutil.which(program) or f"/usr/sbin/{program}"
            process = stack.enter_context(subprocess.Popen([found, str(settings)], stdout=log, stderr=log, cwd=folder))
            stack.callback(process.wait)
            stack.callback(process.kill)
            wait_until(lambda door=door: _listening(door))
        yield sendsms


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_kannel_sends_long_texts_and_gets_a_delivery_report_for_each(tmp_path: Path) -> None:
    said = "【下仓镇】" + "今夜有大到暴雨请转移。" * 9
    numbers = [str(10012300000 + k) for k in range(60)]
    with running(PLAN) as centre, reports() as (door, heard), kannel(tmp_path, centre) as sendsms:
        wait_until(lambda: centre.call(lambda one: len(one.bound())) == 1)
        for number in numbers:
            query = {
                "username": "tester",
                "password": "tester",
                "to": number,
                "from": "12379",
                "coding": "2",
                "charset": "UTF-8",
                "text": said,
                "dlr-mask": "3",
                "dlr-url": f"http://127.0.0.1:{door}/?to=%p&type=%d",
            }
            with urllib.request.urlopen(
                f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms?{urllib.parse.urlencode(query)}"
            ) as said_:
                assert said_.status == 202
        wait_until(lambda: len(heard) >= len(numbers))
        rows = centre.call(lambda one: list(one.record.rows()))
        summary = centre.call(lambda one: one.summary())
    told = {path["to"][0]: path["type"][0] for path in (urllib.parse.parse_qs(one[2:]) for one in heard)}
    parts = {number: [row for row in rows if row.number == number] for number in numbers}
    assert {number: "".join(row.text for row in own) for number, own in parts.items()} == dict.fromkeys(numbers, said)
    assert {len(own) for own in parts.values()} == {2}
    # kannel's types: 1 delivered, 2 not; it reports one for each message
    wanted = {number: "2" if any(row.stat == "UNDELIV" for row in own) else "1" for number, own in parts.items()}
    assert told == wanted
    assert "2" in wanted.values()
    assert summary["reports_acknowledged"] == 60, "kannel asks for a report on one part of each message"
