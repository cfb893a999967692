"""Connections that do not come about, or lead to somebody else, have a name of their own at once; TLS is checked to the letter."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenghuo.delivery.gateways.config import Gateway
from fenghuo.delivery.ledger import actions, queries, store
from simulators.http_gateway import Plan as HttpPlan
from simulators.http_gateway import running as http_running
from simulators.smsc import Plan, running
from tests.delivery.certificates import Authority
from tests.delivery.makers import freeze, gateway
from tests.delivery.running import QUICK, send_until, settled
from tests.delivery.test_http import account as http_account

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
LEAVE = threading.Event()


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does with every connection as it is told; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(2)
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join(10)


def refused(gate: Gateway, state: str, error: str, **timing: object) -> None:
    """Until the account shows so; nobody of a released broadcast is marked in any way."""
    frozen = freeze([10012300000 + i for i in range(40)])
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    quick = replace(QUICK, connect=2.0, **timing)  # type: ignore[arg-type]
    send_until(gate, lambda: store.health()[0][1:4:2] == (state, error), timing=quick)
    assert queries.progress([frozen.broadcast])[frozen.broadcast].unsent == 40


def hang_up(connection: socket.socket) -> None:
    connection.recv(1)


def talk_html(connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def say_nothing(connection: socket.socket) -> None:
    LEAVE.wait(3)


def talk_noise(connection: socket.socket) -> None:
    connection.recv(100)
    connection.sendall(bytes(range(256)))


@pytest.mark.parametrize(
    ("answer", "error"), [(hang_up, "login_closed"), (talk_html, "protocol"), (talk_noise, "protocol")]
)
def test_whoever_does_not_speak_cmpp_is_named_and_not_shown_as_connecting(answer, error: str) -> None:
    with answering(answer) as port:
        refused(gateway(port=port), "refused", error)


def test_a_name_that_the_dns_does_not_know() -> None:
    refused(gateway(host="gateway.invalid"), "down", "connect_unknown")


@contextmanager
def wrapped(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """TLS before a server that speaks none."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, back), carry(onward, writer), return_exceptions=True)

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_cmpp_runs_inside_tls(authority: Authority) -> None:
    frozen = freeze([10012300000 + i for i in range(5_000)])
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with running(Plan()) as centre, wrapped(centre.port, authority.server("127.0.0.1")) as port:
        gate = gateway(port=port, source_addr="900001", tls=True, tls_ca_file=authority.pem)
        send_until(gate, settled(frozen.broadcast), seconds=30)
        assert centre.call(lambda one: one.summary())["accepted"] == 5_000
    assert queries.progress([frozen.broadcast])[frozen.broadcast].delivered == 5_000


def test_http_runs_inside_tls_under_the_name_on_the_certificate(authority: Authority) -> None:
    frozen = freeze(
        [10012300000 + i for i in range(300)], text="【下仓镇】（演练）请转移。（演练结束）【蓟州区下仓镇】"
    )
    actions.order(kind="release", broadcast=frozen.broadcast, by={})
    with http_running(HttpPlan(), ssl=authority.server("sms.example")) as there:
        pinned: dict[str, Any] = {"tls": True, "tls_ca_file": authority.pem, "tls_server_name": "sms.example"}
        gate = http_account(there.port, **pinned)

        def taken() -> bool:
            return queries.progress([frozen.broadcast])[frozen.broadcast].accepted == 300

        send_until(gate, taken, seconds=30)
        assert there.call(lambda one: one.summary())["accepted"] == 300


@pytest.mark.parametrize(
    ("host", "days", "changes", "error"),
    [
        ("127.0.0.1", 30, {"tls_ca_file": None}, "tls_untrusted"),
        ("127.0.0.1", 30, {"tls_ca_file": "another"}, "tls_untrusted"),
        ("sms.example", 30, {}, "tls_name"),
        ("127.0.0.1", 30, {"tls_server_name": "sms.example"}, "tls_name"),
        ("127.0.0.1", -1, {}, "tls_expired"),
    ],
)
def test_a_certificate_that_is_not_right_refuses_the_gateway(
    authority: Authority, tmp_path: Path, host: str, days: int, changes: dict[str, object], error: str
) -> None:
    if changes.get("tls_ca_file") == "another":
        changes = {"tls_ca_file": Authority(tmp_path, "another").pem}
    with running(Plan()) as centre, wrapped(centre.port, authority.server(host, days)) as port:
        values: dict[str, Any] = {"tls": True, "tls_ca_file": authority.pem} | changes
        refused(gateway(port=port, source_addr="900001", **values), "refused", error)
        assert centre.call(lambda one: one.summary())["logins"] == 0


def test_a_gateway_without_tls_is_not_spoken_to_in_the_clear(authority: Authority) -> None:
    with answering(talk_html) as port:
        refused(gateway(port=port, tls=True, tls_ca_file=authority.pem), "refused", "tls_not_spoken")


def test_a_gateway_that_does_not_answer_the_handshake(authority: Authority) -> None:
    with answering(say_nothing) as port:
        refused(gateway(port=port, tls=True, tls_ca_file=authority.pem), "refused", "tls_timeout")


def test_a_file_of_authorities_that_holds_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    refused(gateway(tls=True, tls_ca_file=tmp_path / "ca.pem"), "refused", "tls_ca_file")
