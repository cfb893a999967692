"""Posts are given and taken by two administrators: one proposes, another person approves (fault X6)."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries, rules
from fenghuo.ground.accounts.actions.links import issue_link
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.models import Account, Person, Posting, PostProposal
from fenghuo.ground.accounts.rights import ALONE, POSTS
from fenghuo.ground.refusal import Refused


@transaction.atomic
def propose_grant(*, person: Person, post: str, by: Account) -> PostProposal:
    """Propose that a person be given a post; nothing changes until a security administrator approves."""
    return propose(person=person, act="grant", post=post, by=by)


@transaction.atomic
def propose_revoke(*, person: Person, post: str, by: Account) -> PostProposal:
    """Propose that a post be taken from a person."""
    return propose(person=person, act="revoke", post=post, by=by)


@transaction.atomic
def propose_renewal(*, person: Person, by: Account) -> PostProposal:
    """Propose a new link for someone who lost password or keys.

    It takes two administrators, because whoever holds the link becomes that person.
    """
    return propose(person=person, act="renew", post="", by=by)


def propose(*, person: Person, act: str, post: str, by: Account) -> PostProposal:
    """Inside a transaction: write the proposal, refusing what could never be approved."""
    rules.require(account=by, act="posts_propose", organisation=person.organisation)
    if act == "grant" and post in ALONE and post != "auditor" and queries.provisioned_above(person.organisation):
        reason = _("This organisation has no administrators of its own: the tier above administers it.")
        raise Refused("administered_above", reason, field="posts", kind="conflict")
    held = set(person.postings.filter(until=None).values_list("post", flat=True))
    refused = _impossible(person, act, post, held)
    if refused is not None:
        raise refused
    try:
        with transaction.atomic():
            proposal = PostProposal.objects.create(
                person=person,
                organisation=person.organisation,
                act=act,
                post=post,
                proposed_by=by.person,
                proposed_at=clock.now(),
            )
    except IntegrityError as error:
        raise Refused(
            "already_proposed", _("This is already proposed and waits for approval."), kind="conflict"
        ) from error
    note(f"propose_{act}", by=by, about=person, organisation=person.organisation, post=post, proposal=proposal.pk)
    return proposal


@transaction.atomic
def approve_proposal(*, proposal: PostProposal, by: Account) -> PostProposal:
    """Another person agrees: it takes effect now. A renewal gives the approver the link to hand over (`.link_token`)."""
    organisation = proposal.organisation
    rules.require(account=by, act="posts_approve", organisation=organisation)
    if by.person_id in (proposal.proposed_by_id, proposal.person_id):
        raise Refused("another_person", _("Another person must approve this."), kind="forbidden")
    _decide(proposal, "approved", by)
    if proposal.act == "grant":
        _grant(proposal)
    elif proposal.act == "revoke":
        proposal.person.postings.filter(post=proposal.post, until=None).update(until=clock.now())
    else:
        proposal.link_token = issue_link(account=proposal.person.account, purpose="renew", by=by).link_token
    note(
        f"approve_{proposal.act}",
        by=by,
        about=proposal.person,
        organisation=organisation,
        post=proposal.post,
        proposal=proposal.pk,
    )
    return proposal


@transaction.atomic
def reject_proposal(*, proposal: PostProposal, reason: str, by: Account) -> PostProposal:
    """Another person does not agree, and says why."""
    rules.require(account=by, act="posts_approve", organisation=proposal.organisation)
    if not reason.strip():
        raise Refused("reason_missing", _("Give a reason; the journal keeps it."), field="reason")
    _decide(proposal, "rejected", by, reason.strip())
    note(
        f"reject_{proposal.act}", by=by, about=proposal.person, organisation=proposal.organisation,
        post=proposal.post, proposal=proposal.pk, reason=reason.strip(),
    )  # fmt: skip
    return proposal


def _impossible(person: Person, act: str, post: str, held: set[str]) -> Refused | None:
    if act == "renew":
        return None
    if post not in POSTS:
        return Refused("post_unknown", _("There is no such post."), field="posts")
    if act == "revoke" and post not in held:
        return Refused("not_held", _("This person does not hold this post."), field="posts", kind="conflict")
    if act == "grant" and post in held:
        return Refused("held", _("This person already holds this post."), field="posts", kind="conflict")
    waiting = set(person.proposals.filter(act="grant", decision="").values_list("post", flat=True))
    return _clash(post, held | waiting) if act == "grant" else None


def _clash(post: str, others: set[str]) -> Refused | None:
    if not (others - {post} and (post in ALONE or others & set(ALONE))):
        return None
    return Refused("post_alone", _("An administrator or auditor holds no other post."), field="posts", kind="conflict")


def _decide(proposal: PostProposal, decision: str, by: Account, reason: str = "") -> None:
    """The conditional update lets one decision win, whoever races."""
    open_ones = PostProposal.objects.filter(pk=proposal.pk, decision="")
    if not open_ones.update(decision=decision, decided_by=by.person, decided_at=clock.now(), reason=reason[:200]):
        raise Refused("already_decided", _("This proposal has already been decided."), kind="conflict")
    proposal.refresh_from_db()


def _grant(proposal: PostProposal) -> None:
    person = proposal.person
    account = Account.objects.filter(person=person, is_active=True).first()
    if account is None:
        raise Refused("disabled", _("This account is disabled."), kind="conflict")
    clash = _clash(proposal.post, set(person.postings.filter(until=None).values_list("post", flat=True)))
    if clash is not None:
        raise clash
    Posting.objects.create(person=person, organisation=proposal.organisation, post=proposal.post, since=clock.now())
