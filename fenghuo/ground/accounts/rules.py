"""Who may do what, and why not. The answer is a reason in words, so that a grey button can give it."""

from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

from fenghuo.ground.accounts import queries
from fenghuo.ground.accounts.models import Account, Organisation, OrganisationProposal, PostProposal
from fenghuo.ground.accounts.rights import POSTS, RIGHTS, ROWS, Right
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.refusal import Refused

# From wide to narrow: of several posts the widest right counts.
_WIDTH: tuple[Right, ...] = (
    "may", "not_author", "organisation", "own_shift", "own_area", "own_village", "own", "sample", "second", "no"
)  # fmt: skip


class Names:
    """Posts in the words of whoever reads the sentence they stand in."""

    def __init__(self, posts: tuple[str, ...]) -> None:
        self.posts = posts

    def __str__(self) -> str:
        if (get_language() or "").startswith("zh"):
            return "、".join(POSTS[post].zh for post in self.posts)
        return ", ".join(POSTS[post].en for post in self.posts)


def right_of(*, account: Account, act: str) -> Right:
    """The widest right to `act` that the account's posts give, whatever the organisation. KeyError for an unknown act."""
    rights = RIGHTS[act]
    return min((rights[post] for post in queries.posts_of(account)), key=_WIDTH.index, default="no")


def posts() -> tuple[str, ...]:
    """The codes of all posts, in the order of the table."""
    return tuple(POSTS)


def posts_of(*, act: str) -> Names:
    """The posts that give any right to `act`, in the words of whoever reads them. KeyError for an unknown act."""
    return Names(tuple(post for post, right in RIGHTS[act].items() if right != "no"))


def seconds_of(*, act: str) -> tuple[str, ...]:
    """The posts of which one may be the second person where the right to `act` asks for two. KeyError for an unknown act."""
    return ROWS[act].seconds


def may(
    *, account: Account, act: str, organisation: Organisation | None = None, second: Account | None = None
) -> Refused | None:
    """None when the account may; otherwise why not.

    `organisation` is whose thing it is (default: the account's own). `second` is the other person where the right asks for one.
    Conditions on the thing itself ("not its author", "own village") are left to the room that keeps the thing: see `right_of`.
    """
    own = queries.organisation_of(account)
    target = organisation or own
    right = right_of(account=account, act=act)
    if target.pk != own.pk and not (ROWS[act].down and right != "no" and queries.below(own, target)):
        # As if it were not there: who may not reach it learns nothing about it.
        return Refused("missing", _("There is no such thing here."), kind="missing")
    if not account.is_active:
        return Refused("disabled", _("This account is disabled."), kind="forbidden")
    if right == "no":
        return _not_your_post(act)
    if right == "second":
        return _second_person(account, act, target, second)
    if act in ("accounts_create", "accounts_disable"):
        return _provisioner(own, target)
    return None


def require(
    *, account: Account, act: str, organisation: Organisation | None = None, second: Account | None = None
) -> None:
    """As `may`, raising the refusal."""
    refused = may(account=account, act=act, organisation=organisation, second=second)
    if refused is not None:
        raise refused


def may_approve(*, proposal: PostProposal, account: Account) -> Refused | None:
    """None when the account may approve a post given or taken, or an access renewed."""
    refused = may(account=account, act="posts_approve", organisation=proposal.organisation)
    if refused is None and account.person_id in (proposal.proposed_by_id, proposal.person_id):
        return Refused("another_person", _("Another person must approve this."), kind="forbidden")
    return refused


def may_decide(*, proposal: OrganisationProposal, account: Account) -> Refused | None:
    """None when the account may decide on what was proposed about an organisation. Who is above it decides, where anybody is."""
    about = proposal.organisation or proposal.upper
    act = "profile_approve" if proposal.act == "change" else "organisations_approve"
    refused = may(account=account, act=act, organisation=about)
    if refused is not None:
        return refused
    own = queries.organisation_of(account)
    if proposal.organisation is not None and own.pk == about.pk and queries.has_upper(about):
        return Refused("approved_above", _("The tier above this organisation approves this."), kind="forbidden")
    if account.person_id == proposal.proposed_by_id:
        return Refused("another_person", _("Another person must approve this."), kind="forbidden")
    return None


def _not_your_post(act: str) -> Refused:
    holders = tuple(post for post, right in RIGHTS[act].items() if right != "no")
    if not holders:
        return Refused("nobody", _("Nobody may do this: what is signed is kept."), kind="forbidden")
    return Refused(
        "not_your_post",
        _("Your posts do not include this. It is for: %(posts)s."),
        kind="forbidden",
        params={"posts": Names(holders)},
    )


def _second_person(account: Account, act: str, target: Organisation, second: Account | None) -> Refused | None:
    seconds = seconds_of(act=act)
    agreed = (
        second is not None
        and second.person_id != account.person_id
        and second.person.organisation_id == target.pk
        and not queries.posts_of(second).isdisjoint(seconds)
    )
    if agreed:
        return None
    return Refused(
        "second_person_needed",
        _("This takes a second person, one of: %(posts)s."),
        field="second",
        kind="forbidden",
        params={"posts": Names(seconds)},
    )


def _provisioner(own: Organisation, target: Organisation) -> Refused | None:
    """XC 7: where the tier above hands out accounts, the town itself does not; unless nobody above is on this installation."""
    if target.pk != own.pk or not queries.has_upper(own):
        return None
    if profiles.profile(own.profile).accounts.provisioner.value == "self":
        return None
    return Refused(
        "provisioned_above", _("Accounts of this organisation are given out by the tier above it."), kind="forbidden"
    )
