"""Links that work once."""

from datetime import timedelta

from fenghuo.ground import clock
from fenghuo.ground.accounts import secret
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.models import Account, Invitation

LINK_LIFE = timedelta(hours=24)


def issue_link(*, account: Account, purpose: str, by: Account | None, ttl: timedelta = LINK_LIFE) -> Invitation:
    """Inside a transaction: a link (`.link_token`, shown once, only its hash kept). The account's older links stop working."""
    now = clock.now()
    account.invitations.filter(used_at=None).update(used_at=now)
    token = secret.token()
    invitation = Invitation.objects.create(
        account=account, purpose=purpose, token_hash=secret.digest(token), created_at=now, expires_at=now + ttl
    )
    invitation.link_token = token
    note(
        f"link_{purpose}",
        by=by,
        about=account,
        organisation=account.person.organisation,
        expires=(now + ttl).isoformat(),
    )
    return invitation


def use_link(invitation: Invitation) -> bool:
    """Inside a transaction: whether this is the one use of the link, whoever races."""
    now = clock.now()
    return bool(Invitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=now).update(used_at=now))
