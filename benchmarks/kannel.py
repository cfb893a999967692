"""Debian's kannel as a measure: its HTTP door in, SMPP out to the same simulated SMS centre.

`receipts`: one number to a request, a delivery report for each, called back over HTTP: like for like with ours, but that kannel
keeps nothing on disk. `best`: a hundred numbers to a request and no reports at all. Void unless the centre accepted every number
once and, where asked for, every report was called back.

    python -m benchmarks.kannel --recipients 5000 --json          needs Debian's package kannel
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote

from benchmarks import children
from benchmarks.bare_loop import BODY
from fenghuo.ops.preparation import free_port
from fenghuo.wire import text
from simulators.smsc import Remote, launched

CONNECTIONS = 32  # kept open; more makes it no faster
BOXES = ("bearerbox", "smsbox")
MISSING = "Debian's package kannel is not installed (as root: apt-get install kannel)"
SECONDS = 300.0

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = fenghuo
smsbox-port = {smsbox}
dlr-storage = internal
log-file = "{folder}/bearerbox.log"
log-level = 3

group = smsc
smsc = smpp
smsc-id = one
host = 127.0.0.1
port = {smpp}
smsc-username = 900001
smsc-password = exercise
system-type = ""
transceiver-mode = true
max-pending-submits = 100

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"
log-level = 3
http-request-retry = 3

group = sendsms-user
username = u
password = p
max-messages = 10
concatenation = true
"""


class Void(Exception):
    """The run proves nothing."""


def missing() -> str:
    """What has to be installed first, or nothing."""
    return "" if all(shutil.which(box, path=PATH) for box in BOXES) else MISSING


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@contextmanager
def boxes(folder: Path, smpp: int) -> Iterator[int]:
    """Both of kannel's processes; the port of the HTTP door. They end with the block."""
    ports = {name: free_port("127.0.0.1") for name in ("admin", "smsbox", "http")}
    (folder / "kannel.conf").write_text(CONFIGURATION.format(folder=folder, smpp=smpp, **ports), encoding="ascii")
    started: list[subprocess.Popen[bytes]] = []
    try:
        for box, port in zip(BOXES, (ports["smsbox"], ports["http"]), strict=True):
            command = [*children.TETHERED, str(shutil.which(box, path=PATH)), "-v", "4", str(folder / "kannel.conf")]
            quiet = subprocess.DEVNULL
            started.append(subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet))
            asyncio.run(_answers(port))
        yield ports["http"]
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _answers(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise Void(f"kannel does not listen on {port}")


async def _bound(centre: Remote) -> None:
    for _ in range(400):
        if (await asyncio.to_thread(centre.summary))["logins"]:
            return
        await asyncio.sleep(0.05)
    raise Void("kannel did not bind at the centre")


class Called(asyncio.Protocol):
    """Counts the reports that kannel calls back, on as many connections as it likes."""

    def __init__(self, left: list[int], done: asyncio.Event) -> None:
        self._left = left
        self._done = done
        self._end = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        whole = self._end + data
        requests = whole.count(b"\r\n\r\n")
        self._end = whole.rpartition(b"\r\n\r\n")[2]
        self._left[0] -= requests
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * requests)
        if self._left[0] <= 0:
            self._done.set()


async def _drive(port: int, centre: Remote, numbers: list[str], each: int, receipts: bool) -> float:
    await _bound(centre)
    left, all_called = [len(numbers)], asyncio.Event()
    door = await asyncio.get_running_loop().create_server(lambda: Called(left, all_called), "127.0.0.1", 0)
    back = f"http://127.0.0.1:{door.sockets[0].getsockname()[1]}/dlr?to=%p&type=%d"
    said = quote(text.compose("【下仓镇】", BODY, "", exercise=True))
    fixed = f"/cgi-bin/sendsms?username=u&password=p&from=12379&coding=2&charset=UTF-8&text={said}"
    if receipts:
        fixed += f"&dlr-mask=3&dlr-url={quote(back, safe='')}"
    requests = iter([fixed + "&to=" + "+".join(numbers[at : at + each]) for at in range(0, len(numbers), each)])
    began = time.perf_counter()
    await asyncio.gather(*(_ask(port, requests) for _ in range(CONNECTIONS)))
    if receipts:
        await asyncio.wait_for(all_called.wait(), SECONDS)
    while (await asyncio.to_thread(centre.summary))["accepted"] < len(numbers):
        if time.perf_counter() - began > SECONDS:
            raise Void("the centre was not told of everybody")
        await asyncio.sleep(0.02)
    seconds = time.perf_counter() - began
    door.close()
    return seconds


async def _ask(port: int, requests: Iterator[str]) -> None:
    """One connection that asks until nothing is left to ask."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(f"GET {request} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n".encode("ascii"))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b" 202 " not in head.partition(b"\r\n")[0] + b" ":
            raise Void(f"kannel answered {head.partition(bytes([13]))[0]!r} {body!r}")
    writer.close()


def run(recipients: int, *, each: int, receipts: bool) -> dict[str, float]:
    """Seconds from the first request to the last report called back, or, without reports, to the last number accepted."""
    numbers = [f"100{k:08d}" for k in range(recipients)]
    with launched({"protocol": "smpp"}) as centre, tempfile.TemporaryDirectory(prefix="fenghuo-kannel-") as name:
        with boxes(Path(name), centre.port) as port:
            seconds = asyncio.run(_drive(port, centre, numbers, each, receipts))
        told = sorted(row["number"] for row in centre.rows())
    if told != numbers:
        raise Void(f"the centre accepted {len(told)} of {recipients}")
    return {"recipients": recipients, "seconds": seconds, "recipients_per_s": round(recipients / seconds)}


def main(arguments: list[str] | None = None) -> int:
    """Both ways, once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kannel", description=__doc__.splitlines()[0])
    parser.add_argument("--recipients", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    if missing():
        print(missing(), file=sys.stderr)
        return 3
    try:
        found = {
            "receipts": run(chosen.recipients, each=1, receipts=True),
            "best": run(4 * chosen.recipients, each=100, receipts=False),
        }
    except Void as void:
        print(f"void: {void}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:9} {one['recipients_per_s']:>8,.0f}/s" for name, one in found.items()))
    return 0


if __name__ == "__main__":
    children.tidy()
    sys.exit(main())
