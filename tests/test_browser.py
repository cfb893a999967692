"""The watch over the browser sees what it must: a journey that passes it passed without a single complaint."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.browser import Authenticator, Watch

pytestmark = pytest.mark.browser

POLICY = "default-src 'none'; script-src 'self'; img-src *; connect-src 'self'; base-uri 'none'"
SCRIPTS = {
    "/error.js": "console.error('the map did not load')",
    "/throws.js": "setTimeout(() => { throw new Error('no such island') })",
    "/posts.js": "fetch('/refused', {method: 'POST'})",
    "/quiet.js": "console.log('ready')",
}
BODIES = {
    "/": '<main><h1>烽火</h1><p>一切正常</p></main><script src="/quiet.js"></script>',
    "/error": '<script src="/error.js"></script>',
    "/throws": '<script src="/throws.js"></script>',
    "/posts": '<script src="/posts.js"></script>',
    "/inline": "<script>document.title = 'inline'</script>",
    "/elsewhere": '<img alt="" src="http://elsewhere.invalid/pixel.png">',
    "/unlabelled": '<main><h1>烽火</h1><img src="/picture.svg"></main>',
}


class Pages(BaseHTTPRequestHandler):
    """A few pages, each with one thing wrong."""

    def answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path in SCRIPTS:
            self.answer(200, "text/javascript", SCRIPTS[self.path])
        elif self.path in BODIES:
            head = '<!doctype html><html lang="zh"><title>烽火</title><link rel="icon" href="/picture.svg">'
            self.answer(200, "text/html", head + BODIES[self.path])
        elif self.path == "/picture.svg":
            self.answer(200, "image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
        else:
            self.answer(404, "text/plain", "not here")

    def do_POST(self) -> None:
        self.answer(422, "text/plain", "")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def complaints(watch: Watch, page: Page, url: str) -> str:
    """What the watch says about a page; taken from it, so that this test passes."""
    page.goto(url, wait_until="networkidle")
    said = "\n".join(watch.complaints)
    watch.complaints.clear()
    return said


def test_a_clean_page_passes_the_watch_and_axe(
    page: Page, site: str, watch: Watch, axe: Callable[[Page], None]
) -> None:
    page.goto(site, wait_until="networkidle")
    axe(page)
    assert watch.complaints == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/error", "the map did not load"),
        ("/throws", "no such island"),
        ("/inline", "CSP script-src-elem refused inline"),
        ("/elsewhere", "request to another host: http://elsewhere.invalid/pixel.png"),
        ("/posts", "status of 422"),
        ("/missing", "status of 404"),
    ],
)
def test_the_watch_sees(path: str, said: str, page: Page, site: str, watch: Watch) -> None:
    assert said in complaints(watch, page, site + path)


def test_an_announced_refusal_is_no_complaint(page: Page, site: str, watch: Watch) -> None:
    watch.expect(422)
    assert complaints(watch, page, f"{site}/posts") == ""


def test_a_page_somebody_else_has_open_is_watched_too(people: Callable[..., Page], site: str, watch: Watch) -> None:
    people().goto(site)
    assert "the map did not load" in complaints(watch, people(), f"{site}/error")


def test_axe_finds_a_picture_without_words(page: Page, site: str, axe: Callable[[Page], None]) -> None:
    page.goto(f"{site}/unlabelled")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


CREATE = """async () => {
    const bytes = new Uint8Array(16)
    const made = await navigator.credentials.create({publicKey: {
        challenge: bytes, rp: {name: "烽火"}, user: {id: bytes, name: "签发岗", displayName: "签发岗"},
        pubKeyCredParams: [{type: "public-key", alg: -7}], authenticatorSelection: {userVerification: "required"}}})
    return made.type
}"""


def test_a_passkey_can_be_made(page: Page, site: str, passkey: Callable[[Page], Authenticator]) -> None:
    page.goto(site)
    authenticator = passkey(page)
    assert page.evaluate(CREATE) == "public-key"
    assert [credential["rpId"] for credential in authenticator.credentials()] == ["localhost"]
