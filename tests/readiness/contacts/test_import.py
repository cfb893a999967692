"""A town office's own list, with its mistakes: wrong lines are named, right ones kept, a second time changes nothing."""

import io

import pytest

from fenghuo.ground.accounts.models import Organisation
from fenghuo.ground.areas.models import Area
from fenghuo.ground.journal.models import JournalEntry
from fenghuo.ground.refusal import Refused
from fenghuo.readiness.contacts import actions, queries
from fenghuo.readiness.contacts.actions import Report
from fenghuo.readiness.contacts.models import Contact, ContactNumber, Group
from fenghuo.readiness.contacts.rules import Row

pytestmark = pytest.mark.django_db

HEADER = "姓名,辖区,职务,手机,标签,风险,群组\n"


def read(town: Organisation, text: str, encoding: str = "utf-8") -> Report:
    return actions.import_csv(organisation=town, file=io.BytesIO(text.encode(encoding)), by=None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_kept_with_numbers_tags_and_groups(town: Organisation, encoding: str):
    village = Area.objects.filter(parent_id="120119111").first()
    assert village
    report = read(
        town,
        HEADER
        + f"下仓书记,{village.name},书记,1000000 0001；+86 10000000002,防汛、党员,3,村级责任人;防汛组\n"
        + ",,,,,,\n会计,120119111,,,,,\n",
        encoding,
    )
    assert (report.rows, report.added, report.updated, report.errors) == (2, 2, 0, [])
    contact = Contact.objects.get(name="下仓书记")
    assert (contact.area_id, contact.position, contact.risk, contact.tags) == (village.code, "书记", 3, ",党员,防汛,")
    assert sorted(contact.numbers.values_list("address", flat=True)) == [10000000001, 10000000002]
    assert set(Group.objects.filter(members__contact=contact).values_list("name", flat=True)) == {
        "村级责任人",
        "防汛组",
    }
    assert not Contact.objects.get(name="会计").numbers.exists()


def test_english_headings_in_any_order(town: Organisation):
    report = read(town, "phone,note,name,area\n10000000001,x,Someone,120119111\n")
    assert (report.added, report.errors) == (1, [])


def test_wrong_lines_are_named_and_the_rest_is_kept(town: Organisation):
    report = read(
        town,
        HEADER
        + "甲,120119111,,10000000001,,,\n"  # 2
        + "乙,120119111,,12345,,,\n"
        + ",120119111,,10000000002,,,\n"
        + "丙,999,,10000000003,,,\n"
        + "丁,120119111,,10000000004,,高,\n"
        + "戊,120119111,,10000000001,,,\n"
        + f"{'长' * 61},120119111,,10000000005,,,\n"
        + "己,120119111,,10000000006,,99,\n"
        + '"庚\x07",120119111,,10000000007,,,\n'
        + "辛,120119111,,10000000008,,,\n",
    )
    assert (report.rows, report.added, report.refused) == (10, 2, 8)
    assert [(error.line, error.field) for error in report.errors] == [
        (3, "phone"), (4, "name"), (5, "area"), (6, "risk"), (7, "phone"), (8, "name"), (9, "risk"), (10, "name")
    ]  # fmt: skip
    assert "12345" in report.errors[0].reason.in_language("en")
    assert set(Contact.objects.values_list("name", flat=True)) == {"甲", "辛"}


def test_the_same_list_twice_changes_nothing(town: Organisation):
    text = HEADER + "甲,120119111,书记,10000000001,,,组\n乙,120119111,,,,,\n"
    read(town, text)
    again = read(town, text)
    assert (again.rows, again.added, again.updated, again.errors) == (2, 0, 0, [])
    changed = read(town, text.replace("书记", "主任"))
    assert (changed.added, changed.updated) == (0, 1)
    assert (Contact.objects.count(), ContactNumber.objects.count()) == (2, 1)


def test_a_number_has_one_owner(town: Organisation):
    read(town, HEADER + "甲,120119111,,10000000001,,,\n乙,120119111,,10000000002,,,\n")
    for line, code in (
        ("丙,120119111,,10000000001", "number_taken"),
        ("甲,120119111,,10000000001;10000000002", "numbers_of_two"),
    ):
        assert [error.reason.code for error in read(town, HEADER + line + ",,,\n").errors] == [code]
    contact = Contact.objects.get(name="甲")
    with pytest.raises(Refused) as caught:
        actions.edit_contact(contact=contact, name="甲", area="120119111", numbers=["10000000002"], by=None)
    assert (caught.value.code, caught.value.kind) == ("number_taken", "conflict")
    assert queries.contact(town, contact.id).numbers.get().address == 10000000001


@pytest.mark.parametrize("content", [b"", b"name,phone\nx,1\n", b"\x81\xff\x81", b"PK\x03\x04" + b"\x00" * 60])
def test_a_file_of_another_kind_is_refused(town: Organisation, content: bytes):
    with pytest.raises(Refused) as caught:
        actions.import_csv(organisation=town, file=io.BytesIO(content), by=None)
    assert caught.value.field == "file"


def test_the_journal_keeps_counts_but_no_names_or_numbers(town: Organisation):
    read(town, HEADER + "甲某,120119111,,10000000001,,,\n")
    entry = JournalEntry.objects.get(act="contacts.load")
    assert entry.detail == {"rows": 1, "added": 1, "updated": 0}
    assert "甲某" not in str(entry.__dict__)
    assert "10000000001" not in str(entry.__dict__)


def test_a_hundred_thousand_people_are_loaded_in_batches(town: Organisation):
    rows = (Row(f"村民{k}", "120119111", (10_000_000_000 + k,)) for k in range(12_000))
    report = actions.load_many(organisation=town, rows=rows, by=None)
    assert (report.rows, report.added) == (12_000, 12_000)
    # Three transactions, each with its own journal row: the desk is never held up for the whole load.
    assert [entry.detail["added"] for entry in JournalEntry.objects.filter(act="contacts.load")] == [5000, 5000, 2000]
