"""Coming in and going out: sessions, the devices that are known, and what ends them."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from fenghuo.ground import clock
from fenghuo.ground.accounts import queries, secret
from fenghuo.ground.accounts.actions.mode import only_in_exercise
from fenghuo.ground.accounts.actions.notes import note
from fenghuo.ground.accounts.actions.proofs import consume_step_up
from fenghuo.ground.accounts.models import Account, KnownDevice, OpenSession, StepUp
from fenghuo.ground.journal import actions as journal

SEEN_EVERY = timedelta(seconds=60)  # how finely a session's last use is kept


@transaction.atomic
def open_session(*, account: Account, proof: StepUp | None, place: str, browser: str) -> OpenSession:
    """Someone has shown who they are. `proof`: the second factor, for `presence_digest`; None: an exercise's link."""
    now = clock.now()
    account.place = place
    if proof is None:
        only_in_exercise()
    else:
        consume_step_up(step_up=proof, account=account, digest=queries.presence_digest(account))
    factor, confirmed = (proof.factor, now) if proof else ("link", None)
    opened = OpenSession.objects.create(
        account=account,
        factor=factor,
        place=place[:80],
        browser=browser[:120],
        opened_at=now,
        seen_at=now,
        confirmed_at=confirmed,
    )
    account.last_login = now
    account.save(update_fields=["last_login"])
    note("sign_in", by=account, organisation=account.person.organisation, factor=factor, session=opened.pk)
    return opened


def touch_session(*, session: OpenSession) -> None:
    """Keep when a session was last used, at most once a minute."""
    now = clock.now()
    if now - session.seen_at >= SEEN_EVERY:
        OpenSession.objects.filter(pk=session.pk, ended_at=None).update(seen_at=now)


@transaction.atomic
def end_session(*, session: OpenSession, by: Account) -> None:
    """End one of one's own sessions, here or on another computer; ending it twice changes nothing."""
    if OpenSession.objects.filter(pk=session.pk, account=by, ended_at=None).update(ended_at=clock.now()):
        note("session_end", by=by, organisation=by.person.organisation, session=session.pk)


@transaction.atomic
def end_other_sessions(*, account: Account, keep: OpenSession | None, by: Account) -> int:
    """End every session of an account but the one it acts from. Returns how many."""
    found = account.open_sessions.filter(ended_at=None)
    ended = found.exclude(pk=keep.pk if keep else "").update(ended_at=clock.now())
    if ended:
        note("sessions_end", by=by, about=account, organisation=account.person.organisation, count=ended)
    return ended


@transaction.atomic
def know_device(*, account: Account, token: str, name: str) -> KnownDevice:
    """Remember that this account signed in on this device (its random token is in a signed cookie there)."""
    now = clock.now()
    device, new = KnownDevice.objects.update_or_create(
        account=account,
        token_hash=secret.digest(token),
        defaults={"seen_at": now, "name": name[:120], "failures": 0, "failed_at": None},
        create_defaults={"seen_at": now, "name": name[:120], "created_at": now},
    )
    if new:
        note("device_known", by=account, organisation=account.person.organisation, device=device.pk)
    return device


@transaction.atomic
def forget_device(*, device: KnownDevice, by: Account) -> None:
    """A device given away or lost: from now on it is a stranger."""
    if by.known_devices.filter(pk=device.pk).delete()[0]:
        note("device_forgotten", by=by, organisation=by.person.organisation, device=device.pk)


def device_failed(*, username: str, token: str) -> None:
    """A wrong password on a known device: counted there, and nowhere else."""
    now = clock.now()
    found = KnownDevice.objects.filter(account__username=username, token_hash=secret.digest(token))
    old = Q(failed_at=None) | Q(failed_at__lt=now - queries.DEVICE_WINDOW)
    if not found.filter(old).update(failures=1, failed_at=now):
        found.update(failures=F("failures") + 1)


@transaction.atomic
def sign_in_failed(*, username: str, place: str, stage: str) -> None:
    """A failed attempt is an act too. `stage`: password, factor.

    A name that is nobody's is not written down, because it may be a password typed into the wrong field; that the attempt was
    made is, and takes the same time (fault X3).
    """
    account = Account.objects.filter(username=username).first()
    person = account.person if account else None
    journal.record(
        act="accounts.sign_in_failed",
        by=None,
        organisation=person.organisation_id if person else "",
        subject=person.pk if person else "",
        detail={"place": place, "stage": stage, "name": person.name if person else ""},
    )


@transaction.atomic
def confirm(*, session: OpenSession, proof: StepUp, by: Account) -> None:
    """The person at this session has just shown a second factor: for some minutes it may change its own keys."""
    consume_step_up(step_up=proof, account=by, digest=queries.presence_digest(by))
    OpenSession.objects.filter(pk=session.pk, account=by).update(confirmed_at=clock.now())
    note("confirmed", by=by, organisation=by.person.organisation, factor=proof.factor, session=session.pk)
