"""A real browser for the tests: Debian's Chromium, driven by Playwright, that reports what a careful eye would.

A pytest plugin. `page` is a page of its own context; `people` makes more of them (two people at two desks). Whatever happens on
any of them is watched: an error in the console, an exception, a violation of the content security policy or a request to
any host but this machine fails the test at its end. The browser's own note of a 4xx is allowed when the test announced the
status: `watch.expect(422)`. `axe(page)` asks axe-core; `passkey(page)` plugs in a virtual authenticator.
"""

import os
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine has an address: a request that our watch reports has not left either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
HERE = {"localhost", "127.0.0.1", "::1"}
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
WAIT_MS = 10_000
AXE = Path(__file__).parent / "vendor/axe.min.js"
REPORTS = Path(__file__).parent.parent / "build/reports"

NOTE_OF_A_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})\b")
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", event =>
    console.error(`CSP ${event.effectiveDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`))
"""

# What passed is only counted: to bring every element of it here took four times as long as to examine them.
RUN_AXE = (
    "async () => { const found = await axe.run(); return {violations: found.violations, passes: found.passes.length} }"
)


@dataclass
class Watch:
    """What went wrong on the pages of one test, in words. A test that provokes something reads `complaints` and clears it."""

    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def expect(self, *statuses: int) -> None:
        """Answers with these statuses (400–499) are part of this test; the browser may note them."""
        self.expected.update(status for status in statuses if 400 <= status < 500)

    def over(self, context: BrowserContext) -> None:
        """Watch everything that happens in a context."""
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"exception: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "assert"}:
            return
        note = NOTE_OF_A_STATUS.match(message.text)
        if note and int(note[1]) in self.expected:
            return
        self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in HERE:
            self.complaints.append(f"request to another host: {request.url}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for this test process, with an empty profile."""
    # Playwright's loop runs in this thread, which Django takes for asynchronous code; the tests are not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What went wrong on this test's pages; anything left in it at the end fails the test."""
    watching = Watch()
    yield watching
    if watching.complaints:
        pytest.fail("On the pages of this test:\n" + "\n".join(watching.complaints), pytrace=False)


@pytest.fixture
def people(chromium: Browser, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Make a page in a context (cookies, storage) of its own: one call per person. Options as for Playwright's `new_context`.

    When the test fails, a picture of each page is left in build/reports/.
    """
    contexts: list[BrowserContext] = []

    def sit_down(**options: Any) -> Page:
        desk = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESK, "accept_downloads": True}
        context = chromium.new_context(**{**desk, **options})
        context.set_default_timeout(WAIT_MS)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield sit_down
    failed = request.node.stash.get(FAILED, False) or bool(watch.complaints)
    for number, page in enumerate(page for context in contexts for page in context.pages):
        if failed:
            REPORTS.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w-]+", "-", request.node.name)
            page.screenshot(path=REPORTS / f"{name}-{number}.png", full_page=True)
    for context in contexts:
        context.close()


@pytest.fixture
def page(people: Callable[..., Page]) -> Page:
    """One person's page, at a desk of 1366×768."""
    return people()


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` fails with every accessibility rule that axe-core finds broken on the page as it stands."""
    source = AXE.read_text(encoding="utf-8")

    def examine(page: Page) -> None:
        page.evaluate(source)
        found = page.evaluate(RUN_AXE)
        assert found["passes"], "axe examined nothing"
        broken = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert not broken, f"{page.url}\n" + "\n".join(broken)

    return examine


@dataclass(frozen=True)
class Authenticator:
    """A virtual platform authenticator: it verifies its user and agrees at once."""

    session: CDPSession
    id: str

    def credentials(self) -> list[dict[str, Any]]:
        """The passkeys it holds: `credentialId`, `rpId`, `signCount`, …"""
        held: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return held

    def verifies(self, user: bool) -> None:
        """Whether the next ceremonies succeed in verifying the user (a wrong finger does not)."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": user})


@pytest.fixture
def passkey() -> Callable[[Page], Authenticator]:
    """`passkey(page)` plugs a virtual authenticator into the page. The page's host must be a name: localhost."""

    def plug_in(page: Page) -> Authenticator:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return Authenticator(session, added["authenticatorId"])

    return plug_in


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a fixture know at its end that its test failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
