"""A reverse proxy that stands on another machine, or before a container: it says that people came over https."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fenghuo.ops.config import ConfigError, load
from fenghuo.ops.preparation import LOOPBACK, free_port
from tests.makers.instance import ROOT, initialised

PROXY, STRANGER = "127.0.0.2", "127.0.0.3"  # the loopback has many addresses
NAME = "yujing.example"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where web listens, told of a proxy that is not on this machine."""
    data = tmp_path_factory.mktemp("proxied") / "data"
    initialised(data)
    file = data / "fenghuo.toml"
    said = f'public_url = "https://{NAME}"\nhosts = ["{NAME}"]\nproxies = ["{PROXY}"]\n'
    file.write_text(said + file.read_text(encoding="utf-8"), encoding="utf-8")
    chosen = free_port(LOOPBACK)
    command = [sys.executable, "-m", "fenghuo", "web", "--data", str(data), "--bind", f"0.0.0.0:{chosen}"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FENGHUO_")}
    with (data / "web.log").open("w") as log, subprocess.Popen(command, stderr=log, cwd=ROOT, env=clean) as web:
        try:
            yield chosen
        finally:
            web.terminate()
            web.wait(30)


def _asked(port: int, caller: str, method: str, path: str, body: str = "", **headers: str) -> Any:
    """The answer to somebody who calls from that address; waits for web while it starts."""
    deadline = time.monotonic() + 60
    while True:
        line = http.client.HTTPConnection(LOOPBACK, port, timeout=30, source_address=(caller, 0))
        said = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3"}
        try:
            line.request(method, path, body, said | {name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
            answer.read()
            return answer
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "web never answered"
            time.sleep(0.1)
        finally:
            line.close()


@pytest.mark.parametrize(("caller", "taken"), [(PROXY, True), (LOOPBACK, True), (STRANGER, False)])
def test_a_form_that_came_over_https_is_taken_from_a_named_proxy_only(port: int, caller: str, taken: bool) -> None:
    page = _asked(port, caller, "GET", "/bootstrap/")
    found = re.search(r"fenghuo_csrf=(\w+)", page.headers["Set-Cookie"])
    assert found
    answer = _asked(
        port, caller, "POST", "/bootstrap/", f"csrfmiddlewaretoken={found[1]}",
        Cookie=f"fenghuo_csrf={found[1]}", Origin=f"https://{NAME}", Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status == (422 if taken else 403), "422: the form was read; 403: this page is out of date"


@pytest.mark.parametrize("wrong", ["proxy.example", "10.0.0.0/8", "10.0.0.1:80", "", "10.0.0.256"])
def test_a_proxy_that_is_no_address_is_named(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "fenghuo.toml").write_text(f'proxies = ["10.0.0.80", "{wrong}"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"proxies"):
        load(tmp_path)


def test_containers_believe_the_proxy_of_their_machine() -> None:
    """What comes in by a published port comes from the first address of the containers' network."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert compose["services"]["web"]["environment"]["FENGHUO_PROXIES"] == network["gateway"]
    assert network["gateway"].rpartition(".")[0] == network["subnet"].rpartition(".")[0]
