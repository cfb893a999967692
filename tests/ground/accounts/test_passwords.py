"""The old pattern (XC 7) and what else everybody here could guess."""

import random

import pytest

from fenghuo.ground.accounts import passwords

PLACES = ["JZ", "BD", "WQ", "TC", "bz", "xc", "TJ", "JZQ", "tjsjzq", "LS"]
TOWNS = ["xcz", "xczrmzf", "bzx", "sgz", "dkz", "XCZ", "xiacang", "zjz", "lhz", "xlz"]
DIGITS = ["123456", "12345678", "123", "1234567890", "2024", "20171208", "888888", "12379", "001122", "301900"]
MARKS = ["", "_", "-", "@", ".", "#"]


def old_passwords(count):
    """`JZ_xczlr123456` and its kin: initials of place and town, the old account's name, digits, in the usual orders."""
    chance = random.Random(7)
    made: set[str] = set()
    while len(made) < count:
        place, town, digits, mark = (chance.choice(kind) for kind in (PLACES, TOWNS, DIGITS, MARKS))
        account = chance.choice(["lr", "qf", "LR", "QF", "Lr", "Qf"])
        shape = chance.choice(
            [
                "{p}_{t}{a}{d}", "{t}{a}{d}", "{p}{m}{t}{m}{a}{m}{d}", "{p}{t}{a}{d}!", "{t}_{a}_{d}", "{a}{d}{t}{p}",
                "{d}{a}_{p}_{t}", "{p}{m}{a}{m}{d}{d}", "{t}{m}{d}{m}{a}", "{a}_{t}@{d}",
            ]
        )  # fmt: skip
        word = shape.format(p=place, t=town, a=account, d=digits, m=mark)
        if len(word) >= passwords.MINIMUM:
            made.add(word)
    return sorted(made)


def test_five_hundred_of_the_old_pattern_are_refused():
    refused = [word for word in old_passwords(500) if passwords.problems(word)]
    assert len(refused) == 500


def test_the_very_password_of_the_document_is_refused_by_name(town):
    found = passwords.problems("JZ_xczlr123456", organisation=town)
    assert "password_pattern" in [one.code for one in found]
    assert "lr" in found[0].in_language("en")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("short", "password_short"),
        ("elevenchars", "password_short"),
        ("x" * 129, "password_long"),
        ("1234567890123", "password_guessable"),
        ("qwertyuiop123", "password_common"),
        ("Password123456", "password_common"),
        ("aaaaaaaaaaaaaaaa", "password_guessable"),
        ("abcdefghijklmnop", "password_guessable"),
        ("tjsjzqxcz2026!!", "password_guessable"),
        ("Xiacang-12379-fabu", "password_guessable"),
        ("下仓镇天津市蓟州区下仓镇", "password_guessable"),
        ("第九人13912345678", "password_guessable"),
        ("wang.jianguo2026!", "password_guessable"),
    ],
)
def test_what_others_can_guess_is_refused(hire, town, word, code):
    account = hire("entry", organisation=town)
    account.person.name, account.person.phone = "第九人", "13912345678"
    found = passwords.problems(word, person=account.person, username="wang.jianguo")
    assert code in [one.code for one in found]
    assert all(one.field == "password" and one.in_language("zh-hans") and one.in_language("en") for one in found)


@pytest.mark.parametrize(
    "word",
    [
        "correct horse battery",
        "v9lrTq8#mZpw2",
        "三只白鹭 over still water",
        "梨花院落溶溶月柳絮池塘淡淡风",
        "kettle-orbit-72-moss",
    ],
)
def test_an_honest_password_is_taken(hire, town, word):
    account = hire("entry", organisation=town)
    assert passwords.problems(word, person=account.person, username=account.username) == []


@pytest.mark.parametrize(
    ("name", "letters"),
    [("下仓镇", "xcz"), ("武清区", "wqq"), ("太仓市", "tcs"), ("Xia 仓 1", "xiac1"), ("𠮷", ""), ("", "")],
)
def test_initials_are_those_people_type(name, letters):
    assert passwords.initials(name) == letters
