"""Scans beside an alert, by the page: added, listed, downloaded and nothing else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fenghuo.ground.files.models import Attachment
from tests.ground.files import corpus
from tests.web.world import World, make

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])

HOSTILE = corpus.hostile()


def send(world: World, post: str, path: str, name: str, data: bytes, purpose: str = "approval_scan"):
    file = SimpleUploadedFile(name, data, content_type="text/html")
    return world.client(post).post(path, {"file": file, "purpose": purpose})


def test_a_signed_paper_is_attached_after_the_release_and_downloaded_whole(world: World) -> None:
    alert = world.signed()
    path = f"/alerts/{alert.id}/attachments/"
    data = corpus.pdf(2)
    answer = send(world, "signer", path, "审批表（签字盖章）.pdf", data)
    assert answer.status_code == 302
    html = world.client("auditor").get(path).content.decode()
    assert "审批表（签字盖章）.pdf" in html
    assert "下仓镇签发员" in html
    one = Attachment.objects.get()
    got = world.client("auditor").get(f"{path}{one.id}/")
    assert got.content == data
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_of_the_hostile_corpus_is_accepted(world: World, case: str) -> None:
    alert = world.draft()
    name, data = HOSTILE[case]
    answer = send(world, "entry", f"/alerts/{alert.id}/attachments/", name, data)
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_form_without_a_file_or_with_an_unknown_purpose_is_told_so(world: World) -> None:
    alert = world.draft()
    path = f"/alerts/{alert.id}/attachments/"
    assert world.client("entry").post(path, {"purpose": "other"}).status_code == 422
    assert send(world, "entry", path, "a.pdf", corpus.pdf(), purpose="virus").status_code == 422
    data = corpus.pdf()
    assert send(world, "entry", path, "a.pdf", data).status_code == 302
    assert send(world, "entry", path, "b.pdf", data).status_code == 409
    assert Attachment.objects.count() == 1


def test_who_reads_only_attaches_nothing_and_a_stranger_finds_nothing(world: World) -> None:
    alert, other = world.signed(), world.draft()
    path = f"/alerts/{alert.id}/attachments/"
    assert send(world, "auditor", path, "a.pdf", corpus.pdf()).status_code == 403
    send(world, "entry", path, "a.pdf", corpus.pdf())
    one = Attachment.objects.get()
    neighbour = make(name="邻镇", numbers_from=500)
    theirs = neighbour.draft()
    assert neighbour.client("entry").get(path).status_code == 404
    assert send(neighbour, "entry", path, "a.pdf", corpus.pdf()).status_code == 404
    for wrong in (f"{path}{one.id}/", f"/alerts/{theirs.id}/attachments/{one.id}/"):
        assert neighbour.client("entry").get(wrong).status_code == 404
    assert world.client("entry").get(f"/alerts/{other.id}/attachments/{one.id}/").status_code == 404
    assert world.client("system_admin").get(f"{path}{one.id}/").status_code == 403
    assert world.client("entry").get(f"{path}x%00/").status_code == 404
