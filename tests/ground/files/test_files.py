"""Attachments: what comes in, what is kept of it, and that it stays."""

import hashlib
import io
import os
import time
from pathlib import Path

import pypdfium2
import pytest
from django.db import DatabaseError, connection, transaction
from PIL import Image

from fenghuo.ground.accounts import actions as accounts
from fenghuo.ground.accounts.models import Account, Organisation
from fenghuo.ground.files import actions, queries, rules, triggers
from fenghuo.ground.files.models import Attachment
from fenghuo.ground.ids import new_id
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from tests.ground.files import corpus
from tests.makers import areas

HOSTILE = corpus.hostile()


@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_hostile_comes_in_and_the_reason_is_in_words(case: str) -> None:
    name, data = HOSTILE[case]
    begun = time.process_time()
    with pytest.raises(Refused) as refused:
        rules.admit(data, name)
    assert refused.value.field == "file"
    assert str(refused.value)
    assert time.process_time() - begun < 10


def test_an_image_is_drawn_anew_with_nothing_beside_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "<script>"  # description
    exif[0x0112] = 6  # on its side
    arrived = corpus.picture("JPEG", (60, 40), exif=exif, comment=b"<script>") + b"PK\x03\x04" + corpus.SCRIPT
    kept = rules.admit(arrived, "scan.php.png")
    assert (kept.media_type, kept.name) == ("image/jpeg", "scan.php.jpg")
    assert b"script" not in kept.data
    assert b"PK" not in kept.data
    with Image.open(io.BytesIO(kept.data)) as image:
        assert image.size == (40, 60)  # upright
        assert not image.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_that_scanners_make_is_kept(mode: str) -> None:
    kept = rules.admit(corpus.picture("PNG", mode=mode), "x.png")
    with Image.open(io.BytesIO(kept.data)) as image:
        image.load()
        assert image.size == (60, 40)


def test_a_jpeg_of_four_inks_is_kept_in_three() -> None:
    with Image.open(io.BytesIO(rules.admit(corpus.picture("JPEG", mode="CMYK"), "x").data)) as image:
        assert image.mode == "RGB"


def test_a_pdf_is_kept_byte_for_byte() -> None:
    arrived = corpus.pdf(3)
    kept = rules.admit(arrived, "审批表（签字）.PDF")
    assert kept.data == arrived
    assert (kept.media_type, kept.name) == ("application/pdf", "审批表（签字）.pdf")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\x\\审批表.exe", "审批表.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ("x\r\nSet-Cookie: a", "xSet-Cookie a.pdf"),
        ("x\x00.html", "x.pdf"),
        ('"><script>', "script.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("长" * 300, "长" * 96 + ".pdf"),
    ],
)
def test_a_name_is_its_last_part_with_the_ending_of_what_it_is(typed: str, kept: str) -> None:
    assert rules.named(typed, rules.PDF) == kept


# --- Kept -----------------------------------------------------------------------------------------------------------------
@pytest.fixture
def town(db: None) -> Organisation:
    areas.shipped()
    return accounts.create_organisation(area_code="120119111", name="下仓镇", profile="xiacang", by=None)


@pytest.fixture
def duty(town: Organisation) -> Account:
    return accounts.enrol_for_exercise(organisation=town, name="值班员", username="duty.one", posts=("duty_officer",))


def attach(duty: Account, data: bytes, subject: str = "") -> Attachment:
    return actions.attach(
        organisation=duty.person.organisation,
        subject_kind="alert",
        subject=subject or new_id(),
        purpose="approval_scan",
        name="审批表.pdf",
        data=data,
        by=duty,
    )


def test_what_is_attached_is_on_the_disk_in_the_journal_and_read_back_whole(duty: Account) -> None:
    data = corpus.pdf()
    one = attach(duty, data)
    path = queries.folder() / one.place
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert one.sha256 == one.arrived_sha256 == hashlib.sha256(data).hexdigest()
    assert path.name not in (one.id, one.sha256, one.name)
    assert queries.content(one) == data
    entry = JournalEntry.objects.filter(act="files.attach").get()
    assert (entry.subject, entry.detail["sha256"], entry.actor["name"]) == (one.subject, one.sha256, "值班员")


