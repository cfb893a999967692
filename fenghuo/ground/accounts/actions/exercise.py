"""Short cuts that exist in an exercise data folder only: people at their posts at once, and links that open a session.

A live installation refuses every one of them: there a person comes in by password and second factor, and a post takes two
administrators.
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import factors, queries, secret
from fenghuo.ground.accounts.actions.links import LINK_LIFE, issue_link, use_link
from fenghuo.ground.accounts.actions.mode import only_in_exercise
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.people import enrol
from fenghuo.ground.accounts.models import Account, Organisation, Posting, TotpKey
from fenghuo.ground.accounts.rights import ALONE, POSTS
from fenghuo.ground.refusal import Refused


@transaction.atomic
def enrol_for_exercise(
    *, organisation: Organisation, name: str, username: str, posts: tuple[str, ...] | list[str], phone: str = ""
) -> Account:
    """A person at work at once: account and effective posts, no password yet."""
    only_in_exercise()
    unknown = set(posts) - set(POSTS)
    if unknown or (len(set(posts)) > 1 and set(posts) & set(ALONE)):
        raise Refused(
            "post_alone", _("An administrator or auditor holds no other post."), field="posts", kind="conflict"
        )
    account = enrol(organisation=organisation, name=name, username=username, phone=phone, by=None, another_person=True)
    now = clock.now()
    for post in sorted(set(posts)):
        Posting.objects.create(person=account.person, organisation=organisation, post=post, since=now)
        note("grant", by=None, about=account, organisation=organisation, post=post, exercise=True)
    return account


@transaction.atomic
def sign_in_link(*, account: Account, ttl: timedelta = LINK_LIFE) -> str:
    """The token of a link /enter/<token>/ that opens one session without password; the one before stops working."""
    only_in_exercise()
    return issue_link(account=account, purpose="enter", by=None, ttl=ttl).link_token


@transaction.atomic
def enter(*, token: str) -> Account:
    """Use such a link up. The caller opens the session. Raises Refused when it is used, expired, or the folder is live."""
    only_in_exercise()
    invitation = queries.invitation(token, purposes=("enter",))
    if invitation is None or not use_link(invitation):
        reason = _("This link has been used or has run out. The command that made it makes new ones.")
        raise Refused("link_dead", reason, kind="missing")
    return invitation.account


@transaction.atomic
def give_totp_for_exercise(*, account: Account) -> str:
    """An authenticator's key (base 32) without a page, for drills and rehearsals that sign by themselves."""
    only_in_exercise()
    made = factors.new_totp_secret()
    TotpKey.objects.update_or_create(account=account, defaults={"sealed": secret.seal(made), "created_at": clock.now()})
    account.refresh_from_db()
    note("totp_set", by=None, about=account, organisation=account.person.organisation, exercise=True)
    return made
