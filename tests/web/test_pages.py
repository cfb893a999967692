"""Every page opens for whoever has business there, in both languages, with the strict headers."""

import pytest

from tests.web.world import World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"


def pages(world: World) -> dict[str, str]:
    """Path to the post that opens it."""
    draft, submitted, signed = world.draft(), world.submitted(), world.signed()
    approved = world.approved()
    return {
        "/": "entry",
        "/alerts/": "entry",
        "/alerts/?state=draft&text=暴雨": "auditor",
        "/alerts/new/": "entry",
        f"/alerts/{draft.id}/edit/": "entry",
        f"/alerts/{submitted.id}/review/": "reviewer",
        f"/alerts/{approved.id}/review/": "leader",
        f"/alerts/{approved.id}/sign/": "signer",
        f"/alerts/{signed.id}/progress/": "duty_officer",
        f"/alerts/{signed.id}/progress/?part": "duty_officer",
        f"/alerts/{signed.id}/recipients/": "duty_officer",
        f"/alerts/{signed.id}/recipients/?state=unsent&page=2": "duty_officer",
        f"/alerts/{signed.id}/recall/": "signer",
        "/in-doubt/": "duty_officer",
        "/gateways/": "system_admin",
        "/sending/pause/": "entry",
        "/sending/resume/": "signer",
        "/operation-log/": "duty_officer",
        "/workflow/": "leader",
        "/areas/?text=xcz": "entry",
        f"/alerts/{signed.id}/papers/": "auditor",
        f"/alerts/{signed.id}/attachments/": "entry",
        "/journal/": "auditor",
        "/contacts/": "resource_keeper",
        "/contacts/new/": "resource_keeper",
        "/groups/": "resource_keeper",
        "/templates/": "entry",
        "/templates/new/": "entry",
        f"/groups/{world.group.id}/": "resource_keeper",
        "/current/": "auditor",
        "/past/": "auditor",
        f"/v/{signed.code}": "auditor",
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_with_the_strict_headers(world: World, language: str) -> None:
    for path, post in pages(world).items():
        client = world.client(post)
        client.cookies["django_language"] = language
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert answer.headers["Content-Security-Policy"].startswith(POLICY), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        html = answer.content.decode()
        for forbidden in ("<style", " style=", "javascript:", " onclick=", " hx-on", '="http://', '="https://'):
            assert forbidden not in html, f"{path}: {forbidden}"
