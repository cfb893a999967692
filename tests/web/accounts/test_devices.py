"""Where a request comes from: what a guesser writes into headers is not believed."""

import pytest
from django.test import RequestFactory

from fenghuo.web.accounts import devices

PROXY = "10.0.0.80"


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "10.7.7.7", "10.1.2.3"),
        (PROXY, "10.1.2.3", "10.1.2.3"),
        (PROXY, "10.7.7.7, 10.1.2.3", "10.1.2.3"),
        (PROXY, f"10.7.7.7, 10.1.2.3, {PROXY}", "10.1.2.3"),
        (PROXY, "", PROXY),
        (PROXY, "nonsense", "local"),
        ("", "", "local"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "", "10.1.2.3"),
    ],
)
def test_the_network_is_the_one_we_can_know(settings, peer, forwarded, network):
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"proxies": [PROXY]})
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert devices.network(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)) == network


def test_the_name_of_a_browser_is_cut_and_printable():
    request = RequestFactory().get("/", headers={"User-Agent": "Chrome\x07\n" + "x" * 500})
    assert devices.browser(request) == "Chrome" + "x" * 114
