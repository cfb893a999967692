"""The whole network (全网): telling everyone takes a second approval, by a leader who neither wrote nor signs."""

from django.db import IntegrityError, transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts.models import Account
from fenghuo.warning.alerts import rules, states
from fenghuo.warning.alerts.actions.kept import moved_on, note
from fenghuo.warning.alerts.actions.review import same_digest
from fenghuo.warning.alerts.actions.sign import same_number
from fenghuo.warning.alerts.models import Alert


def approve_network(*, alert: Alert, digest: str, people: int, by: Account) -> Alert:
    """The second approval; `people` is the number the leader typed and must equal the frozen count."""
    rules.require(alert=alert, verb="approve_network", account=by)
    same_digest(alert, digest)
    same_number(alert, people)
    waiting = Alert.objects.filter(
        pk=alert.pk,
        version=alert.version,
        digest=digest,
        whole_network=True,
        state__in=(states.REVIEWED, states.APPROVED),
        network_approver_person=None,
    )
    try:
        with transaction.atomic():
            if not waiting.update(network_approver_person=by.person, updated_at=clock.now()):
                raise moved_on(alert)
            note(alert, "approve_network", by, digest=digest, count=people)
    except IntegrityError:
        rules.require(alert=Alert.objects.get(pk=alert.pk), verb="approve_network", account=by)
        raise
    alert.refresh_from_db()
    return alert
