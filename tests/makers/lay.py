"""Run as a program in a data folder of its own: organisation, people, contacts, groups, tokens; prints them as one line of JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fenghuo.ops.settings")
django.setup()

from fenghuo.ground.accounts import actions as accounts  # noqa: E402
from fenghuo.ops import exercise  # noqa: E402
from fenghuo.ops.commands.demo import lay_out  # noqa: E402
from fenghuo.readiness.contacts import actions as contacts  # noqa: E402
from fenghuo.readiness.contacts.models import Group  # noqa: E402

NEIGHBOUR = {"area_code": "120119001", "name": "文昌街道", "profile": "xiacang"}


def person(account):
    """All that a test needs to act as this person."""
    return {
        "username": account.username,
        "name": account.person.name,
        "token": accounts.issue_token(account=account, by=None, name="test"),
        "totp_secret": accounts.give_totp_for_exercise(account=account),
        "enter": accounts.sign_in_link(account=account),
        "codes": accounts.print_codes(account=account),
    }


def main(recipients: int) -> None:
    organisation = lay_out(with_roster=recipients == 0)
    if recipients:
        rows = exercise.crowd(organisation, recipients)
        contacts.load_many(organisation=organisation, rows=rows, by=None)
    neighbour = accounts.create_organisation(**NEIGHBOUR, by=None)
    stranger = accounts.enrol_for_exercise(
        organisation=neighbour, name="文昌街道甲", username="wenchang.01", posts=("entry", "reviewer")
    )
    # Nobody but the test that stops an account needs this one: the installation is shared by many.
    accounts.enrol_for_exercise(
        organisation=neighbour, name="文昌街道乙", username="wenchang.02", posts=("resource_keeper",)
    )
    people = {post: person(account) for post, account in exercise.people(organisation).items()}
    groups = {one.name: one.id for one in Group.objects.filter(organisation=organisation)}
    told = {
        "organisation": organisation.id,
        "area": organisation.area_id,
        "groups": groups,
        "people": {**people, "stranger": person(stranger)},
    }
    print(json.dumps(told, ensure_ascii=False))


main(int(sys.argv[1]))
