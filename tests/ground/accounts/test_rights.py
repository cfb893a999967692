"""Every act against every post: what FAULTS §4 says, no more and no less."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from fenghuo.ground.accounts import rights, rules
from fenghuo.ground.accounts.models import Posting
from fenghuo.ground.refusal import Refused


def refusal(**question: Any) -> Refused:
    """Why not; fails when it may."""
    refused = rules.may(**question)
    assert refused is not None, question
    return refused


POSTS = [
    "entry",
    "reviewer",
    "signer",
    "leader",
    "duty_officer",
    "resource_keeper",
    "village_contact",
    "system_admin",
    "security_admin",
    "auditor",
]
# Typed from FAULTS §4, column by column as above: m may, a not what one drafted, 2 with a second person, o own, s own shift,
# O organisation, r own area, v own village, p sample, - no.
TABLE = {
    "draft": "mm--m-----",
    "review": "-aaa------",
    "approve": "---m------",
    "record_approval": "----m-----",
    "sign": "--a-------",
    "recall": "-mmm2-----",
    "correct": "-mmm2-----",
    "lift": "-mmm2-----",
    "pause": "mmmmm--mmm",
    "resume": "--m-------",
    "clue": "mmmmmmr---",
    "phone_report": "---mm-----",
    "written_report_draft": "mm--m-----",
    "written_report_sign": "--mm------",
    "mark_sensitive": "-mmmm-----",
    "final_report": "-mmmm-----",
    "confirm_receipt": "---mm-m---",
    "contacts_view": "--p-mmv---",
    "contacts_edit": "-----m----",
    "contacts_export": "-----2---2",
    "resources_edit": "-----mv---",
    "resources_approve": "---m------",
    "response_propose": "----m-----",
    "response_approve": "---m------",
    "disclosure_draft": "mm--m-----",
    "disclosure_approve": "---m------",
    "accounts_create": "-------m--",
    "accounts_disable": "-------m--",
    "posts_propose": "-------m--",
    "posts_approve": "--------m-",
    "gateways_propose": "-------m--",
    "gateways_approve": "--------m-",
    "peers_propose": "-------m--",
    "peers_approve": "--------m-",
    "profile_propose": "-------m--",
    "profile_approve": "--------m-",
    "journal_read": "oooOsoo--m",
    "journal_export": "---------m",
    "delete_signed": "----------",
    # ours, see rights.toml
    "organisations_propose": "-------m--",
    "organisations_approve": "--------m-",
    "alerts_read": "mmmmmm---m",
    "settle_in_doubt": "-mmmm-----",
    "template_write": "mm--m-----",
    "template_approve": "--aa------",
    "attach": "mmmmm-----",
    "approval_ask": "mmm-m-----",
    "approve_network": "---a------",
    "release_urgent": "--m-------",
    "urgent_confirm": "-mmmm-----",
    "urgent_review": "-mmm------",
    "replies_read": "----m----m",
    "arrivals": "mm--m-----",
    "gateways_read": "mmmmmm-mmm",
    "gateways_note": "mmmmm--mm-",
}
LETTERS = {
    "m": "may", "a": "not_author", "2": "second", "o": "own", "s": "own_shift", "O": "organisation",
    "r": "own_area", "v": "own_village", "p": "sample", "-": "no",
}  # fmt: skip


def test_the_file_names_the_posts_in_the_order_of_the_table():
    assert list(rights.POSTS) == POSTS


def test_every_act_against_every_post(hire):
    accounts = {post: hire(post) for post in POSTS}
    assert set(rights.RIGHTS) == set(TABLE)
    for act, cells in TABLE.items():
        for post, letter in zip(POSTS, cells, strict=True):
            right = rules.right_of(account=accounts[post], act=act)
            assert right == LETTERS[letter], (act, post)
            refused = rules.may(account=accounts[post], act=act)
            assert (refused is None) == (letter not in "-2"), (act, post)
            if letter == "2":
                assert refused is not None
                assert refused.code == "second_person_needed"


def test_without_a_post_nothing_is_allowed(hire):
    nobody = hire()
    assert all(rules.may(account=nobody, act=act) for act in TABLE)


def test_a_disabled_account_may_nothing(hire):
    account = hire("entry")
    account.is_active = False
    assert all(rules.may(account=account, act=act) for act in TABLE)


def test_of_several_posts_the_widest_right_counts(hire):
    assert rules.right_of(account=hire("duty_officer", "reviewer"), act="recall") == "may"
    assert rules.right_of(account=hire("entry", "leader"), act="journal_read") == "organisation"


def test_another_organisation_is_as_if_it_were_not_there(hire, county, town):
    for act in TABLE:
        refused = rules.may(account=hire("reviewer", "signer", organisation=town), act=act, organisation=county)
        assert refused is not None
        assert refused.kind == "missing"


@pytest.mark.parametrize(("post", "act"), [("system_admin", "accounts_create"), ("security_admin", "posts_approve")])
def test_administrators_reach_the_organisations_below_and_never_those_above(hire, county, town, post, act):
    assert rules.may(account=hire(post), act=act, organisation=town) is None
    assert refusal(account=hire(post, organisation=town), act=act, organisation=county).kind == "missing"


def test_a_hosted_town_gives_out_no_accounts(hire, town):
    refused = refusal(account=hire("system_admin", organisation=town), act="accounts_create")
    assert refused.code == "provisioned_above"


def test_the_second_person_is_another_person_of_the_right_post_and_place(hire, county, town):
    officer, leader = hire("duty_officer"), hire("leader")
    both = hire("duty_officer", "leader")
    assert rules.may(account=officer, act="recall", second=leader) is None
    assert rules.may(account=both, act="recall") is None
    for other in (officer, hire("entry"), hire("leader", organisation=town)):
        assert refusal(account=officer, act="recall", second=other).code == "second_person_needed"


def test_a_refusal_says_whose_it_is_in_both_languages(hire):
    with pytest.raises(Refused) as caught:
        rules.require(account=hire("entry"), act="approve")
    assert "leader" in caught.value.in_language("en")
    assert "领导" in caught.value.in_language("zh-hans")


def test_what_is_signed_is_deleted_by_nobody(hire):
    assert all(rules.may(account=hire(post), act="delete_signed") for post in POSTS)


@pytest.mark.parametrize("alone", ["system_admin", "security_admin", "auditor"])
@pytest.mark.parametrize("other", POSTS)
@pytest.mark.parametrize("first", ["alone", "other"])
def test_the_database_refuses_another_post_beside_an_administrators(hire, county, alone, other, first):
    if alone == other:
        return
    held, added = (alone, other) if first == "alone" else (other, alone)
    account = hire(held)
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(person=account.person, organisation=county, post=added, since=timezone.now())
    Posting.objects.filter(person=account.person).update(until=timezone.now())
    Posting.objects.create(person=account.person, organisation=county, post=added, since=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ground_posting SET until = NULL WHERE person_id = %s", [account.person_id])


def test_the_database_knows_no_other_posts(hire, county):
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(person=hire().person, organisation=county, post="chief", since=timezone.now())


def test_the_page_in_the_documentation_is_this_file():
    page = Path(rights.__file__).parents[3] / "docs/reference/rights.md"
    assert page.read_text(encoding="utf-8") == rights.table(), "write it anew: python -m fenghuo.ground.accounts.rights"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('acts = ["x"]\nen = "x"\nzh = "x"\nrights = { chief = "may" }', "unknown posts"),
        ('acts = ["x", "x"]\nen = "x"\nzh = "x"\nrights = {}', "two rows"),
        ('acts = ["x", "y"]\nen = "x"\nzh = "x"\nrights = { entry = ["may"] }', "1 rights for 2 acts"),
        ('acts = ["x"]\nen = "x"\nzh = "x"\nrights = { entry = "second" }', "who is the second person"),
        ('acts = ["x"]\nen = "x"\nzh = "x"\nrights = { entry = "perhaps" }', "entry"),
    ],
)
def test_a_matrix_that_contradicts_itself_does_not_load(tmp_path, line, complaint):
    path = tmp_path / "rights.toml"
    path.write_text(f'[posts.entry]\nzh = "录入"\nen = "entry"\n[[rows]]\n{line}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        rights.load(path)