def test_who_has_no_hand_in_alerts_attaches_nothing(town: Organisation) -> None:
    auditor = accounts.enrol_for_exercise(organisation=town, name="审计员", username="auditor.one", posts=("auditor",))
    with pytest.raises(Refused) as refused:
        attach(auditor, corpus.pdf())
    assert refused.value.kind == "forbidden"
    assert not Attachment.objects.exists()


def test_the_same_file_is_attached_once_to_one_thing(duty: Account) -> None:
    data, subject = corpus.pdf(), new_id()
    attach(duty, data, subject)
    with pytest.raises(Refused) as refused:
        attach(duty, data, subject)
    assert (refused.value.code, refused.value.kind) == ("already_attached", "conflict")
    attach(duty, data)
    assert Attachment.objects.count() == 2


def test_one_thing_holds_so_many_and_no_more(duty: Account) -> None:
    subject = new_id()
    for number in range(actions.MOST_OF_ONE):
        attach(duty, corpus.picture("PNG", (number + 1, 1)), subject)
    with pytest.raises(Refused, match="50"):
        attach(duty, corpus.picture("PNG", (1, 99)), subject)


def test_another_organisations_attachment_is_missing(duty: Account) -> None:
    one = attach(duty, corpus.pdf())
    other = accounts.create_organisation(area_code="120119001", name="文昌街道", profile="xiacang", by=None)
    with pytest.raises(Refused) as refused:
        queries.one(other, one.id)
    assert refused.value.kind == "missing"
    assert queries.one(duty.person.organisation, one.id) == one


def test_bytes_that_changed_on_the_disk_are_never_served_as_the_proof(duty: Account) -> None:
    one = attach(duty, corpus.pdf())
    path = queries.folder() / one.place
    path.write_bytes(corpus.pdf(2))
    with pytest.raises(Refused) as refused:
        queries.content(one)
    assert refused.value.kind == "unavailable"
    path.unlink()
    with pytest.raises(Refused):
        queries.content(one)


def test_the_database_refuses_to_change_or_forget_an_attachment(duty: Account) -> None:
    one = attach(duty, corpus.pdf())
    triggers.install(connection)
    try:
        for forget in (
            lambda: Attachment.objects.filter(pk=one.pk).update(name="anders.pdf"),
            lambda: Attachment.objects.filter(pk=one.pk).delete(),
        ):
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
                forget()
    finally:
        triggers.remove(connection)
    assert Attachment.objects.get(pk=one.pk).name == one.name


def test_a_row_that_cannot_be_written_leaves_no_file_and_a_crash_only_one_that_is_swept(duty: Account) -> None:
    kept = attach(duty, corpus.pdf())
    stray = _stray(kept, hours=25)
    fresh = _stray(kept, hours=1)
    assert actions.sweep() == 1
    assert not stray.exists()
    assert fresh.exists()
    assert queries.content(kept)
    old = time.time() - 90_000
    os.utime(queries.folder() / kept.place, (old, old))
    assert actions.sweep() == 0
    assert queries.content(kept)


def _stray(kept: Attachment, hours: int) -> Path:
    path = (queries.folder() / kept.place).with_name(new_id())
    path.write_bytes(b"x")
    at = time.time() - hours * 3600
    os.utime(path, (at, at))
    return path


def test_the_corpus_itself_holds_good_files_that_do_come_in() -> None:
    """A corpus whose honest files were refused would prove nothing by refusing the others."""
    for data in (
        corpus.picture("PNG"),
        corpus.picture("JPEG"),
        corpus.pdf(),
        corpus.pdf(200),
        corpus.written([b"<</Type/Catalog/Pages 2 0 R>>", *corpus.PAGES]),
        corpus.acting(b"<</S/GoTo/D[3 0 R/Fit]>>"),  # as scanners write it: begin at the first page
        corpus.acting(b"<</S/URI/URI(https://www.example.org/)>>", where="touch"),  # as a browser prints a link
    ):
        assert rules.admit(data, "x").data
    document = pypdfium2.PdfDocument(corpus.scripted_pdf())
    assert len(document) == 1
    document.close()
